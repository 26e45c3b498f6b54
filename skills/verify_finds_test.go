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

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// withHidden is a skill with files that packing leaves out, and one that its
// .skillignore brings back.
func withHidden() map[string]string {
	files := smallSkill()
	files[".skillignore"] = "!.env.example\nnotes\n"
	files[".env.example"] = "TOKEN=\n"
	files[".hidden/x"] = "x"
	files["notes"] = "y"
	return files
}

// TestVerifyListsWhatItLeftOut has the script and the .skillignore that
// somebody put into an installed skill.
func TestVerifyListsWhatItLeftOut(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store, packed := packDir(t, tree(t, smallSkill()), skills.PackageOptions{})
	tampered := smallSkill()
	tampered["scripts/evil.sh"] = "#!/bin/sh\nrm -rf /\n"
	tampered[".skillignore"] = "scripts/evil.sh\n"
	want := []skilldir.Excluded{
		{Name: ".skillignore", Reason: "hidden", Pattern: "**/.*"},
		{Name: "scripts/evil.sh", Reason: ".skillignore line 1", Pattern: "scripts/evil.sh"},
	}
	got, err := skills.Verify(ctx, store, packed.IndexDigest.String(), tree(t, tampered), skills.VerifyOptions{})
	require.NoError(t, err)
	require.True(t, got.Identical)
	require.Equal(t, want, got.Excluded)

	tampered["references/one.md"] = "other"
	got, err = skills.Verify(ctx, store, packed.IndexDigest.String(), tree(t, tampered), skills.VerifyOptions{})
	require.NoError(t, err)
	require.False(t, got.Identical)
	require.Equal(t, want, got.Excluded, "also where something differs")
}

// TestUnpackedSkillPacksToItsDigestExactly has a hidden file that .skillignore
// had brought back. The artifact has no .skillignore.
func TestUnpackedSkillPacksToItsDigestExactly(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store, packed := packDir(t, tree(t, withHidden()), skills.PackageOptions{})
	dest := filepath.Join(t.TempDir(), "demo")
	unpacked, err := skills.Unpack(ctx, store, packed.IndexDigest.String(), dest, skills.UnpackOptions{})
	require.NoError(t, err)
	require.Equal(t, ".env.example", unpacked.Files[0].Name)

	_, again := packDir(t, dest, skills.PackageOptions{})
	require.NotEqual(t, packed.IndexDigest, again.IndexDigest)
	_, again = packDir(t, dest, skills.PackageOptions{ExactFiles: true})
	require.Equal(t, packed.IndexDigest, again.IndexDigest)
	require.Empty(t, again.Excluded)

	got, err := skills.Verify(ctx, store, packed.IndexDigest.String(), dest, skills.VerifyOptions{})
	require.NoError(t, err)
	require.Equal(t, &skills.VerifyResult{Identical: true, Digest: packed.IndexDigest, Rebuilt: packed.IndexDigest, Exact: true}, got)
}

func TestExactFilesLeavesNothingOut(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	files := withHidden()
	files[".skillignore"] = "[no pattern\n"
	dir := tree(t, files)
	_, err := skills.NewPackager(memory.New()).Package(ctx, dir, skills.PackageOptions{})
	require.ErrorContains(t, err, "ignore-pattern")
	store, packed := packDir(t, dir, skills.PackageOptions{ExactFiles: true})
	require.Empty(t, packed.Excluded)
	require.Equal(t, []string{".env.example", ".hidden/x", ".skillignore", "SKILL.md", "notes", "references/one.md", "scripts/run.sh"}, packed.Config.Files)

	// Verify finds it out, although the directory can't be packed otherwise.
	got, err := skills.Verify(ctx, store, packed.IndexDigest.String(), dir, skills.VerifyOptions{})
	require.NoError(t, err)
	require.True(t, got.Identical)
	require.True(t, got.Exact)

	// What differs then is told from all files.
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".hidden/x"), []byte("other"), 0o644))
	got, err = skills.Verify(ctx, store, packed.IndexDigest.String(), dir, skills.VerifyOptions{})
	require.NoError(t, err)
	require.False(t, got.Identical)
	require.True(t, got.Exact)
	require.Empty(t, got.Added)
	require.Empty(t, got.Removed)
	require.Len(t, got.Changed, 1)
	require.Equal(t, ".hidden/x", got.Changed[0].Directory.Name)

	// Of no option is what an artifact lists that fits none.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "more"), nil, 0o644))
	_, err = skills.Verify(ctx, store, packed.IndexDigest.String(), dir, skills.VerifyOptions{})
	require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
	require.NoError(t, os.Remove(filepath.Join(dir, ".skillignore")))
	got, err = skills.Verify(ctx, store, packed.IndexDigest.String(), dir, skills.VerifyOptions{})
	require.NoError(t, err)
	require.False(t, got.Identical)
	require.False(t, got.Exact)
	require.NotEmpty(t, got.Excluded)
}

