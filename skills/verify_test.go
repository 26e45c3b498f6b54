// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"archive/tar"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

func TestVerifyIdentical(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, opts := range map[string]skills.PackageOptions{
		"defaults":      {},
		"epoch":         {Epoch: time.Unix(1_700_000_000, 0)},
		"platforms":     {Platforms: platforms("windows/amd64", "linux/arm/v7")},
		"annotations":   {Source: "https://example.com/x", Revision: "abc"},
		"modes from FS": {ModesFromFS: true},
	} {
		dir := tree(t, smallSkill())
		require.NoError(t, os.Chmod(filepath.Join(dir, "references/one.md"), 0o755))
		store, packed := packDir(t, dir, opts)
		want := &skills.VerifyResult{Identical: true, Digest: packed.IndexDigest, Rebuilt: packed.IndexDigest, ModesFromFS: opts.ModesFromFS}
		got, err := skills.Verify(ctx, store, packed.IndexDigest.String(), dir, skills.VerifyOptions{})
		require.NoError(t, err)
		require.Equal(t, want, got, name)
		got, err = skills.VerifyFS(ctx, store, packed.IndexDigest.String(), os.DirFS(dir), skills.VerifyOptions{})
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

// TestVerifyOfOnePlatform verifies a manifest without its index, as tools leave
// behind that copy one platform.
func TestVerifyOfOnePlatform(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, smallSkill())
	layout, err := ocilayout.Open(t.TempDir())
	require.NoError(t, err)
	packed, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{})
	require.NoError(t, err)
	got, err := skills.Verify(ctx, layout, packed.ManifestDigest.String(), dir, skills.VerifyOptions{})
	require.NoError(t, err)
	require.True(t, got.Identical)
}

func TestVerifyListsWhatDiffers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store, packed := packDir(t, tree(t, smallSkill()), skills.PackageOptions{})
	changed := smallSkill()
	changed["SKILL.md"] += "more\n"
	changed["added.md"] = "new"
	delete(changed, "references/one.md")
	changed["scripts/run.sh"] = "echo hello\n"
	got, err := skills.Verify(ctx, store, packed.IndexDigest.String(), tree(t, changed), skills.VerifyOptions{})
	require.NoError(t, err)
	require.False(t, got.Identical)
	require.NotEqual(t, got.Digest, got.Rebuilt)
	require.Len(t, got.Added, 1)
	require.Equal(t, "added.md", got.Added[0].Name)
	require.Len(t, got.Removed, 1)
	require.Equal(t, "references/one.md", got.Removed[0].Name)
	require.Len(t, got.Changed, 2)
	require.Equal(t, "SKILL.md", got.Changed[0].Artifact.Name)
	require.Equal(t, os.FileMode(0o755), got.Changed[1].Artifact.Mode)
	require.Equal(t, os.FileMode(0o644), got.Changed[1].Directory.Mode)
	require.Empty(t, got.Other)
}

// TestVerifySaysWhatElseDiffers has the same files and another digest.
func TestVerifySaysWhatElseDiffers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, map[string]string{"SKILL.md": skillMD, "x": "x"})
	layer := archive(t, tar.Header{Name: "SKILL.md"}, tar.Header{Name: "x"})
	store, reference := foreign{layer: layer}.store(t)
	got, err := skills.Verify(ctx, store, reference, dir, skills.VerifyOptions{})
	require.NoError(t, err)
	require.False(t, got.Identical)
	require.Len(t, got.Changed, 1, "the archive holds a zero")
	require.Equal(t, skills.ReasonUnknown, got.Other[len(got.Other)-1].Kind)
	require.Contains(t, got.Other[len(got.Other)-1].Detail, "not made by skillcask")

	// The artifact has a bit that neither the content nor the file system gives.
	require.NoError(t, os.Chmod(filepath.Join(dir, "SKILL.md"), 0o755))
	mem, packed := packDir(t, dir, skills.PackageOptions{ModesFromFS: true})
	require.NoError(t, os.Chmod(filepath.Join(dir, "SKILL.md"), 0o644))
	got, err = skills.Verify(ctx, mem, packed.IndexDigest.String(), dir, skills.VerifyOptions{})
	require.NoError(t, err)
	require.False(t, got.ModesFromFS)
	require.Len(t, got.Changed, 1)
	require.Equal(t, got.Changed[0].Artifact.Digest, got.Changed[0].Directory.Digest)
}

// TestVerifyDoesNotFetchTheLayer holds a verification that succeeds to metadata.
func TestVerifyDoesNotFetchTheLayer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, smallSkill())
	store := memory.New()
	packed, err := skills.NewPackager(withoutLayer{store}).Package(ctx, dir, skills.PackageOptions{})
	require.NoError(t, err)
	got, err := skills.Verify(ctx, store, packed.IndexDigest.String(), dir, skills.VerifyOptions{})
	require.NoError(t, err)
	require.True(t, got.Identical)
}
