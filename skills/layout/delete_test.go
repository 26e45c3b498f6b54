// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// filled makes a layout with all of g, the index tagged 1.0.
func (g *graphOf) filled(t *testing.T) (*ocilayout.Store, string) {
	t.Helper()
	path := t.TempDir()
	s := openLayout(t, path)
	for _, operation := range []string{"push one", "push two", "push index", "tag index 1.0", "push signature", "push countersignature", "push scan"} {
		g.do(t, s, operation)
	}
	return s, path
}

// TestExtendedCopyKeepsWhatIsAttached into a layout and out of it.
func TestExtendedCopyKeepsWhatIsAttached(t *testing.T) {
	t.Parallel()
	ctx, g := t.Context(), newGraph(t)
	first, _ := g.filled(t)
	second, third := openLayout(t, t.TempDir()), memory.New()
	for _, hop := range []struct {
		from oras.ReadOnlyGraphTarget
		to   oras.GraphTarget
	}{{first, second}, {second, third}} {
		desc, err := oras.ExtendedCopy(ctx, hop.from, "1.0", hop.to, "1.0", oras.DefaultExtendedCopyOptions)
		require.NoError(t, err)
		require.Equal(t, g.manifests["index"].Digest, desc.Digest)
		for name, want := range map[string][]string{"index": {"signature"}, "signature": {"countersignature"}, "one": {"index"}} {
			list, err := hop.to.Predecessors(ctx, g.manifests[name])
			require.NoError(t, err)
			require.Equal(t, want, g.names(list), name)
		}
		_, err = hop.to.Resolve(ctx, g.manifests["signature"].Digest.String())
		require.True(t, err == nil || hop.to == oras.GraphTarget(third), "memory resolves tags alone: %v", err)
	}
}

// TestDeleteRefuses what would leave something incomplete, and changes nothing then.
func TestDeleteRefuses(t *testing.T) {
	t.Parallel()
	ctx, g := t.Context(), newGraph(t)
	layer := func(name string) ocispec.Descriptor { return g.parts[name][1] }
	for name, c := range map[string]struct {
		target  ocispec.Descriptor
		prepare func(t *testing.T, path string)
		want    error
		names   string
	}{
		"a manifest of an index": {g.manifests["one"], nil, ocilayout.ErrInUse, g.manifests["index"].Digest.String()},
		"a layer":                {layer("one"), nil, ocilayout.ErrInUse, g.manifests["one"].Digest.String()},
		"what is not there":      {content.NewDescriptorFromBytes("text/plain", []byte("?")), nil, errdef.ErrNotFound, ""},
		"no digest":              {ocispec.Descriptor{Digest: "x"}, nil, skills.ErrCorrupt, ""},
		"beside damage": {g.manifests["signature"], func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(filepath.Join(path, "blobs/sha256", g.manifests["two"].Digest.Encoded()), []byte("{}"), 0o644))
		}, skills.ErrCorrupt, g.manifests["two"].Digest.String()},
		"through a link": {g.manifests["signature"], func(t *testing.T, path string) {
			elsewhere := filepath.Join(t.TempDir(), "shared")
			require.NoError(t, os.Rename(filepath.Join(path, "blobs/sha256"), elsewhere))
			if err := os.Symlink(elsewhere, filepath.Join(path, "blobs/sha256")); err != nil {
				t.Skip(err)
			}
		}, nil, "is a link"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, path := g.filled(t)
			if c.prepare != nil {
				c.prepare(t, path)
			}
			blobs, listed := blobsOf(t, path), g.listed(t, path)
			err := s.Delete(ctx, c.target)
			require.Error(t, err)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
			require.ErrorContains(t, err, c.names)
			require.Equal(t, blobs, blobsOf(t, path))
			require.Equal(t, listed, g.listed(t, path))
		})
	}
}

// TestDeleteOfWhatIsDamaged, which is how one gets rid of it.
func TestDeleteOfWhatIsDamaged(t *testing.T) {
	t.Parallel()
	ctx, g := t.Context(), newGraph(t)
	for name, damage := range map[string]func(name string) error{
		"other content": func(name string) error { return os.WriteFile(name, []byte("{}"), 0o644) },
		"no file":       os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, path := g.filled(t)
			require.NoError(t, damage(filepath.Join(path, "blobs/sha256", g.manifests["index"].Digest.Encoded())))
			require.NoError(t, s.Delete(ctx, g.manifests["index"]))
			require.Equal(t, []string{"scan"}, g.listed(t, path), "it is attached to what is not known to be part of it")
			require.NoFileExists(t, filepath.Join(path, "blobs/sha256", g.manifests["index"].Digest.Encoded()))
		})
	}
}

