// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
)

// TestForceReplacesASkillOnly unpacks onto directories that are in use. What is
// no skill stays, and only where force works does the refusal say so.
func TestForceReplacesASkillOnly(t *testing.T) {
	t.Parallel()
	layout := packLayout(t, t.TempDir())
	fresh := filepath.Join(t.TempDir(), "fresh")
	_, err := skills.Unpack(context.Background(), layout, "1", fresh, skills.UnpackOptions{})
	require.NoError(t, err)
	for _, c := range []struct {
		name     string
		has      map[string]string // names that end with "/" are directories
		link     string            // target of a link SKILL.md
		replaces bool
	}{
		{name: "a skill", has: map[string]string{"SKILL.md": "old", "scripts/old.sh": "old"}, replaces: true},
		{name: "a skill that is broken", has: map[string]string{"SKILL.md": ""}, replaces: true},
		{name: "a directory of skills", has: map[string]string{"one/SKILL.md": "one", "two/SKILL.md": "two"}},
		{name: "a file", has: map[string]string{"notes": "mine"}},
		{name: "a hidden file", has: map[string]string{".env": "mine"}},
		{name: "SKILL.md as a directory", has: map[string]string{"SKILL.md/x": "mine"}},
		{name: "SKILL.md as a link", has: map[string]string{"real": "mine"}, link: "real"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			dest := filepath.Join(parent, "out")
			for name, content := range c.has {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dest, name)), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(dest, name), []byte(content), 0o644))
			}
			if c.link != "" {
				link(c.link, "SKILL.md")(t, dest)
			}
			before := listTree(t, dest)

			_, err := skills.Unpack(context.Background(), layout, "1", dest, skills.UnpackOptions{})
			require.ErrorIs(t, err, skills.ErrDestinationExists)
			require.ErrorContains(t, err, dest)
			require.NotContains(t, err.Error(), "UnpackOptions")
			if c.replaces {
				require.ErrorIs(t, err, skills.ErrHoldsSkill)
			} else {
				require.NotErrorIs(t, err, skills.ErrHoldsSkill)
				require.ErrorContains(t, err, filepath.Join(dest, "NAME"))
			}
			require.Equal(t, before, listTree(t, dest))

			_, err = skills.Unpack(context.Background(), layout, "1", dest, skills.UnpackOptions{Force: true})
			if c.replaces {
				require.NoError(t, err)
				require.Equal(t, listTree(t, fresh), listTree(t, dest))
			} else {
				require.ErrorIs(t, err, skills.ErrDestinationExists)
				require.ErrorContains(t, err, "no SKILL.md")
				require.ErrorContains(t, err, filepath.Join(dest, "NAME"))
				require.Equal(t, before, listTree(t, dest))
			}
			require.Equal(t, []string{"out"}, names(t, parent))
		})
	}
}

// TestInvalidDestinations names what can't be a destination whatever stands
// there.
func TestInvalidDestinations(t *testing.T) {
	t.Parallel()
	layout := packLayout(t, t.TempDir())
	root, err := filepath.Abs("/")
	require.NoError(t, err)
	work := t.TempDir()
	for name, dest := range map[string]string{
		"empty":                        "",
		"a root":                       root,
		"a NUL":                        filepath.Join(work, "a\x00b"),
		"the name of a stage":          filepath.Join(work, ".skillcask-unpack-x"),
		"in a directory named as such": filepath.Join(work, ".skillcask-unpack-x", "demo"),
	} {
		for _, force := range []bool{false, true} {
			_, err := skills.Unpack(context.Background(), layout, "1", dest, skills.UnpackOptions{Force: force})
			require.ErrorIs(t, err, skills.ErrInvalidDestination, name)
			require.NotErrorIs(t, err, skills.ErrDestinationExists, name)
		}
	}
	require.Empty(t, names(t, work))
}

// TestEntryWithTheNameOfAStage is refused: the next unpack would remove it.
func TestEntryWithTheNameOfAStage(t *testing.T) {
	t.Parallel()
	files := smallSkill()
	files[".skillcask-unpack-moving/old/x"] = "x"
	files[".skillignore"] = "!.skillcask-unpack-moving"
	store, packed := packDir(t, tree(t, files), skills.PackageOptions{})
	parent := t.TempDir()
	_, err := skills.Unpack(context.Background(), store, packed.IndexDigest.String(), filepath.Join(parent, "out"), skills.UnpackOptions{})
	require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
	require.ErrorContains(t, err, ".skillcask-unpack-moving/old/x")
	require.Empty(t, names(t, parent))
}
