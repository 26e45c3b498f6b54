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
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// TestRefusals shows for each thing that can't be packed the sentinel, and that
// the message names the file and says what would be right.
func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		files map[string]string // instead of the small skill
		spoil func(t *testing.T, dir string)
		opts  skills.PackageOptions
		want  error
		says  []string
	}{
		{name: "no directory", spoil: removeAll, want: skills.ErrInvalidSkillDir, says: []string{"demo", "does not exist"}},
		{name: "a file for a directory", spoil: func(t *testing.T, dir string) {
			removeAll(t, dir)
			require.NoError(t, os.WriteFile(dir, nil, 0o644))
		}, want: skills.ErrInvalidSkillDir, says: []string{"demo", "not a directory"}},
		{name: "no SKILL.md", files: map[string]string{"README.md": "x"}, want: skills.ErrSkillMDMissing, says: []string{"SKILL.md", "add one"}},
		{name: "skill.md", files: map[string]string{"skill.md": skillMD}, want: skills.ErrSkillMDMissing, says: []string{"rename skill.md"}},
		{name: "no fence", files: map[string]string{"SKILL.md": "# x\n"}, want: skills.ErrInvalidFrontmatter, says: []string{"SKILL.md:1", "---"}},
		{name: "no second fence", files: map[string]string{"SKILL.md": "---\nname: demo\n"}, want: skills.ErrInvalidFrontmatter, says: []string{"SKILL.md:1", "no end"}},
		{name: "no name", files: map[string]string{"SKILL.md": "---\ndescription: x\n---\n"}, want: skills.ErrInvalidFrontmatter, says: []string{"SKILL.md:2", "no name"}},
		{name: "no description", files: map[string]string{"SKILL.md": "---\nname: demo\n---\n"}, want: skills.ErrInvalidFrontmatter, says: []string{"SKILL.md:2", "no description"}},
		{name: "name in capitals", files: map[string]string{"SKILL.md": "---\nname: Demo\ndescription: x\n---\n"}, want: skills.ErrInvalidFrontmatter, says: []string{"SKILL.md:2", "Demo", "a-z"}},
		{name: "front matter too long", files: map[string]string{"SKILL.md": "---\nname: demo\nx: " + strings.Repeat("y", 64<<10) + "\n---\n"}, want: skills.ErrInvalidFrontmatter, says: []string{"65536"}},
		{name: "too many files", opts: skills.PackageOptions{Limits: skills.Limits{MaxFiles: 2}}, want: skills.ErrTooManyFiles, says: []string{"more than 2 files"}},
		{name: "more files than by default", spoil: func(t *testing.T, dir string) {
			for i := range 1000 {
				require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o644))
			}
		}, want: skills.ErrTooManyFiles, says: []string{"more than 1000 files"}},
		{name: "too large", opts: skills.PackageOptions{Limits: skills.Limits{MaxBytes: 50}}, want: skills.ErrSkillTooLarge, says: []string{"50 bytes"}},
		{name: "larger than by default", spoil: func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "SKILL.md"), 95<<20))
		}, want: skills.ErrSkillTooLarge, says: []string{"99614720 bytes"}},
		{name: "unknown platform", opts: skills.PackageOptions{Platforms: platforms("linux/z80")}, want: skills.ErrInvalidPlatform, says: []string{"z80", "amd64"}},
		{name: "a platform twice", opts: skills.PackageOptions{Platforms: platforms("linux/arm64", "linux/arm64/v8")}, want: skills.ErrInvalidPlatform, says: []string{"twice"}},
		{name: "time before 1970", opts: skills.PackageOptions{Epoch: unix(-1)}, want: reproducible.ErrEpoch, says: []string{"1969-12-31T23:59:59Z"}},
		{name: "bad pattern", files: map[string]string{"SKILL.md": skillMD, ".skillignore": "[a\n"}, want: skills.ErrInvalidSkillFile, says: []string{".skillignore"}},
		{name: "control character in a name", files: map[string]string{"SKILL.md": skillMD, "a\x01b": "x"}, want: skills.ErrInvalidSkillFile, says: []string{`a\x01b`, "control"}},
		{name: "newline in a name", files: map[string]string{"SKILL.md": skillMD, "a\nb": "x"}, want: skills.ErrInvalidSkillFile, says: []string{`a\nb`, "control"}},
		{name: "backslash in a name", files: map[string]string{"SKILL.md": skillMD, `a\..\x`: "x"}, want: skills.ErrInvalidSkillFile, says: []string{"backslash"}},
		{name: "drive in a name", files: map[string]string{"SKILL.md": skillMD, `C:x`: "x"}, want: skills.ErrInvalidSkillFile, says: []string{"C:x", "colon"}},
		{name: "name that is not UTF-8", files: map[string]string{"SKILL.md": skillMD, "a\xff": "x"}, want: skills.ErrInvalidSkillFile, says: []string{"UTF-8"}},
		{name: "names that differ by case", files: map[string]string{"SKILL.md": skillMD, "a/x": "x", "A/y": "y"}, want: skills.ErrInvalidSkillFile, says: []string{"case"}},
		{name: "device of Windows", files: map[string]string{"SKILL.md": skillMD, "aux.txt": "x"}, want: skills.ErrInvalidSkillFile, says: []string{"aux.txt", "device"}},
		{name: "link to a file", spoil: link("references/one.md", "x"), want: skills.ErrInvalidSkillFile, says: []string{"x", "symbolic link", "copy"}},
		{name: "link to a directory", spoil: link("references", "x"), want: skills.ErrInvalidSkillFile, says: []string{"x", "symbolic link"}},
		{name: "link that dangles", spoil: link("nowhere", "x"), want: skills.ErrInvalidSkillFile, says: []string{"x", "symbolic link"}},
		{name: "link out", spoil: link("/etc/passwd", "x"), want: skills.ErrInvalidSkillFile, says: []string{"x", "symbolic link"}},
		{name: "SKILL.md is a link", spoil: func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, "SKILL.md"), filepath.Join(dir, "real.md")))
			link("real.md", "SKILL.md")(t, dir)
		}, want: skills.ErrInvalidSkillFile, says: []string{"SKILL.md", "symbolic link"}},
		{name: ".skillignore is a link", spoil: link("SKILL.md", ".skillignore"), want: skills.ErrInvalidSkillFile, says: []string{".skillignore", "symbolic link"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := c.files
			if files == nil {
				files = smallSkill()
			}
			dir := tree(t, files)
			if c.spoil != nil {
				c.spoil(t, dir)
			}
			requireRefused(t, dir, c.opts, c.want, c.says...)
		})
	}
}

