// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

// TestFilesFSOfAnyFileSystem gives the same bytes as the same files by hand.
func TestFilesFSOfAnyFileSystem(t *testing.T) {
	t.Parallel()
	content := map[string]string{"b/run.sh": "#!/bin/sh\n", "a.md": "# A\n", "b/c/empty": ""}
	memory, dir := fstest.MapFS{"d": {Mode: fs.ModeDir | 0o755}}, t.TempDir()
	var byHand []reproducible.File
	for name, text := range content {
		memory[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o600}
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		byHand = append(byHand, file(name, text))
	}
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	for _, fsys := range []fs.FS{memory, os.DirFS(dir), root.FS()} {
		files, err := reproducible.FilesFS(fsys)
		require.NoError(t, err)
		require.Len(t, files, len(content))
		require.Equal(t, archive(t, epoch0, byHand...), archive(t, epoch0, files...))
	}
}

// TestFilesFSRefuses what is no regular file, before and after it was listed.
func TestFilesFSRefuses(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]fs.FileMode{"a link": fs.ModeSymlink, "a pipe": fs.ModeNamedPipe, "a device": fs.ModeDevice} {
		_, err := reproducible.FilesFS(fstest.MapFS{"d/x": {Mode: mode | 0o644}})
		require.ErrorIs(t, err, reproducible.ErrFileType, name)
		require.ErrorContains(t, err, "d/x", name)
	}
	_, err := reproducible.FilesFS(os.DirFS(filepath.Join(t.TempDir(), "absent")))
	require.ErrorIs(t, err, fs.ErrNotExist)

	for name, change := range map[string]func(fstest.MapFS){
		"longer":      func(m fstest.MapFS) { m["x"] = &fstest.MapFile{Data: []byte("xx")} },
		"a directory": func(m fstest.MapFS) { delete(m, "x"); m["x/y"] = &fstest.MapFile{} },
	} {
		fsys := fstest.MapFS{"x": {Data: []byte("x")}}
		files, err := reproducible.FilesFS(fsys)
		require.NoError(t, err)
		change(fsys)
		_, err = reproducible.WriteTar(t.Context(), new(bytes.Buffer), files, epoch0)
		require.ErrorIs(t, err, reproducible.ErrFileChanged, name)
	}
}
