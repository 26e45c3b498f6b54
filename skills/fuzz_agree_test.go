// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// fuzzLimits are far below the defaults: they have to hold too.
var fuzzLimits = skills.Limits{MaxFiles: 20, MaxBytes: 1 << 20}

// rawStore serves documents without looking into them, as a registry does, and
// calls its root what mediaType says.
type rawStore struct {
	blobs     map[digest.Digest][]byte
	mediaType string
	root      digest.Digest
}

func (s *rawStore) put(data []byte) digest.Digest {
	dgst := digest.FromBytes(data)
	s.blobs[dgst] = data
	return dgst
}

func (s *rawStore) Resolve(context.Context, string) (ocispec.Descriptor, error) {
	return ocispec.Descriptor{MediaType: s.mediaType, Digest: s.root, Size: int64(len(s.blobs[s.root]))}, nil
}

func (s *rawStore) Exists(_ context.Context, desc ocispec.Descriptor) (bool, error) {
	_, ok := s.blobs[desc.Digest]
	return ok, nil
}

func (s *rawStore) Fetch(_ context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	data, ok := s.blobs[desc.Digest]
	if !ok {
		return nil, fmt.Errorf("%s: %w", desc.Digest, errdef.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// RoundTrip answers the requests of a pull.
func (s *rawStore) RoundTrip(request *http.Request) (*http.Response, error) {
	name := request.URL.Path[strings.LastIndex(request.URL.Path, "/")+1:]
	mediaType := ocispec.MediaTypeImageManifest
	if name == "x" {
		name = s.root.String()
	}
	if name == s.root.String() {
		mediaType = s.mediaType
	}
	response := &http.Response{StatusCode: http.StatusNotFound, Request: request, Header: http.Header{}, Body: http.NoBody,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	data, ok := s.blobs[digest.Digest(name)]
	if !ok {
		return response, nil
	}
	response.StatusCode, response.ContentLength = http.StatusOK, int64(len(data))
	response.Header.Set("Content-Type", mediaType)
	response.Header.Set("Content-Length", strconv.Itoa(len(data)))
	response.Header.Set("Docker-Content-Digest", name)
	if request.Method == http.MethodGet {
		response.Body = io.NopCloser(bytes.NewReader(data))
	}
	return response, nil
}

// within lets f run, which must neither hang nor take memory without bound.
func within(t *testing.T, f func()) {
	t.Helper()
	most := uint64(64 << 20)
	if testkit.RaceEnabled { // which counts its own
		most = 0
	}
	testkit.Within(t, 2*time.Second, most, f)
}

// accepted is what became of an artifact: nil for what refused it.
type accepted struct {
	inspected *skills.Inspection
	unpacked  *skills.UnpackResult
}

// agree reads an artifact in every way there is. All refuse it, or all take it
// and say the same. Nothing may be written beside the destination.
func agree(t *testing.T, src oras.ReadOnlyTarget, reference string) (got accepted) {
	t.Helper()
	ctx := context.Background()
	parent := t.TempDir()
	dest := filepath.Join(parent, "demo")
	var err error
	within(t, func() {
		got.inspected, _ = skills.Inspect(ctx, src, reference, skills.InspectOptions{Files: true, Limits: fuzzLimits})
	})
	within(t, func() {
		require.NoError(t, os.RemoveAll(dest))
		got.unpacked, err = skills.Unpack(ctx, src, reference, dest, skills.UnpackOptions{Limits: fuzzLimits})
	})
	require.Equal(t, got.inspected == nil, err != nil, "%v", err)
	if err != nil {
		require.Empty(t, names(t, parent), "%v", err)
		return got
	}
	require.Equal(t, []string{"demo"}, names(t, parent))
	require.Equal(t, got.inspected.Files, got.unpacked.Files)
	require.Equal(t, got.inspected.Config, got.unpacked.Config)
	require.Equal(t, got.inspected.Root.Digest, got.unpacked.Digest)
	requireTree(t, dest, got.unpacked.Files)

	within(t, func() {
		checked, err := skills.Check(ctx, src, reference, dest, skills.CheckOptions{Limits: fuzzLimits})
		require.NoError(t, err, "what Unpack wrote")
		require.True(t, checked.Identical, "%v", checked.Differences)
		require.Equal(t, got.unpacked.Digest, checked.Digest)
	})
	ours := got.inspected != nil && got.inspected.Annotations[skills.AnnotationFormat] != ""
	within(t, func() { agreeOnSource(t, src, reference, dest, got.unpacked, ours) })
	return got
}

// agreeOnSource verifies dest, which was unpacked, and packs it again. ours says
// that the artifact claims to have been packed so.
func agreeOnSource(t *testing.T, src oras.ReadOnlyTarget, reference, dest string, unpacked *skills.UnpackResult, ours bool) {
	t.Helper()
	ctx := context.Background()
	if verified, err := skills.Verify(ctx, src, reference, dest, skills.VerifyOptions{Limits: fuzzLimits}); err == nil {
		require.Equal(t, verified.Identical, verified.Digest == verified.Rebuilt)
		require.Empty(t, verified.Added, "nothing was added")
		for _, c := range verified.Changed {
			require.Equal(t, c.Artifact.Digest, c.Directory.Digest, "only modes can be others")
		}
		if len(verified.Excluded) == 0 {
			require.Empty(t, verified.Removed)
		}
	}
	store := memory.New()
	packed, err := skills.NewPackager(store).Package(ctx, dest, skills.PackageOptions{ExactFiles: true, ModesFromFS: true, Limits: fuzzLimits})
	if err != nil {
		return // packing holds to more rules
	}
	again, err := skills.Inspect(ctx, store, packed.IndexDigest.String(), skills.InspectOptions{Files: true, Limits: fuzzLimits})
	require.NoError(t, err)
	require.Equal(t, sortedFiles(unpacked.Files), again.Files)
	require.Equal(t, packed.Config.Name, unpacked.Config.Name, "what the artifact says and what its %s does", skills.SkillFileName)
	if ours {
		require.Equal(t, packed.Config, unpacked.Config)
	}
	verified, err := skills.Verify(ctx, store, packed.IndexDigest.String(), dest, skills.VerifyOptions{Limits: fuzzLimits})
	require.NoError(t, err)
	require.True(t, verified.Identical)
	require.Empty(t, verified.Excluded)
}

func sortedFiles(files []skills.FileInfo) []skills.FileInfo {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b skills.FileInfo) int { return strings.Compare(a.Name, b.Name) })
	return files
}

// requireTree wants dir to hold regular files alone, and just those.
func requireTree(t *testing.T, dir string, files []skills.FileInfo) {
	t.Helper()
	var there []skills.FileInfo
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() {
			return nil
		}
		info, err := d.Info()
		require.NoError(t, err)
		require.True(t, info.Mode().IsRegular(), path)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		name, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		mode := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		there = append(there, skills.FileInfo{Name: filepath.ToSlash(name), Size: info.Size(), Mode: mode, Digest: digest.FromBytes(data)})
		return nil
	}))
	require.Equal(t, sortedFiles(files), sortedFiles(there))
}

