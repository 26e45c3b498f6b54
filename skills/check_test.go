// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/skills"
)

// installed packs files and unpacks them.
func installed(t *testing.T, files map[string]string) (src oras.ReadOnlyTarget, reference, dir string) {
	t.Helper()
	store, packed := packDir(t, tree(t, files), skills.PackageOptions{})
	dir = filepath.Join(t.TempDir(), "demo")
	_, err := skills.Unpack(context.Background(), store, packed.IndexDigest.String(), dir, skills.UnpackOptions{})
	require.NoError(t, err)
	return store, packed.IndexDigest.String(), dir
}

// kinds returns the kind and the name of each difference.
func kinds(result *skills.CheckResult) []string {
	out := []string{}
	for _, d := range result.Differences {
		out = append(out, string(d.Kind)+" "+d.Name)
	}
	return out
}

func TestCheckSaysWhatDiffers(t *testing.T) {
	t.Parallel()
	write := func(name, content string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
		}
	}
	remove := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(filepath.Join(dir, name))) }
	}
	chmod := func(name string, mode os.FileMode) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { require.NoError(t, os.Chmod(filepath.Join(dir, name), mode)) }
	}
	all := func(steps ...func(t *testing.T, dir string)) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			for _, step := range steps {
				step(t, dir)
			}
		}
	}
	cases := []struct {
		name   string
		change func(t *testing.T, dir string)
		want   []string
		says   string // the detail of the first difference
		modes  bool   // needs a file system with executable bits
	}{
		{name: "nothing", change: func(*testing.T, string) {}},
		{name: "a script that a .skillignore names", change: all(write("scripts/evil.sh", "#!/bin/sh\n"), write(".skillignore", "scripts/evil.sh\n")),
			want: []string{"extra .skillignore", "extra scripts/evil.sh"}, says: "it is a regular file"},
		{name: "a hidden directory", change: write(".git/hooks/post-merge", "x"), want: []string{"extra .git/"}, says: "it is a directory"},
		{name: "an empty directory", change: func(t *testing.T, dir string) {
			require.NoError(t, os.Mkdir(filepath.Join(dir, "scripts", "lib"), 0o755))
		},
			want: []string{"extra scripts/lib/"}},
		{name: "a file that is gone", change: remove("references/one.md"), want: []string{"missing references/one.md"}, says: "6 bytes"},
		{name: "a directory that is gone", change: remove("references"), want: []string{"missing references/one.md"}},
		{name: "all is gone", change: all(remove("references"), remove("scripts"), remove("SKILL.md")),
			want: []string{"missing SKILL.md", "missing references/one.md", "missing scripts/run.sh"}},
		{name: "other content of the same size", change: write("references/one.md", "# Two\n"), want: []string{"content references/one.md"}, says: "sha256:"},
		{name: "another size", change: write("references/one.md", ""), want: []string{"content references/one.md"}, says: "0 bytes; in the artifact it has 6"},
		{name: "executable", change: chmod("references/one.md", 0o755), want: []string{"mode references/one.md"}, says: "0755; in the artifact it has 0644", modes: true},
		{name: "not executable", change: chmod("scripts/run.sh", 0o644), want: []string{"mode scripts/run.sh"}, says: "0644; in the artifact it has 0755", modes: true},
		{name: "executable by others", change: chmod("references/one.md", 0o655), modes: true},
		{name: "written again and executable", change: all(remove("references/one.md"), write("references/one.md", "x"), chmod("references/one.md", 0o755)),
			want: []string{"content references/one.md", "mode references/one.md"}, modes: true},
		{name: "a directory for a file", change: all(remove("references/one.md"), write("references/one.md/x", "")), want: []string{"type references/one.md"},
			says: "it is a directory; the artifact has a file"},
		{name: "a file for a directory", change: all(remove("references"), write("references", "")), want: []string{"type references", "missing references/one.md"},
			says: "it is a regular file; the artifact has a directory"},
		{name: "another case", change: func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, "references"), filepath.Join(dir, "References")))
		}, want: []string{"extra References/", "missing references/one.md"}},
		{name: "a link beside", change: link("/etc/passwd", "x"), want: []string{"extra x"}, says: "a symbolic link"},
		{name: "a link to the same content", change: all(remove("references/one.md"), write("copy", "# One\n"), link("../copy", "references/one.md")),
			want: []string{"extra copy", "type references/one.md"}},
		{name: "a link to a directory of the same content", change: func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, "references"), filepath.Join(dir, "real")))
			link("real", "references")(t, dir)
		}, want: []string{"extra real/", "type references", "missing references/one.md"}},
		{name: "a link to itself", change: all(remove("SKILL.md"), link("SKILL.md", "SKILL.md")), want: []string{"type SKILL.md"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.modes && runtime.GOOS == "windows" {
				t.Skip("no executable bits")
			}
			src, reference, dir := installed(t, smallSkill())
			c.change(t, dir)
			got, err := skills.Check(context.Background(), src, reference, dir, skills.CheckOptions{})
			require.NoError(t, err)
			require.ElementsMatch(t, c.want, kinds(got))
			require.Equal(t, len(c.want) == 0, got.Identical)
			require.True(t, sortedByName(got.Differences))
			if c.says != "" {
				require.Contains(t, got.Differences[0].Detail, c.says)
			}
			require.Equal(t, reference, got.Digest.String())
		})
	}
}