// TestDeleteOfWhatClaimsOthers for its layers leaves these alone.
func TestDeleteOfWhatClaimsOthers(t *testing.T) {
	t.Parallel()
	ctx, g := t.Context(), newGraph(t)
	s := openLayout(t, t.TempDir())
	path := s.Path()
	g.do(t, s, "push one")
	claims := g.manifests["one"]
	claims.MediaType = ocispec.MediaTypeImageLayer
	config := g.parts["one"][0]
	g.add(t, "hostile", ocispec.MediaTypeImageManifest, ocispec.Manifest{
		MediaType: ocispec.MediaTypeImageManifest, Config: config, Layers: []ocispec.Descriptor{claims},
	})
	g.do(t, s, "push hostile")
	require.Equal(t, []string{"hostile", "one"}, g.listed(t, path))
	require.NoError(t, s.Delete(ctx, g.manifests["hostile"]))
	require.Equal(t, []string{"one"}, g.listed(t, path))
	exists, err := s.Exists(ctx, g.manifests["one"])
	require.NoError(t, err)
	require.True(t, exists)
}

// TestDeleteOfABlob that nothing is made of.
func TestDeleteOfABlob(t *testing.T) {
	t.Parallel()
	ctx, g := t.Context(), newGraph(t)
	s, path := g.filled(t)
	before := blobsOf(t, path)
	desc := content.NewDescriptorFromBytes("text/plain", []byte("alone"))
	require.NoError(t, s.Push(ctx, desc, bytes.NewReader([]byte("alone"))))
	require.NoError(t, s.Delete(ctx, desc))
	require.Equal(t, before, blobsOf(t, path))
	require.ErrorIs(t, s.Delete(ctx, desc), errdef.ErrNotFound)
	require.NoError(t, s.Push(ctx, desc, bytes.NewReader([]byte("alone"))), "it is known to be gone")
}

// TestUntagRefuses what is no tag, and makes nothing.
func TestUntagRefuses(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "absent")
	s := openLayout(t, path)
	require.ErrorIs(t, s.Untag(ctx, ""), errdef.ErrMissingReference)
	require.ErrorIs(t, s.Untag(ctx, digest.FromString("x").String()), errdef.ErrInvalidReference)
	require.ErrorIs(t, s.Untag(ctx, "1.0"), errdef.ErrNotFound)
	require.ErrorIs(t, s.Delete(ctx, content.NewDescriptorFromBytes("text/plain", nil)), errdef.ErrNotFound)
	list, err := s.Predecessors(ctx, content.NewDescriptorFromBytes("text/plain", nil))
	require.NoError(t, err)
	require.Empty(t, list)
	require.NoDirExists(t, path)
	g := newGraph(t)
	s, _ = g.filled(t)
	require.ErrorContains(t, s.Untag(ctx, "2.0"), "its tags are 1.0")
}

// TestTagsGoOnAfterATag, whether it is there or not.
func TestTagsGoOnAfterATag(t *testing.T) {
	t.Parallel()
	ctx, g := t.Context(), newGraph(t)
	s, _ := g.filled(t)
	for _, tag := range []string{"3", "1", "2"} {
		require.NoError(t, s.Tag(ctx, g.manifests["one"], tag))
	}
	for last, want := range map[string][]string{"": {"1", "1.0", "2", "3"}, "1": {"1.0", "2", "3"}, "1.5": {"2", "3"}, "3": nil} {
		var got []string
		require.NoError(t, s.Tags(ctx, last, func(tags []string) error { got = tags; return nil }))
		require.Equal(t, want, got, last)
	}
	failure := errors.New("enough")
	require.ErrorIs(t, s.Tags(ctx, "", func([]string) error { return failure }), failure)
}

// TestDeleteWhileOthersPack the same content: what is listed is there in all its
// parts, whoever was first, and a pack that lost its content says so.
func TestDeleteWhileOthersPack(t *testing.T) {
	t.Parallel()
	ctx, path, dir := t.Context(), t.TempDir(), testkit.Tree(t, testkit.SmallSkill())
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			s := openLayout(t, path)
			for n := range 10 {
				result, err := skills.NewPackager(s).Package(ctx, dir, skills.PackageOptions{Tag: fmt.Sprint("tag-", i)})
				if err == nil && n%2 == 1 {
					err = s.Delete(ctx, result.Index)
				}
				if err != nil && !errors.Is(err, errdef.ErrNotFound) {
					t.Error(err)
				}
				requireAllThere(t, path)
			}
		})
	}
	wg.Wait()
}

// requireAllThere wants all that index.json lists to be complete, while nobody
// changes it.
func requireAllThere(t *testing.T, path string) {
	t.Helper()
	unlock, err := atomicfile.LockBoth(context.Background(), path, atomicfile.OpenLayoutLock, atomicfile.TryLock)
	if err == nil {
		defer unlock()
		err = allThere(path)
	}
	if err != nil {
		t.Error(err)
	}
}

func allThere(path string) error {
	s, err := ocilayout.Open(path)
	if err != nil {
		return err
	}
	return s.Tags(context.Background(), "", func(tags []string) error {
		for _, tag := range tags {
			if _, err := skills.Inspect(context.Background(), s, tag, skills.InspectOptions{Files: true}); err != nil {
				return err
			}
		}
		return nil
	})
}
