// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// TestLayoutInsideTheSkill names a layout in the directory that is packed, by
// its own name and through links: the second pack would give another digest.
func TestLayoutInsideTheSkill(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, smallSkill())
	work := filepath.Dir(dir)
	link("demo", "l")(t, work)
	link("demo/scripts", "scripts")(t, work)
	require.NoError(t, os.Mkdir(filepath.Join(work, "other"), 0o755))
	link("../l/references", "other/references")(t, work)
	before := listTree(t, dir)
	for _, skill := range []string{"demo", "l", "other/references/.."} {
		for _, path := range []string{"demo/out", "l/out", "scripts/a/b", "l/scripts/a", "other/references/out"} {
			layout, err := skills.OpenLayout(filepath.Join(work, path))
			require.NoError(t, err)
			// No Join: it would take the link and ".." for nothing.
			_, err = skills.NewPackager(layout).Package(ctx, work+"/"+skill, skills.PackageOptions{})
			require.ErrorIs(t, err, skills.ErrLayoutInSkill, "%s into %s", skill, path)
			require.ErrorContains(t, err, path)
			require.Equal(t, before, listTree(t, dir))
		}
	}
	layout, err := skills.OpenLayout(filepath.Join(work, "demo-out"))
	require.NoError(t, err)
	_, err = skills.NewPackager(layout).Package(ctx, filepath.Join(work, "l"), skills.PackageOptions{})
	require.NoError(t, err, "beside it is not inside")
}

// TestTagThatIsADigest is refused before anything is written.
func TestTagThatIsADigest(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, smallSkill())
	_, packed := packDir(t, dir, skills.PackageOptions{})
	for _, tag := range []string{layout1Digest, packed.IndexDigest.String()} {
		store := &countingStore{Target: memory.New()}
		_, err := skills.NewPackager(store).Package(ctx, dir, skills.PackageOptions{Tag: tag})
		require.ErrorIs(t, err, skills.ErrInvalidReference)
		require.ErrorContains(t, err, tag)
		require.Zero(t, store.writes)
	}
}

// TestPulledTagThatIsADigest may not be that of something else.
func TestPulledTagThatIsADigest(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t)
	registry := newRegistry(t, srv)
	ref := srv.Host() + "/a/demo:1.0"
	packed, err := registry.PushDir(ctx, tree(t, smallSkill()), ref, skills.PackageOptions{})
	require.NoError(t, err)
	store := &countingStore{Target: memory.New()}
	_, err = registry.Pull(ctx, store, ref, skills.TransferOptions{Tag: layout1Digest})
	require.ErrorIs(t, err, skills.ErrInvalidReference)
	require.ErrorContains(t, err, layout1Digest)
	require.Zero(t, store.writes)
	_, err = registry.Pull(ctx, store, ref, skills.TransferOptions{Tag: packed.IndexDigest.String()})
	require.NoError(t, err)
}
