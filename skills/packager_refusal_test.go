// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
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
			layout, err := ocilayout.Open(filepath.Join(work, path))
			require.NoError(t, err)
			// No Join: it would take the link and ".." for nothing.
			_, err = skills.NewPackager(layout).Package(ctx, work+"/"+skill, skills.PackageOptions{})
			require.ErrorIs(t, err, skills.ErrLayoutInSkill, "%s into %s", skill, path)
			require.ErrorContains(t, err, path)
			require.Equal(t, before, listTree(t, dir))
		}
	}
	layout, err := ocilayout.Open(filepath.Join(work, "demo-out"))
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

// TestTagThatNoRegistryTakes is refused, packing and pulling, before anything is
// read or written. A full reference is a tag too, as pulling gives it.
func TestTagThatNoRegistryTakes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t)
	registry := newRegistry(t, srv)
	ref := srv.Host() + "/a/demo:1.0"
	packed, err := registry.PushDir(ctx, tree(t, smallSkill()), ref, skills.PackageOptions{})
	require.NoError(t, err)
	srv.ResetRequests()
	for tag, ok := range map[string]bool{
		"1.0": true, "_": true, "a_b-c.D": true, strings.Repeat("x", 128): true,
		"localhost:5000/a/demo:1.0": true, "ghcr.io/me/demo:latest": true,
		"ghcr.io/me/demo:1.0@" + packed.IndexDigest.String(): true, "ghcr.io/me/demo@" + packed.IndexDigest.String(): true,
		"a b": false, " 1": false, "1\n": false, "-1": false, ".1": false, "1+2": false, "ü": false, strings.Repeat("x", 129): false,
		"a/b": false, "ghcr.io/me/demo": false, "ghcr.io/Me/demo:1": false, "ghcr.io/me/demo:a b": false, "demo:1": false,
	} {
		packages, pulls := &countingStore{Target: memory.New()}, &countingStore{Target: memory.New()}
		_, err := skills.NewPackager(packages).Package(ctx, tree(t, smallSkill()), skills.PackageOptions{Tag: tag})
		_, perr := registry.Pull(ctx, pulls, ref, skills.TransferOptions{Tag: tag})
		for store, err := range map[*countingStore]error{packages: err, pulls: perr} {
			if ok {
				require.NoError(t, err, tag)
				got, err := store.Resolve(ctx, tag)
				require.NoError(t, err, tag)
				require.Equal(t, packed.IndexDigest, got.Digest)
				continue
			}
			require.ErrorIs(t, err, skills.ErrInvalidReference, tag)
			require.ErrorContains(t, err, fmt.Sprintf("tag %q: want 1 to 128 letters", tag))
			require.Zero(t, store.writes, tag)
		}
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
