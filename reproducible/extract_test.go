// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

// TestExtractRestoresWhatWriteTarWrote, so that the same bytes come out again.
func TestExtractRestoresWhatWriteTarWrote(t *testing.T) {
	t.Parallel()
	want := archive(t, epoch0, file("b/run.sh", "#!/bin/sh\n"), file("a.md", "# A\n"), file("b/c/empty", ""))
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, reproducible.Extract(t.Context(), reproducible.NewReader(bytes.NewReader(want), reproducible.Limits{}), dir))
	files, err := reproducible.FilesFS(os.DirFS(dir))
	require.NoError(t, err)
	require.Equal(t, want, archive(t, epoch0, files...))
	if runtime.GOOS != "windows" {
		info, err := os.Stat(filepath.Join(dir, "b", "run.sh"))
		require.NoError(t, err)
		require.NotZero(t, info.Mode()&0o100)
		info, err = os.Stat(filepath.Join(dir, "a.md"))
		require.NoError(t, err)
		require.Zero(t, info.Mode()&0o111)
	}
	requireOnly(t, filepath.Dir(dir), "out")
}

// requireOnly wants nothing in a directory but these names.
func requireOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, len(names))
	for i, entry := range entries {
		require.Equal(t, names[i], entry.Name())
	}
}

// TestExtractLeavesNothingBehind of what it refuses or can't read to its end.
func TestExtractLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	good := archive(t, epoch0, file("a", "a"), file("b", "b"))
	var leadsOut bytes.Buffer
	tw := tar.NewWriter(&leadsOut)
	for _, name := range []string{"a", "../b"} {
		require.NoError(t, tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}))
	}
	require.NoError(t, tw.Close())
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		in     io.Reader
		limits reproducible.Limits
		want   error
	}{
		"a name that leads out": {t.Context(), &leadsOut, reproducible.Limits{}, reproducible.ErrName},
		"too many files":        {t.Context(), bytes.NewReader(good), reproducible.Limits{Files: 1}, reproducible.ErrTooManyFiles},
		"cut off":               {t.Context(), bytes.NewReader(good[:1200]), reproducible.Limits{}, io.ErrUnexpectedEOF},
		"a reader that fails":   {t.Context(), io.MultiReader(bytes.NewReader(good[:512]), iotest.ErrReader(errTest)), reproducible.Limits{}, errTest},
		"more after its end":    {t.Context(), io.MultiReader(bytes.NewReader(good), bytes.NewReader(good)), reproducible.Limits{}, reproducible.ErrAmbiguous},
		"cancelled":             {cancelled, bytes.NewReader(good), reproducible.Limits{}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			err := reproducible.Extract(c.ctx, reproducible.NewReader(c.in, c.limits), filepath.Join(parent, "out"))
			require.ErrorIs(t, err, c.want)
			requireOnly(t, parent)
		})
	}
}

// TestExtractReplacesNothing, not even a link that leads nowhere.
func TestExtractReplacesNothing(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "dir")
	require.NoError(t, os.Mkdir(dir, 0o755))
	link := filepath.Join(parent, "link")
	if err := os.Symlink("nowhere", link); err != nil {
		link = dir
	}
	for _, path := range []string{dir, link} {
		err := reproducible.Extract(t.Context(), reproducible.NewReader(bytes.NewReader(archive(t, epoch0)), reproducible.Limits{}), path)
		require.ErrorIs(t, err, fs.ErrExist)
	}
	err := reproducible.Extract(t.Context(), reproducible.NewReader(bytes.NewReader(archive(t, epoch0)), reproducible.Limits{}), filepath.Join(parent, "absent", "out"))
	require.True(t, errors.Is(err, fs.ErrNotExist), "%v", err)
}
