// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// TestFileThatChangesIsFound changes files between being listed and being opened,
// and then replaces them by their equals, which is no change. What packing says of
// them is a test of package skills.
func TestFileThatChangesIsFound(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"data.txt", SkillFileName} {
		for _, profile := range profiles {
			for more, want := range map[string]bool{"more": true, "": false} {
				fsys := &testkit.ChangingFS{MapFS: fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, "data.txt": {Data: []byte("the same")}}, Name: file}
				fsys.Spoil = func(m fstest.MapFS) {
					m[file] = &fstest.MapFile{Data: append(slices.Clone(m[file].Data), more...)}
				}
				report, err := ValidateFS(context.Background(), fsys, ValidateOptions{Profile: profile})
				require.NoError(t, err)
				require.Equal(t, want, slices.Contains(rulesIn(report), "file-changed"), file)
				require.Equal(t, want, errors.Is(report.Err(), ErrInvalidSkillFile))
			}
		}
	}
}

// TestFilesReadAsTheyWereScanned refuses a SKILL.md with another front matter, and
// files that are gone.
func TestFilesReadAsTheyWereScanned(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, "data.txt": {Data: []byte("the same")}}
	skill, err := OpenFS(fsys).Scan(context.Background(), ScanOptions{})
	require.NoError(t, err)
	var done, total int64
	files := skill.Files(FileOptions{Progress: func(d, t int64) { done, total = d, t }})
	require.Len(t, files, 2)
	for _, f := range files {
		require.Equal(t, fsys[f.Name].Data, read(t, f, nil))
	}
	require.Equal(t, int64(len(defaultSkillMD)+len("the same")), done)
	require.Equal(t, done, total)

	fsys[SkillFileName].Data = []byte(strings.Replace(defaultSkillMD, "Shows", "Hides", 1))
	read(t, files[0], reproducible.ErrFileChanged)
	delete(fsys, "data.txt")
	read(t, files[1], reproducible.ErrFileChanged)
}

func read(t *testing.T, file reproducible.File, want error) []byte {
	t.Helper()
	r, err := file.Open()
	var data []byte
	if err == nil {
		defer r.Close()
		data, err = io.ReadAll(r)
	}
	require.ErrorIs(t, err, want)
	return data
}