func sortedByName(list []skills.Difference) bool {
	for i := range list {
		if i > 0 && list[i-1].Name > list[i].Name {
			return false
		}
	}
	return true
}

// TestCheckIgnoresNothing has hidden files that are part of the artifact.
func TestCheckIgnoresNothing(t *testing.T) {
	t.Parallel()
	files := withHidden()
	src, reference, dir := installed(t, files)
	got, err := skills.Check(context.Background(), src, reference, dir, skills.CheckOptions{})
	require.NoError(t, err)
	require.True(t, got.Identical)
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".env.example"), []byte("TOKEN=x\n"), 0o644))
	got, err = skills.Check(context.Background(), src, reference, dir, skills.CheckOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"content .env.example"}, kinds(got))

	// The source of an artifact is no install of it.
	got, err = skills.Check(context.Background(), src, reference, tree(t, files), skills.CheckOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"extra .hidden/", "extra .skillignore", "extra notes", "mode scripts/run.sh"}, kinds(got))
}

// TestCheckIsBounded has more files than are listed, and more than are looked at.
func TestCheckIsBounded(t *testing.T) {
	t.Parallel()
	src, reference, dir := installed(t, smallSkill())
	require.NoError(t, os.Remove(filepath.Join(dir, "SKILL.md")))
	for i := range 1500 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "scripts", fmt.Sprintf("x%04d", i)), nil, 0o644))
	}
	got, err := skills.Check(context.Background(), src, reference, dir, skills.CheckOptions{})
	require.NoError(t, err)
	require.False(t, got.Identical)
	require.False(t, got.Stopped)
	require.Len(t, got.Differences, 1000)
	require.Equal(t, 501, got.More)
	require.Equal(t, "missing SKILL.md", kinds(got)[0])
	require.Equal(t, "extra scripts/x0998", kinds(got)[999])

	got, err = skills.Check(context.Background(), src, reference, dir, skills.CheckOptions{Limits: skills.Limits{MaxFiles: 3}})
	require.NoError(t, err)
	require.False(t, got.Identical)
	require.True(t, got.Stopped)
	require.Len(t, got.Differences, 30)
	require.Zero(t, got.More)
	for _, d := range got.Differences {
		require.Equal(t, skills.DifferenceExtra, d.Kind, "what was not seen is not called missing")
	}
}

func TestCheckErrors(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	src, reference, dir := installed(t, smallSkill())
	_, err := skills.Check(ctx, src, reference, filepath.Join(dir, "nowhere"), skills.CheckOptions{})
	require.ErrorIs(t, err, skills.ErrInvalidSkillDir)
	_, err = skills.Check(ctx, src, reference, filepath.Join(dir, "SKILL.md"), skills.CheckOptions{})
	require.ErrorIs(t, err, skills.ErrInvalidSkillDir)
	_, err = skills.Check(ctx, src, "sha256:"+strings.Repeat("0", 64), dir, skills.CheckOptions{})
	require.Error(t, err)
	_, err = skills.Check(ctx, src, reference, dir, skills.CheckOptions{Limits: skills.Limits{MaxFiles: 2}})
	require.ErrorIs(t, err, skills.ErrTooManyFiles)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = skills.Check(cancelled, src, reference, dir, skills.CheckOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

// TestCheckOfALinkedDirectory checks what a link that was named leads to.
func TestCheckOfALinkedDirectory(t *testing.T) {
	t.Parallel()
	src, reference, dir := installed(t, smallSkill())
	to := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, to); err != nil {
		t.Skip("no links here:", err)
	}
	got, err := skills.Check(context.Background(), src, reference, to, skills.CheckOptions{})
	require.NoError(t, err)
	require.True(t, got.Identical)
}
