// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package reproducible_test

import (
	"io"
	"io/fs"
	"os"
	"path"
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
			files = append(files, reproducible.File{Name: name, Size: info.Size(), Open: func() (io.ReadCloser, error) { return samples.Open(name) }})
			return err
		}))
		require.NotEmpty(t, files)
		add(path.Join("skills", entry.Name()), archive(t, epoch0, files...))
	}
	decoders.Check(t, cases)
}