// agreeOnPull pulls what the store serves and holds what arrived to what
// Inspect said of it there.
func agreeOnPull(t *testing.T, src *rawStore, got accepted) {
	t.Helper()
	ctx := context.Background()
	registry, err := skills.NewRegistry(skills.WithHTTPClient(&http.Client{Transport: src}),
		skills.WithPlainHTTP(true), skills.WithCredentialStore(credentials.NewMemoryStore()))
	require.NoError(t, err)
	store := memory.New()
	var pulled digest.Digest
	within(t, func() {
		store = memory.New()
		pulled, err = registry.Pull(ctx, store, "fuzz.test/a/demo:x", skills.TransferOptions{Tag: "x", Limits: fuzzLimits})
	})
	require.Equal(t, got.inspected == nil, err != nil, "%v", err)
	if err != nil {
		return
	}
	require.Equal(t, src.root, pulled)
	inspected, err := skills.Inspect(ctx, store, "x", skills.InspectOptions{Files: true, Limits: fuzzLimits})
	require.NoError(t, err)
	require.Equal(t, got.inspected.Files, inspected.Files)
	require.Equal(t, got.inspected.Config, inspected.Config)
	require.Equal(t, got.inspected.Platforms, inspected.Platforms)
}

// documents are those of an artifact with two platforms.
type documents struct {
	index              []byte
	manifests, configs [2][]byte
	layer              []byte
}

// fuzzDocuments are two skills. What is parsed of them is edited.
var fuzzDocuments = sync.OnceValue(func() (both [2]documents) {
	ctx := context.Background()
	for i, name := range []string{"demo", "other"} {
		store := memory.New()
		files := fstestSkill(name)
		packed, err := skills.NewPackager(store).PackageFS(ctx, files, skills.PackageOptions{})
		if err != nil {
			panic(err)
		}
		fetch := func(desc ocispec.Descriptor) []byte {
			data, err := content.FetchAll(ctx, store, desc)
			if err != nil {
				panic(err)
			}
			return data
		}
		successors := func(desc ocispec.Descriptor) []ocispec.Descriptor {
			list, err := content.Successors(ctx, store, desc)
			if err != nil {
				panic(err)
			}
			return list
		}
		d := &both[i]
		d.index = fetch(packed.Index)
		for j, manifest := range successors(packed.Index) {
			d.manifests[j] = fetch(manifest)
			parts := successors(manifest)
			d.configs[j], d.layer = fetch(parts[0]), fetch(parts[1])
		}
	}
	return both
})

// describeInto makes a descriptor that stands in a document name data.
func describeInto(desc *node, data []byte) {
	desc.set("digest", quoted(digest.FromBytes(data).String()))
	desc.set("size", &node{text: strconv.Itoa(len(data))})
}
