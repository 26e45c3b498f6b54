// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/registrytest"
	registrylayout "github.com/skillcask/skillcask/registrytest/layout"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// TestAMovedTagKeepsItsDigest: what a tag pointed to stays listed, and can be
// resolved, inspected and served by its digest.
func TestAMovedTagKeepsItsDigest(t *testing.T) {
	t.Parallel()
	shelf, ctx, dir := t.TempDir(), t.Context(), testkit.Tree(t, testkit.SmallSkill())
	path := filepath.Join(shelf, "demo")
	layout := openLayout(t, path)
	srv := registrytest.New(t, registrytest.Options{Store: openShelf(t, shelf)})
	var packed []digest.Digest
	for n := range int64(4) {
		result, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: "latest", Epoch: time.Unix(n, 0)})
		require.NoError(t, err)
		packed = append(packed, result.IndexDigest)
		require.Len(t, readLayoutIndex(t, path).Manifests, len(packed))
		for _, store := range []*ocilayout.Store{layout, openLayout(t, path)} {
			desc, err := store.Resolve(ctx, "latest")
			require.NoError(t, err)
			require.Equal(t, result.IndexDigest, desc.Digest)
			for _, dgst := range packed {
				_, err := skills.Inspect(ctx, store, dgst.String(), skills.InspectOptions{Files: true})
				require.NoError(t, err)
			}
		}
		for _, dgst := range packed {
			response, err := srv.Client().Get(srv.URL + "/v2/demo/manifests/" + dgst.String())
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, http.StatusOK, response.StatusCode)
		}
	}
	tags, err := registry.Tags(ctx, layout)
	require.NoError(t, err)
	require.Equal(t, []string{"latest"}, tags)

	// One that has another tag keeps that, and needs no entry without one.
	first := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: packed[0], Size: readLayoutIndex(t, path).Manifests[0].Size}
	require.NoError(t, layout.Tag(ctx, first, "1.0"))
	require.NoError(t, layout.Tag(ctx, first, "latest"))
	require.Len(t, readLayoutIndex(t, path).Manifests, 5)
	last, err := layout.Resolve(ctx, packed[3].String())
	require.NoError(t, err)
	require.NoError(t, layout.Tag(ctx, last, "latest"))
	require.Len(t, readLayoutIndex(t, path).Manifests, 4)
}

func openShelf(t *testing.T, dir string) registrytest.Store {
	t.Helper()
	store, err := registrylayout.Open(dir)
	require.NoError(t, err)
	return store
}

// storage hides all but the methods of a content.Storage and a content.Tagger.
type storage struct {
	content.Storage
	content.Tagger
}

// TestPackageTellsWhatATagPointedTo in stores that can resolve it.
func TestPackageTellsWhatATagPointedTo(t *testing.T) {
	t.Parallel()
	layout, mem := openLayout(t, filepath.Join(t.TempDir(), "layout")), memory.New()
	for name, c := range map[string]struct {
		store content.Storage
		tells bool
	}{
		"layout":           {layout, true},
		"memory":           {mem, true},
		"does-not-resolve": {storage{mem, mem}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := testkit.Tree(t, testkit.SmallSkill())
			pack := func(tag string, epoch int64) *skills.PackageResult {
				result, err := skills.NewPackager(c.store).Package(t.Context(), dir, skills.PackageOptions{Tag: tag, Epoch: time.Unix(epoch, 0)})
				require.NoError(t, err)
				return result
			}
			first := pack(name, 1)
			require.Empty(t, first.Replaced)
			require.Empty(t, pack(name, 1).Replaced, "the same")
			require.Empty(t, pack(name+"-2", 1).Replaced, "another tag")
			require.Empty(t, pack("", 2).Replaced, "no tag")
			want := first.IndexDigest
			if !c.tells {
				want = ""
			}
			require.Equal(t, want, pack(name, 2).Replaced)
		})
	}
}

// TestEveryMoveIsTold: of many that move a tag in a layout, each replaces what
// another has packed, and all but the last are replaced.
func TestEveryMoveIsTold(t *testing.T) {
	t.Parallel()
	ctx, path, dir := context.Background(), t.TempDir(), testkit.Tree(t, testkit.SmallSkill())
	const writers = 8
	type move struct{ from, to digest.Digest }
	moves := make(chan move, writers)
	for n := range int64(writers) {
		layout := openLayout(t, path)
		go func() {
			result, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: "latest", Epoch: time.Unix(n, 0)})
			if err != nil {
				t.Error(err)
				result = &skills.PackageResult{}
			}
			moves <- move{result.Replaced, result.IndexDigest}
		}()
	}
	next := map[digest.Digest]digest.Digest{}
	for range writers {
		m := <-moves
		require.NotContains(t, next, m.from, "replaced twice")
		next[m.from] = m.to
	}
	at := next[""]
	for range writers - 1 {
		require.Contains(t, next, at)
		at = next[at]
	}
	desc, err := openLayout(t, path).Resolve(ctx, "latest")
	require.NoError(t, err)
	require.Equal(t, at, desc.Digest)
}
