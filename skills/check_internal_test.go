// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// TestCheckOfADirectoryThatChanges changes a file between the walk and the
// comparison: the answer is neither yes nor no, and what took its place is not
// read.
func TestCheckOfADirectoryThatChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(file, outside string) error{
		"it is gone":  func(file, _ string) error { return os.Remove(file) },
		"it grows":    func(file, _ string) error { return os.WriteFile(file, []byte("xx"), 0o644) },
		"it is moved": func(file, outside string) error { return os.Rename(outside, file) },
		"it becomes a link out": func(file, outside string) error {
			if err := os.Remove(file); err != nil {
				return err
			}
			return os.Symlink(outside, file)
		},
		"its directory becomes a link out": func(file, outside string) error {
			if err := os.RemoveAll(filepath.Dir(file)); err != nil {
				return err
			}
			return os.Symlink(filepath.Dir(outside), filepath.Dir(file))
		},
		"its directory becomes a link inside": func(file, _ string) error {
			dir := filepath.Dir(file)
			if err := os.CopyFS(dir+".copy", os.DirFS(dir)); err != nil {
				return err
			}
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			return os.Symlink(filepath.Base(dir)+".copy", dir)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "a")
			file := filepath.Join(dir, "d", "a")
			require.NoError(t, os.Mkdir(filepath.Dir(file), 0o755))
			for _, path := range []string{file, outside} {
				require.NoError(t, os.WriteFile(path, []byte("x"), 0o644))
			}
			src, err := source.Open(dir)
			require.NoError(t, err)
			defer src.Close()
			c := newChecker(src, []FileInfo{{Name: "d/a", Size: 1, Mode: 0o644, Digest: digest.FromString("x")}}, 10)
			info, err := fs.Stat(src.FS, ".")
			require.NoError(t, err)
			require.NoError(t, c.walk(ctx, ".", info))
			require.Len(t, c.there, 1)
			if err := change(file, outside); err != nil {
				t.Skip("that can't be done here:", err)
			}
			err = c.compare(ctx, c.there[0])
			require.Error(t, err)
			err = checkError("d/a", err)
			require.ErrorIs(t, err, ErrInvalidSkillFile)
			require.ErrorIs(t, err, reproducible.ErrFileChanged)
			require.ErrorContains(t, err, "d/a: ")
			require.Empty(t, c.found.kept)
		})
	}
}
