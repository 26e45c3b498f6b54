// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
)

// fstestSkill is a skill of three files, one of them hidden.
func fstestSkill(name string) fstest.MapFS {
	return fstest.MapFS{
		skills.SkillFileName: {Data: []byte("---\nname: " + name + "\ndescription: Shows things. Use it in tests.\n---\nDo as " + name + " does.\n")},
		"scripts/run.sh":     {Data: []byte("#!/bin/sh\necho " + name + "\n")},
		".skillignore":       {Data: []byte("!.env\n")},
		".env":               {Data: []byte("NAME=" + name + "\n")},
	}
}

// addScripts adds seeds of chance, the same each time.
func addScripts(f *testing.F, n int) {
	random := rand.NewChaCha8([32]byte{})
	for i := range n {
		seed := make([]byte, 4+i%60)
		_, _ = random.Read(seed)
		f.Add(seed)
	}
}

// mediaTypes that a root may be called.
var rootTypes = []string{ocispec.MediaTypeImageIndex, ocispec.MediaTypeImageManifest}

// FuzzDocumentsAgree edits the index, the manifests and the configurations of a
// skill: members twice, twins of members, members of another document. The same
// digest must be one skill, whatever it is called and whoever reads it.
func FuzzDocumentsAgree(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1})
	addScripts(f, 40)
	f.Fuzz(func(t *testing.T, data []byte) {
		src := editedStore(&script{data})
		var layers []digest.Digest
		for _, src.mediaType = range rootTypes {
			got := agree(t, src, "x")
			agreeOnPull(t, src, got)
			if got.inspected != nil {
				layers = append(layers, got.inspected.Layer.Digest)
			}
		}
		require.LessOrEqual(t, len(layers), 1, "one digest is two skills")
		if len(data) == 0 {
			require.Len(t, layers, 1, "what was not edited is a skill")
		}
	})
}

// editedStore holds two skills, one of them edited.
func editedStore(s *script) *rawStore {
	src := &rawStore{blobs: map[digest.Digest][]byte{}}
	var donors []*node
	for _, d := range fuzzDocuments() {
		for _, doc := range [][]byte{d.index, d.manifests[0], d.manifests[1], d.configs[0], d.configs[1]} {
			src.put(doc)
			donors = append(donors, parseNode(doc))
		}
		src.put(d.layer)
	}
	demo := fuzzDocuments()[0]
	bare := s.pick(2) == 1
	edited := func(doc *node) []byte {
		for range one(s, []int{0, 0, 1, 0, 2, 0, 3, 1}) {
			s.edit(doc, donors)
		}
		data := []byte(doc.String())
		src.put(data)
		return data
	}
	index := parseNode(demo.index)
	for i := range demo.manifests {
		config := edited(parseNode(demo.configs[i]))
		doc := parseNode(demo.manifests[i])
		describeInto(doc.at("config"), config)
		manifest := edited(doc)
		describeInto(index.at("manifests").kids[i], manifest)
		if bare {
			src.root = digest.FromBytes(manifest)
			return src
		}
	}
	src.root = digest.FromBytes(edited(index))
	return src
}