// TestExactFilesStillHoldsToTheRules refuses hidden what it refuses elsewhere.
func TestExactFilesStillHoldsToTheRules(t *testing.T) {
	t.Parallel()
	dir := tree(t, withHidden())
	link("SKILL.md", ".hidden/link")(t, dir)
	packDir(t, dir, skills.PackageOptions{})
	requireRefused(t, dir, skills.PackageOptions{ExactFiles: true}, skills.ErrInvalidSkillFile,
		".hidden/link", "symbolic link", "name it in .skillignore, without ExactFiles (--exact)")
}

// TestVerifyFindsOutModesFromFS has bits that the content does not give.
func TestVerifyFindsOutModesFromFS(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, files := range map[string]map[string]string{"ordinary": smallSkill(), "exact": withHidden()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exact := name == "exact"
			dir := tree(t, files)
			require.NoError(t, os.Chmod(filepath.Join(dir, "references/one.md"), 0o755))
			store, packed := packDir(t, dir, skills.PackageOptions{ModesFromFS: true, ExactFiles: exact})
			reference := packed.IndexDigest.String()
			want := &skills.VerifyResult{Identical: true, Digest: packed.IndexDigest, Rebuilt: packed.IndexDigest, Exact: exact, ModesFromFS: true}
			got, err := skills.Verify(ctx, store, reference, dir, skills.VerifyOptions{})
			require.NoError(t, err)
			require.Equal(t, want, got)

			// As far as a file system without executable bits shows.
			require.NoError(t, os.Chmod(filepath.Join(dir, "references/one.md"), 0o644))
			got, err = skills.Verify(ctx, store, reference, dir, skills.VerifyOptions{})
			require.NoError(t, err)
			require.False(t, got.Identical)
			for _, c := range got.Changed {
				require.Equal(t, c.Artifact.Digest, c.Directory.Digest, "only modes differ")
			}

			// What differs is told with the modes that fit better.
			require.NoError(t, os.Chmod(filepath.Join(dir, "references/one.md"), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "SKILL.md"), []byte(skillMD+"more\n"), 0o644))
			got, err = skills.Verify(ctx, store, reference, dir, skills.VerifyOptions{})
			require.NoError(t, err)
			require.True(t, got.ModesFromFS)
			require.Len(t, got.Changed, 1)
			require.Equal(t, "SKILL.md", got.Changed[0].Directory.Name)
			_, rebuilt := packDir(t, dir, skills.PackageOptions{ModesFromFS: true, ExactFiles: exact})
			require.Equal(t, rebuilt.IndexDigest, got.Rebuilt)
		})
	}
}

// TestVerifyPacksOnceWhereTheUsualFits counts the bytes that are read.
func TestVerifyPacksOnceWhereTheUsualFits(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, withHidden())
	require.NoError(t, os.Chmod(filepath.Join(dir, "references/one.md"), 0o755))
	store, packed := packDir(t, dir, skills.PackageOptions{})
	var total int64
	last, restarts := int64(0), 0
	got, err := skills.Verify(ctx, store, packed.IndexDigest.String(), dir, skills.VerifyOptions{Progress: func(done, all int64) {
		if done < last {
			restarts++
		}
		last, total = done, all
	}})
	require.NoError(t, err)
	require.True(t, got.Identical)
	require.Zero(t, restarts)
	require.Equal(t, total, last)
	require.Len(t, got.Excluded, 3)
}
