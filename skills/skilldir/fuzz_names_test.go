// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

// FuzzFileNames judges skills that have files of arbitrary names: as a path,
// where a file system can have it, and as an entry that a broken one lists.
func FuzzFileNames(f *testing.F) {
	for _, seed := range [][2]string{
		{"a", "A"}, {"a/b", "a"}, {"a", "a"}, {"..", "."}, {"", "/"}, {"../../x", `..\x`}, {"aux.md", "C:x"}, {"e\u0301", "\u00e9"}, {"\xff", "a\nb"},
		{SkillFileName, "skill.md"}, {".skillignore", ".x"}, {strings.Repeat("d/", 100) + "f", strings.Repeat("x", 256)}, {strings.Repeat("é/", 1366), "x."},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		judge := func(a, b string) (reports []*Report) {
			files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}}
			var extra []fs.DirEntry
			for _, name := range []string{a, b} {
				if fs.ValidPath(name) && files[name] == nil && name != "." {
					files[name] = &fstest.MapFile{Data: []byte("x")}
				} else {
					extra = append(extra, manyEntry{name: name})
				}
			}
			for _, profile := range profiles {
				fsys := &watchedFS{FS: files, extra: extra}
				report, err := ValidateFS(context.Background(), fsys, ValidateOptions{Profile: profile})
				require.NoError(t, err)
				reports = append(reports, report)
			}
			return reports
		}
		var reports []*Report
		bounded(t, func() { reports = judge(a, b) })
		require.Equal(t, reports, judge(a, b), "the same input, other findings")
		for i, other := range judge(b, a) {
			require.Equal(t, reports[i].Diagnostics, other.Diagnostics, "another order, other findings")
		}
		for _, report := range reports {
			for _, d := range report.Diagnostics {
				require.NotEmpty(t, d.Message)
				require.NotEmpty(t, d.Hint, d.Rule)
				require.NotContains(t, d.String(), "\n")
			}
		}
		if reports[0].Err() == nil {
			var names reproducible.NameSet
			for _, name := range reports[0].Files {
				require.NoError(t, names.Add(name))
			}
		}
	})
}
