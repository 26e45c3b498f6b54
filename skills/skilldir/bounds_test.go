// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/source"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// watchedFS counts what is asked of a file system.
type watchedFS struct {
	fs.FS
	read, infos atomic.Int64
	extra       []fs.DirEntry // listed in the root besides what is there
}

func (w *watchedFS) Open(name string) (fs.File, error) {
	f, err := w.FS.Open(name)
	if err != nil {
		return nil, err
	}
	watched := &watchedFile{File: f, fsys: w}
	if name == "." {
		watched.extra = w.extra
	}
	return watched, nil
}

type watchedFile struct {
	fs.File
	fsys  *watchedFS
	extra []fs.DirEntry
}

func (f *watchedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.fsys.read.Add(int64(n))
	return n, err
}

func (f *watchedFile) ReadDir(n int) ([]fs.DirEntry, error) {
	if extra := f.extra; extra != nil {
		f.extra = nil
		return extra, nil
	}
	entries, err := f.File.(fs.ReadDirFile).ReadDir(n)
	for i := range entries {
		entries[i] = watchedEntry{entries[i], f.fsys}
	}
	return entries, err
}

type watchedEntry struct {
	fs.DirEntry
	fsys *watchedFS
}

func (e watchedEntry) Info() (fs.FileInfo, error) {
	e.fsys.infos.Add(1)
	return e.DirEntry.Info()
}

func writeSkill(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "demo")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, SkillFileName), []byte(defaultSkillMD), 0o644))
	return dir
}

func rulesIn(report *Report) []string {
	var ids []string
	for _, d := range report.Diagnostics {
		ids = append(ids, d.Rule)
	}
	return ids
}

// TestSparseFileIsNotRead refuses a file of 200 MB by its size.
func TestSparseFileIsNotRead(t *testing.T) {
	t.Parallel()
	dir := writeSkill(t)
	path := filepath.Join(dir, "model.bin")
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	require.NoError(t, os.Truncate(path, 200_000_000))
	fsys := &watchedFS{FS: os.DirFS(dir)}
	_, err := OpenFS(fsys).Scan(context.Background(), ScanOptions{Advice: true})
	require.ErrorIs(t, err, ErrSkillTooLarge)
	require.ErrorContains(t, err, "model.bin")
	require.LessOrEqual(t, fsys.read.Load(), int64(len(defaultSkillMD)), "no more than SKILL.md")
}

// manyFS is a directory with more files than anybody has.
type manyFS struct{ listed atomic.Int64 }

func (m *manyFS) Open(name string) (fs.File, error) {
	if name != "." {
		return nil, fs.ErrNotExist
	}
	return &manyDir{fsys: m}, nil
}

type manyDir struct{ fsys *manyFS }

func (d *manyDir) Stat() (fs.FileInfo, error) { return manyEntry{mode: fs.ModeDir | 0o755}, nil }
func (d *manyDir) Read([]byte) (int, error)   { return 0, errors.New("a directory") }
func (d *manyDir) Close() error               { return nil }
func (d *manyDir) ReadDir(n int) ([]fs.DirEntry, error) {
	var out []fs.DirEntry
	for range n {
		i := d.fsys.listed.Add(1)
		if i > 100_000 {
			return out, io.EOF
		}
		out = append(out, manyEntry{name: fmt.Sprintf("file%d", i)})
	}
	return out, nil
}

type manyEntry struct {
	name string
	mode fs.FileMode
}

func (e manyEntry) Name() string               { return e.name }
func (e manyEntry) IsDir() bool                { return e.mode.IsDir() }
func (e manyEntry) Type() fs.FileMode          { return e.mode.Type() }
func (e manyEntry) Info() (fs.FileInfo, error) { return e, nil }
func (e manyEntry) Size() int64                { return 1 }
func (e manyEntry) Mode() fs.FileMode          { return e.mode | 0o644 }
func (e manyEntry) ModTime() time.Time         { return time.Time{} }
func (e manyEntry) Sys() any                   { return nil }

func TestManyFilesAreRefusedAfterTheLimit(t *testing.T) {
	t.Parallel()
	var fsys manyFS
	_, err := OpenFS(&fsys).Scan(context.Background(), ScanOptions{Advice: true})
	require.ErrorIs(t, err, ErrTooManyFiles)
	require.LessOrEqual(t, fsys.listed.Load(), int64(1280), "listed in parts of 256")

	dir := writeSkill(t)
	for i := range 3000 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o644))
	}
	watched := &watchedFS{FS: os.DirFS(dir)}
	report, err := ValidateFS(context.Background(), watched, ValidateOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"file-count"}, rulesIn(report))
	require.LessOrEqual(t, watched.infos.Load(), int64(1001))
}

