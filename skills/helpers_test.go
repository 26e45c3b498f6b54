// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

func TestMain(m *testing.M) {
	const lie = "testdata/skills"
	if _, err := os.Stat(lie); err == nil { // processes of tests run elsewhere too
		if sampleDir, err = os.MkdirTemp("", "samples-*"); err == nil {
			err = testkit.CopySamples(sampleDir, lie)
		}
		if err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		os.RemoveAll(sampleDir)
		os.Exit(status)
	}))
}

// sampleDir holds the skills that people would have: a copy, with their own names.
var sampleDir string

// samples returns the names of the sample skills.
func samples(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(sampleDir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	require.GreaterOrEqual(t, len(names), 4)
	return names
}

// What the tests of other packages use too.
const skillMD = testkit.SkillMD

var (
	tree               = testkit.Tree
	smallSkill         = testkit.SmallSkill
	noise              = testkit.Noise
	requireNoHalfFiles = testkit.RequireNoHalfFiles
)

// bigSkill is a small skill and a file of noise. If that has more than 1 MiB,
// the layer is spooled to a file.
func bigSkill(size int) map[string]string {
	files := smallSkill()
	files["assets/noise"] = noise(size)
	return files
}

// packDir packs dir into memory and returns the store too.
func packDir(t testing.TB, dir string, opts skills.PackageOptions) (*memory.Store, *skills.PackageResult) {
	t.Helper()
	store := memory.New()
	result, err := skills.NewPackager(store).Package(context.Background(), dir, opts)
	require.NoError(t, err)
	return store, result
}

// mapFS copies a directory into an fstest.MapFS, with odd modes.
func mapFS(t testing.TB, dir string) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		m[name] = &fstest.MapFile{Data: data, Mode: 0o400}
		return err
	}))
	return m
}

// listTree returns the files below dir with mode and content.
func listTree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		require.NoError(t, err)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		name, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		out[filepath.ToSlash(name)] = info.Mode().String() + " " + string(data)
		return nil
	}))
	return out
}

// platforms parses platforms without checking that they are known.
func platforms(list ...string) []ocispec.Platform {
	var out []ocispec.Platform
	for _, s := range list {
		parts := append(strings.Split(s, "/"), "")
		out = append(out, ocispec.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]})
	}
	return out
}

// openLayout opens the layout in a directory.
func openLayout(t testing.TB, path string) *ocilayout.Store {
	t.Helper()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	return layout
}

func unix(seconds int64) time.Time { return time.Unix(seconds, 0) }

// requireNoTempFiles wants TMPDIR empty. It is of use where the test has set it.
func requireNoTempFiles(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, entries)
}

// openFiles counts what the process has open besides sockets, which close when
// they like; 0 where that can't be told.
func openFiles(t *testing.T) int {
	t.Helper()
	const dir = "/proc/self/fd"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	n := 0
	for _, entry := range entries {
		if to, err := os.Readlink(filepath.Join(dir, entry.Name())); err == nil && !strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}
