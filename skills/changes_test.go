// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// TestFileThatChangesIsAnError changes a file after it was found: before it is
// opened, and while it is read.
func TestFileThatChangesIsAnError(t *testing.T) {
	t.Parallel()
	const changed = "---\nname: demo\ndescription: Hides things. Use it in tests.\n---\n\nDo this.\n"
	require.Len(t, changed, len(testkit.PlainSkillMD))
	set := func(text string) func(fstest.MapFS, string) {
		return func(m fstest.MapFS, name string) { m[name] = &fstest.MapFile{Data: []byte(text)} }
	}
	liar := func(text string) func(fs.File) fs.File {
		return func(f fs.File) fs.File { return &testkit.LyingFile{File: f, R: strings.NewReader(text)} }
	}
	for name, change := range map[string]struct {
		spoil func(m fstest.MapFS, name string)
		inner func(fs.File) fs.File
		only  string // of the files, "" for all
	}{
		"grows":    {spoil: set(testkit.PlainSkillMD + "more than before")},
		"shrinks":  {spoil: set("less")},
		"vanishes": {spoil: func(m fstest.MapFS, name string) { delete(m, name) }},
		"is written to": {spoil: func(m fstest.MapFS, name string) {
			m[name] = &fstest.MapFile{Data: m[name].Data, ModTime: time.Unix(9, 0)}
		}},
		"becomes a directory":     {spoil: func(m fstest.MapFS, name string) { delete(m, name); m[name+"/x"] = &fstest.MapFile{} }},
		"grows while it is read":  {inner: liar(testkit.PlainSkillMD + "more than before")},
		"shrinks while it's read": {inner: liar("less")},
		// Nothing but its content tells. What the labels say must be in the layer.
		"is replaced":                 {spoil: set(changed), only: SkillFileName},
		"has other content when read": {inner: liar(changed), only: SkillFileName},
		"is read byte by byte, changed": {inner: func(f fs.File) fs.File {
			return &testkit.LyingFile{File: f, R: iotest.OneByteReader(strings.NewReader(changed))}
		}, only: SkillFileName},
	} {
		for _, file := range []string{"data.txt", SkillFileName} {
			if change.only != "" && change.only != file {
				continue
			}
			// The first time it is opened to be judged, the second time for packing.
			for after := range int64(2) {
				if after == 0 && (change.inner != nil || change.only != "") {
					continue // judging reads no further than it needs, and is the first to read
				}
				t.Run(fmt.Sprintf("%s %s at opening %d", file, name, after+1), func(t *testing.T) {
					t.Parallel()
					fsys := &testkit.ChangingFS{MapFS: fstest.MapFS{
						SkillFileName: {Data: []byte(testkit.PlainSkillMD)},
						"data.txt":    {Data: []byte("the same")},
					}, Name: file, After: after, Inner: change.inner}
					if change.spoil != nil {
						fsys.Spoil = func(m fstest.MapFS) { change.spoil(m, file) }
					}
					store := memory.New()
					result, err := NewPackager(store).PackageFS(context.Background(), fsys, PackageOptions{})
					require.Nil(t, result)
					require.ErrorIs(t, err, ErrInvalidSkillFile)
					require.ErrorContains(t, err, file)
					if after == 1 {
						require.ErrorIs(t, err, reproducible.ErrFileChanged)
					} else {
						require.ErrorContains(t, err, "[file-changed]")
					}
				})
			}
		}
	}
}

// TestFileThatStaysIsNoError replaces files by their equals, after they were
// judged.
func TestFileThatStaysIsNoError(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"", "\ufeff"} {
		for _, file := range []string{"data.txt", SkillFileName} {
			for _, inner := range []func(f fs.File) fs.File{nil, func(f fs.File) fs.File { return &testkit.LyingFile{File: f, R: iotest.OneByteReader(f)} }} {
				fsys := &testkit.ChangingFS{MapFS: fstest.MapFS{
					SkillFileName: {Data: []byte(mark + testkit.PlainSkillMD)},
					"data.txt":    {Data: []byte("the same")},
				}, Name: file, After: 1, Inner: inner}
				fsys.Spoil = func(m fstest.MapFS) { m[file] = &fstest.MapFile{Data: slices.Clone(m[file].Data)} }
				_, err := NewPackager(memory.New()).PackageFS(context.Background(), fsys, PackageOptions{})
				require.NoError(t, err)
				fsys.Opens.Store(1) // now it is replaced when it is judged
				report, err := skilldir.ValidateFS(context.Background(), fsys, skilldir.ValidateOptions{})
				require.NoError(t, err)
				require.NotContains(t, fmt.Sprint(report.Diagnostics), "[file-changed]")
			}
		}
	}
}