// TestWhatIsLeftOutIsBounded lists more hidden files than may be told of.
func TestWhatIsLeftOutIsBounded(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}}
	for i := range 31 {
		fsys[fmt.Sprintf(".%d", i)] = &fstest.MapFile{}
	}
	report, err := ValidateFS(context.Background(), fsys, ValidateOptions{MaxFiles: 3})
	require.NoError(t, err)
	require.Equal(t, []string{"file-count"}, rulesIn(report))
	delete(fsys, ".30")
	report, err = ValidateFS(context.Background(), fsys, ValidateOptions{MaxFiles: 3})
	require.NoError(t, err)
	require.Empty(t, report.Diagnostics)
	require.Len(t, report.Excluded, 30)
}

func TestDirectoryOfAThousandLevelsIsRefused(t *testing.T) {
	t.Parallel()
	dir := writeSkill(t)
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	// Step by step: the whole path may be too long for the system.
	at := root
	for range 1000 {
		require.NoError(t, at.Mkdir("d", 0o755))
		next, err := at.OpenRoot("d")
		require.NoError(t, err)
		if at != root {
			at.Close()
		}
		at = next
	}
	at.Close()
	opened, err := Open(dir)
	require.NoError(t, err)
	defer opened.Close()
	_, err = opened.Scan(context.Background(), ScanOptions{Advice: true})
	require.ErrorIs(t, err, ErrInvalidSkillFile)
	require.ErrorContains(t, err, "[tree-depth]")
}

// TestBrokenFileSystems shows the rules that only a file system that is
// written badly, or by an attacker, can break.
func TestBrokenFileSystems(t *testing.T) {
	t.Parallel()
	base := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, "a": {Data: []byte("x")}}
	for name, c := range map[string]struct {
		extra []fs.DirEntry
		want  []string
	}{
		"nothing":            {nil, nil},
		"up":                 {[]fs.DirEntry{manyEntry{name: ".."}}, []string{"file-name-segment"}},
		"itself":             {[]fs.DirEntry{manyEntry{name: "."}}, []string{"file-name-segment"}},
		"no name":            {[]fs.DirEntry{manyEntry{name: ""}}, []string{"file-name-segment"}},
		"a path":             {[]fs.DirEntry{manyEntry{name: "../../etc/passwd"}}, []string{"file-name-segment"}},
		"a name twice":       {[]fs.DirEntry{manyEntry{name: "a"}}, []string{"file-name-twice"}},
		"file and directory": {[]fs.DirEntry{manyEntry{name: "a", mode: fs.ModeDir}}, []string{"file-changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, profile := range profiles {
				report, err := ValidateFS(context.Background(), &watchedFS{FS: base, extra: c.extra}, ValidateOptions{Profile: profile})
				require.NoError(t, err)
				require.Equal(t, c.want, rulesIn(report), profile)
			}
		})
	}
	// A name that is both: each half is right for who looks at it alone.
	s := &scanner{scanned: &scanned{source: source.FS(base)}}
	require.NoError(t, s.names.Add("a/b"))
	s.reportName("a", s.names.Add("a"))
	require.Equal(t, "file-and-directory", s.found.list[0].Rule)
}

func TestDirectoryThatIsNone(t *testing.T) {
	t.Parallel()
	dir := writeSkill(t)
	for _, path := range []string{filepath.Join(dir, "none"), filepath.Join(dir, SkillFileName)} {
		report, err := Validate(context.Background(), path, ValidateOptions{})
		require.NoError(t, err)
		require.Equal(t, []string{"skill-directory"}, rulesIn(report))
		require.ErrorIs(t, report.Err(), ErrInvalidSkillDir)
		require.Contains(t, report.Diagnostics[0].Message, path)
	}
	report, err := Validate(context.Background(), dir, ValidateOptions{})
	require.NoError(t, err)
	require.Empty(t, rulesIn(report))
}

func TestUnreadableIsTold(t *testing.T) {
	t.Parallel()
	fsys := &testkit.ChangingFS{MapFS: fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, "a": {}}, Name: "a",
		Inner: func(f fs.File) fs.File { return &testkit.LyingFile{File: f, R: iotestErr{}} }}
	report, err := ValidateFS(context.Background(), fsys, ValidateOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"file-unreadable"}, rulesIn(report))
	require.ErrorIs(t, report.Err(), ErrInvalidSkillFile)
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, fs.ErrPermission }

// TestLabelsOfTooManyNames has more names than fit into 4 MiB. No file system
// is asked: one in memory takes long for so many.
func TestLabelsOfTooManyNames(t *testing.T) {
	t.Parallel()
	s := &scanner{scanned: &scanned{source: source.FS(fstest.MapFS{}), meta: &frontmatter{}}}
	long := strings.Repeat(strings.Repeat("x", 240)+"/", 10)
	add := func(n int) {
		for range n {
			s.listed = append(s.listed, fmt.Sprintf("%s%d", long, len(s.listed)))
		}
	}
	add(1700)
	s.checkLabels()
	require.NoError(t, s.found.err())
	add(100)
	s.checkLabels()
	require.ErrorIs(t, s.found.err(), ErrSkillTooLarge)
	require.ErrorContains(t, s.found.err(), "[labels-size]")
}
