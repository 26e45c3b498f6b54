// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills"
)

// countingStore counts writes and remembers their order. It fails the write
// number failAt, counting from 1, after half of its content was read.
type countingStore struct {
	oras.Target
	writes int
	failAt int
	order  []ocispec.Descriptor
	tags   []string
}

var errStore = errors.New("the store is broken")

func (s *countingStore) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	s.writes++
	if s.writes == s.failAt {
		_, _ = io.CopyN(io.Discard, r, desc.Size/2)
		return errStore
	}
	s.order = append(s.order, desc)
	return s.Target.Push(ctx, desc, r)
}

func (s *countingStore) Tag(ctx context.Context, desc ocispec.Descriptor, reference string) error {
	s.writes++
	if s.writes == s.failAt {
		return errStore
	}
	s.tags = append(s.tags, reference)
	return s.Target.Tag(ctx, desc, reference)
}

// TestStoreFails lets a store fail at every write in turn.
func TestStoreFails(t *testing.T) {
	dir := tree(t, smallSkill())
	t.Setenv("TMPDIR", t.TempDir())
	ctx := context.Background()
	whole := &countingStore{Target: memory.New()}
	_, err := skills.NewPackager(whole).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
	require.NoError(t, err)
	require.Equal(t, 1+2+2+1+1, whole.writes, "layer, configurations, manifests, index, tag")
	for n := 1; n <= whole.writes; n++ {
		store := &countingStore{Target: memory.New(), failAt: n}
		result, err := skills.NewPackager(store).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
		require.ErrorIs(t, err, errStore, "write %d", n)
		require.Nil(t, result)
		require.Empty(t, store.tags, "write %d", n)
		_, err = store.Resolve(ctx, "1.0")
		require.Error(t, err)
		if n < whole.writes {
			require.NotContains(t, mediaTypes(store.order), ocispec.MediaTypeImageIndex)
		}
	}
	requireNoTempFiles(t)
}

func mediaTypes(descs []ocispec.Descriptor) []string {
	var out []string
	for _, desc := range descs {
		out = append(out, desc.MediaType)
	}
	return out
}

func requireNoTempFiles(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, entries)
}

// TestContentGoesFirst holds packing to: content before what refers to it.
func TestContentGoesFirst(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store := &countingStore{Target: memory.New()}
	_, err := skills.NewPackager(store).Package(ctx, tree(t, smallSkill()), skills.PackageOptions{Tag: "1.0"})
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
	require.Equal(t, []string{"1.0"}, store.tags)
}

// steppingContext is cancelled when it was asked for the n-th time whether it
// is.
type steppingContext struct {
	context.Context
	cancel context.CancelFunc
	left   int
}

func (c *steppingContext) Err() error {
	if c.left--; c.left < 0 {
		c.cancel()
	}
	return c.Context.Err()
}

// TestCancelledAtEveryStep cancels packing, pulling and unpacking wherever they
// look at the context. TestMain sees that no goroutine remains.
func TestCancelledAtEveryStep(t *testing.T) {
	dir := tree(t, smallSkill())
	big := make([]byte, 1200<<10) // goes to a temporary file
	for i := range big {
		big[i] = byte(i * i >> 7)
	}
	require.NoError(t, os.WriteFile(dir+"/big.bin", big, 0o644))
	full := memory.New()
	_, err := skills.NewPackager(full).Package(context.Background(), dir, skills.PackageOptions{Tag: "1.0"})
	require.NoError(t, err)
	layoutDir := t.TempDir()
	parent := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())

	jobs := map[string]func(ctx context.Context) error{
		"pack to memory": func(ctx context.Context) error {
			store := memory.New()
			_, err := skills.NewPackager(store).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
			if err != nil {
				_, rerr := store.Resolve(context.Background(), "1.0")
				require.Error(t, rerr)
			}
			return err
		},
		"pack to a layout": func(ctx context.Context) error {
			path, err := os.MkdirTemp(layoutDir, "")
			require.NoError(t, err)
			layout, err := skills.OpenLayout(path)
			require.NoError(t, err)
			_, err = skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
			if err != nil {
				tags, terr := layout.Tags(context.Background())
				require.NoError(t, terr)
				require.Empty(t, tags)
			}
			return err
		},
		"unpack": func(ctx context.Context) error {
			dest, err := os.MkdirTemp(parent, "")
			require.NoError(t, err)
			_, err = skills.Unpack(ctx, full, "1.0", dest, skills.UnpackOptions{})
			if err != nil {
				require.Empty(t, listTree(t, dest))
			}
			require.NoError(t, os.RemoveAll(dest))
			entries, rerr := os.ReadDir(parent)
			require.NoError(t, rerr)
			require.Empty(t, entries)
			return err
		},
		"verify": func(ctx context.Context) error {
			_, err := skills.Verify(ctx, full, "1.0", dir, skills.VerifyOptions{})
			return err
		},
		"inspect": func(ctx context.Context) error {
			_, err := skills.Inspect(ctx, full, "1.0", skills.InspectOptions{})
			return err
		},
	}
	for name, job := range jobs {
		t.Run(name, func(t *testing.T) {
			steps := 0
			for ; ; steps++ {
				ctx, cancel := context.WithCancel(context.Background())
				err := job(&steppingContext{Context: ctx, cancel: cancel, left: steps})
				cancel()
				if err == nil {
					break
				}
				require.ErrorIs(t, err, context.Canceled, "step %d", steps)
				require.Less(t, steps, 10_000)
			}
			require.Positive(t, steps)
			requireNoTempFiles(t)
		})
	}
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
