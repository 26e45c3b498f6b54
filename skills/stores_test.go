// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills"
)

// countingStore counts writes and remembers their order. It fails the write
// number failAt, counting from 1, after half of its content was read.
type countingStore struct {
	oras.Target
	failAt int

	mu     sync.Mutex // oras.Copy writes from many goroutines
	writes int
	order  []ocispec.Descriptor
	tags   []string
}

var errStore = errors.New("the store is broken")

func (s *countingStore) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	if s.fails() {
		_, _ = io.CopyN(io.Discard, r, desc.Size/2)
		return errStore
	}
	s.mu.Lock()
	s.order = append(s.order, desc)
	s.mu.Unlock()
	return s.Target.Push(ctx, desc, r)
}

func (s *countingStore) Tag(ctx context.Context, desc ocispec.Descriptor, reference string) error {
	if s.fails() {
		return errStore
	}
	s.mu.Lock()
	s.tags = append(s.tags, reference)
	s.mu.Unlock()
	return s.Target.Tag(ctx, desc, reference)
}

// fails counts a write and reports whether it is the one that fails.
func (s *countingStore) fails() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	return s.writes == s.failAt
}

// TestStoreFails lets a store fail at every write in turn.
func TestStoreFails(t *testing.T) {
	dir := tree(t, bigSkill(skills.SpoolMemory+16<<10))
	t.Setenv("TMPDIR", t.TempDir())
	ctx := context.Background()
	whole := &countingStore{Target: memory.New()}
	_, err := skills.NewPackager(whole).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
	require.NoError(t, err)
	const writes = 1 + 2 + 2 + 1 + 1 // layer, configurations, manifests, index, tag
	require.Equal(t, writes+1, whole.writes, "and this store is told of the digest")
	require.Greater(t, layerSize(t, whole), int64(skills.SpoolMemory), "or no temporary file is made")
	open := openFiles(t)
	for n := 1; n <= writes; n++ {
		store := &countingStore{Target: memory.New(), failAt: n}
		result, err := skills.NewPackager(store).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
		require.ErrorIs(t, err, errStore, "write %d", n)
		require.Nil(t, result)
		require.Empty(t, store.tags, "write %d", n)
		_, err = store.Resolve(ctx, "1.0")
		require.Error(t, err)
		if n < writes {
			require.NotContains(t, mediaTypes(store.order), ocispec.MediaTypeImageIndex)
		}
	}
	store := &countingStore{Target: memory.New(), failAt: writes + 1}
	_, err = skills.NewPackager(store).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
	require.NoError(t, err, "all is there and has its tag")
	require.LessOrEqual(t, openFiles(t), open, "open files") // fewer if what others left is closed meanwhile
	requireNoTempFiles(t)
}

func mediaTypes(descs []ocispec.Descriptor) []string {
	var out []string
	for _, desc := range descs {
		out = append(out, desc.MediaType)
	}
	return out
}

// TestContentGoesFirst holds packing to: content before what refers to it.
func TestContentGoesFirst(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store := &countingStore{Target: memory.New()}
	result, err := skills.NewPackager(store).Package(ctx, tree(t, smallSkill()), skills.PackageOptions{Tag: "1.0"})
	require.NoError(t, err)
	var there []digest.Digest
	for _, desc := range store.order {
		children, err := content.Successors(ctx, store, desc)
		require.NoError(t, err)
		for _, child := range children {
			require.Contains(t, there, child.Digest)
		}
		there = append(there, desc.Digest)
	}
	require.Equal(t, ocispec.MediaTypeImageIndex, store.order[len(store.order)-1].MediaType)
	require.Equal(t, []string{"1.0", result.IndexDigest.String()}, store.tags, "the tag comes last, but for the digest")
	desc, err := store.Resolve(ctx, result.IndexDigest.String())
	require.NoError(t, err, "a tag does not hide the digest")
	require.Equal(t, result.Index.Digest, desc.Digest)
}

// withoutLayer is a store that forgets the layer.
type withoutLayer struct{ *memory.Store }

func (s withoutLayer) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	if desc.MediaType == ocispec.MediaTypeImageLayerGzip {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	return s.Store.Push(ctx, desc, r)
}

// TestOptionsThatCannotBe refuses what would be lost or can't be written.
func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, smallSkill())
	untagged := struct{ content.Storage }{memory.New()}
	_, err := skills.NewPackager(untagged).Package(ctx, dir, skills.PackageOptions{})
	require.NoError(t, err)
	_, err = skills.NewPackager(untagged).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
	require.ErrorIs(t, err, errdef.ErrUnsupported)
	require.ErrorContains(t, err, "leave the tag out")
	for _, opts := range []skills.PackageOptions{{Source: "a\xff"}, {Revision: "a\xff"}} {
		store := &countingStore{Target: memory.New()}
		_, err := skills.NewPackager(store).Package(ctx, dir, opts)
		require.ErrorContains(t, err, `"a\xff": it is not valid UTF-8`)
		require.Zero(t, store.writes)
	}
}
