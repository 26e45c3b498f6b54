// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package reproducible_test

import (
	"bytes"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/reproducible/internal/decoders"
)

// TestIntegrationDecoders has every golden archive, and the archive of every
// sample skill, decoded by others.
func TestIntegrationDecoders(t *testing.T) {
	t.Parallel()
	var cases []decoders.Case
	add := func(name string, data []byte) {
		cases = append(cases, decoders.Case{Name: name, Member: compress(t, data), Want: data})
	}
	for _, v := range vectors() {
		add(v.name, v.tar(t))
	}
	samples := os.DirFS("../skills/testdata/skills")
	entries, err := fs.ReadDir(samples, ".")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	for _, entry := range entries {
		var files []reproducible.File
		require.NoError(t, fs.WalkDir(samples, entry.Name(), func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			require.NoError(t, err)
			called, err := url.PathUnescape(name) // it is in ASCII where it lies
			files = append(files, reproducible.File{Name: called, Size: info.Size(), Open: func() (io.ReadCloser, error) { return samples.Open(name) }})
			return err
		}))
		require.NotEmpty(t, files)
		add(path.Join("skills", entry.Name()), archive(t, epoch0, files...))
	}
	decoders.Check(t, cases)
}

// TestIntegrationGitArchive reads what git makes of a commit.
func TestIntegrationGitArchive(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	git := func(args ...string) []byte {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		out, err := cmd.Output()
		require.NoError(t, err, "git %v", args)
		return out
	}
	long := strings.Repeat("long/", 30) + "é.md"
	want := []content{
		{reproducible.Entry{Name: "SKILL.md", Size: 4, Mode: 0o644}, "---\n"},
		{reproducible.Entry{Name: long, Size: 4, Mode: 0o644}, "long"},
		{reproducible.Entry{Name: "run", Size: 10, Mode: 0o755}, "#!/bin/sh\n"},
	}
	git("init", "--quiet")
	for _, file := range want {
		name := filepath.Join(dir, filepath.FromSlash(file.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(file.data), file.Mode))
	}
	git("add", ".")
	git("commit", "--quiet", "-m", "x")
	data := git("archive", "HEAD")
	require.Contains(t, string(data[:1024]), " comment=", "the global header")
	got, err := readAll(bytes.NewReader(data), reproducible.Limits{})
	require.NoError(t, err)
	require.Equal(t, want, got)
}
