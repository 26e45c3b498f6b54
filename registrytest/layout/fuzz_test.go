// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// FuzzIndexFile changes what another tool has written. Afterwards the text
// says what was asked for, and of others what it said before.
func FuzzIndexFile(f *testing.F) {
	dgst, other := digest.FromString("x"), digest.FromString("y")
	for _, text := range []string{
		`null`, `{}`, `{"manifests":null}`, `{"manifests":[null,{}]}`,
		`{"schemaVersion":2,"annotations":{"a":"b"},"manifests":[{"mediaType":"a/b","digest":"` + dgst.String() + `","size":1}]}`,
		`{"Manifests":[{"Digest":"` + other.String() + `","Annotations":{"org.opencontainers.image.ref.name":"v1"},"annotations":{"a":"b"}}]}`,
		`{"manifests":[{"digest":"` + other.String() + `","annotations":{"org.opencontainers.image.ref.name":"v1"}},{"digest":"` + other.String() + `"}]}`,
		`{"manifests":[{"digest":"` + dgst.String() + `","annotations":{"org.opencontainers.image.ref.name":"v1"}},{"annotations":{"org.opencontainers.image.ref.name":"v1"}}]}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := parseIndexFile([]byte(text))
		if err != nil {
			return
		}
		unnamed := func(x indexFile) (list []ocispec.Descriptor) {
			for _, e := range x.entries {
				if e.desc.Digest != dgst && e.name() != "v1" && e.name() != "" {
					list = append(list, e.desc)
				}
			}
			return list
		}
		before := unnamed(x)
		again := func() {
			b, err := x.encode()
			require.NoError(t, err)
			x, err = parseIndexFile(b)
			require.NoError(t, err)
			require.Equal(t, before, unnamed(x))
		}
		named := func() (digests []digest.Digest) {
			for _, e := range x.entries {
				if e.name() == "v1" {
					digests = append(digests, e.desc.Digest)
				}
			}
			return slices.Compact(digests)
		}
		x.list(ocispec.Descriptor{MediaType: "a/b", Digest: dgst, Size: 7})
		x.tag(dgst, "v1")
		again()
		require.Equal(t, []digest.Digest{dgst}, named())
		x.untag("v1", "")
		again()
		require.NotContains(t, named(), dgst)
		require.GreaterOrEqual(t, x.find(dgst), 0)
		x.drop(dgst)
		again()
		require.Negative(t, x.find(dgst))
	})
}

// FuzzRepository: a store keeps whatever has the grammar of a name in its place,
// or refuses it.
func FuzzRepository(f *testing.F) {
	for _, name := range []string{"a", "a/b", "a/../b", "..", "/a", "a//b", "blobs", "a/blobs/b", "index.json", "a/oci-layout", "", "a/uploads", ".uploads", "C:/x", `a\b`} {
		f.Add(name)
	}
	l := &layouts{}
	f.Fuzz(func(t *testing.T, name string) {
		dir, err := l.repoDir(name)
		if err != nil {
			return
		}
		require.True(t, grammar.ValidName(name), name)
		file := (&repository{dir: dir}).blobPath(digest.FromString("x"))
		require.True(t, strings.HasPrefix(path.Clean(file), name+"/blobs/sha256/"), file)
	})
}