// requireRefused packs dir and wants the error, in one line, and nothing in the
// store.
func requireRefused(t *testing.T, dir string, opts skills.PackageOptions, want error, says ...string) {
	t.Helper()
	store := &countingStore{Target: memory.New()}
	result, err := skills.NewPackager(store).Package(context.Background(), dir, opts)
	require.ErrorIs(t, err, want)
	require.Nil(t, result)
	require.Zero(t, store.writes)
	for _, s := range says {
		require.ErrorContains(t, err, s)
	}
	require.NotContains(t, err.Error(), "\n")
}

func removeAll(t *testing.T, dir string) {
	require.NoError(t, os.RemoveAll(dir))
}

func link(to, name string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
}

// TestHostileFS gives names that no operating system lists but a file system
// written by a stranger may.
func TestHostileFS(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a:b", "a\\..\\b", "trailing.", "trailing ", strings.Repeat("x", 256), strings.Repeat("d/", 101) + "f", "Skill.md"} {
		fsys := fstest.MapFS{"SKILL.md": {Data: []byte(skillMD)}, name: {Data: []byte("x")}}
		_, err := skills.NewPackager(memory.New()).PackageFS(context.Background(), fsys, skills.PackageOptions{})
		require.ErrorIs(t, err, skills.ErrInvalidSkillFile, "%q", name)
	}
}

// TestAllFindingsAtOnce shows that a directory's faults come together.
func TestAllFindingsAtOnce(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"SKILL.md": "---\nname: Demo\nlicense: [a]\n---\n", "nul": "x", "a:b": "x"})
	_, err := skills.NewPackager(memory.New()).Package(context.Background(), dir, skills.PackageOptions{})
	var invalid *skilldir.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.ErrorIs(t, err, skills.ErrInvalidFrontmatter)
	require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
	var rules []string
	for _, d := range invalid.Diagnostics {
		rules = append(rules, d.Rule)
		require.NotEmpty(t, d.File)
		require.NotEmpty(t, d.Hint, d.Rule)
	}
	require.Subset(t, rules, []string{"name-characters", "description-missing", "file-name-device", "file-name-colon"})
	require.Len(t, rules, 5)
}
