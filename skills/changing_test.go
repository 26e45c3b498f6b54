// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills"
)

// TestDirectoryThatChangesWhilePacked changes files of a real directory after
// they were found, as soon as others are read.
func TestDirectoryThatChangesWhilePacked(t *testing.T) {
	t.Parallel()
	const later, current = "references/one.md", "assets/noise" // SKILL.md comes before both
	appendTo := func(path string) error {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString("more")
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		return err
	}
	for _, c := range []struct {
		name   string
		file   string
		change func(path string) error
		says   string
	}{
		{"a later file shrinks", later, func(path string) error { return os.Truncate(path, 1) }, "it has 1 bytes, it had 6"},
		{"a later file grows", later, appendTo, "it has 10 bytes, it had 6"},
		{"a later file vanishes", later, os.Remove, "it is gone"},
		{"a later file is written to", later, func(path string) error { return os.WriteFile(path, []byte("# Two\n"), 0o644) }, "it was written to"},
		{"a later file is replaced", later, func(path string) error {
			if err := os.WriteFile(path+".new", []byte("# Two\n"), 0o644); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, "another file took its place"},
		{"a later file becomes a directory", later, func(path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.Mkdir(path, 0o755)
		}, "it became a directory"},
		{"a later file's directory vanishes", later, func(path string) error { return os.RemoveAll(filepath.Dir(path)) }, "it is gone"},
		{"the file that is read shrinks", current, func(path string) error { return os.Truncate(path, 1<<20) }, "bytes"},
		{"the file that is read grows", current, appendTo, "bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			files := smallSkill()
			if c.file == current {
				files = bigSkill(3 << 20)
			}
			dir := tree(t, files)
			path := filepath.Join(dir, filepath.FromSlash(c.file))
			require.NoError(t, os.Chtimes(filepath.Join(dir, later), unix(1), unix(1)))
			changed := false
			store := &countingStore{Target: memory.New()}
			result, err := skills.NewPackager(store).Package(ctx, dir, skills.PackageOptions{Tag: "1.0", Progress: func(done, total int64) {
				if begun := done > int64(len(skillMD)); !changed && (begun || c.file == later) {
					require.Less(t, done, total)
					changed = true
					require.NoError(t, c.change(path))
				}
			}})
			require.True(t, changed)
			require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
			require.ErrorContains(t, err, c.file)
			require.ErrorContains(t, err, c.says)
			require.Nil(t, result)
			require.NotContains(t, mediaTypes(store.order), ocispec.MediaTypeImageIndex)
			require.Zero(t, store.writes)
			requireAbsent(t, store, "1.0")
		})
	}
}
