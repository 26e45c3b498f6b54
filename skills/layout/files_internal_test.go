// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
)

func noLocks(*os.File) (bool, error) { return false, atomicfile.ErrNoLocks }

// withoutLocks opens a layout as on a system whose files can't be locked.
func withoutLocks(t *testing.T, path string) *Store {
	t.Helper()
	layout, err := Open(path)
	require.NoError(t, err)
	layout.tryLock = noLocks
	return layout
}

func pushText(t *testing.T, layout *Store, text string) ocispec.Descriptor {
	t.Helper()
	desc := content.NewDescriptorFromBytes("text/plain", []byte(text))
	if err := layout.Push(t.Context(), desc, strings.NewReader(text)); err != nil {
		require.ErrorIs(t, err, errdef.ErrAlreadyExists)
	}
	return desc
}

// TestNoTagIsLostWithoutFileLocks: goroutines tag one Layout, and several of one
// directory under many names.
func TestNoTagIsLostWithoutFileLocks(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	names := []string{path, filepath.Join(path, "..", filepath.Base(path))}
	if alias := filepath.Join(t.TempDir(), "alias"); os.Symlink(path, alias) == nil {
		names = append(names, alias)
	}
	first := withoutLocks(t, path)
	desc := pushText(t, first, "x")
	const writers, each = 20, 5
	var group errgroup.Group
	for i := range writers {
		layout := first
		if i%2 == 1 {
			layout = withoutLocks(t, names[i/2%len(names)])
		}
		group.Go(func() error {
			for n := range each {
				if err := layout.Tag(t.Context(), desc, fmt.Sprintf("v%d-%d", i, n)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	tags, err := registry.Tags(t.Context(), withoutLocks(t, path))
	require.NoError(t, err)
	require.Len(t, tags, writers*each)
}

// TestTemporaryFilesOfTheDeadAreSwept: they are those whose lock can be taken
// or, where there are no locks, the old ones. Blobs, directories, links and what
// others have there stay.
func TestTemporaryFilesOfTheDeadAreSwept(t *testing.T) {
	t.Parallel()
	const name = ".skillcask-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	dead := []string{tempDir + "/" + name, "blobs/sha256/" + name, "blobs/sha512/.skillcask-1", name}
	kept := []string{"blobs/sha256/.other-1", ".skillcask-note", "blobs/.skillcask-1", tempDir + "-other/" + name}
	for kind, c := range map[string]struct {
		try   atomicfile.FileLock
		age   time.Duration
		swept bool
	}{
		"file locks":     {atomicfile.TryLock, settledAge + time.Second, true},
		"none, new file": {noLocks, time.Hour, false},
		"none, old file": {noLocks, forsakenAge + time.Hour, true},
	} {
		for way, use := range map[string]func(layout *Store, desc ocispec.Descriptor) error{
			"push": func(layout *Store, desc ocispec.Descriptor) error {
				pushText(t, layout, "y")
				return nil
			},
			"tag": func(layout *Store, desc ocispec.Descriptor) error { return layout.Tag(t.Context(), desc, "1.0") },
			"pack of what is there": func(layout *Store, _ ocispec.Descriptor) error {
				_, err := skills.NewPackager(layout).PackageFS(t.Context(), os.DirFS("../testdata/skills/http-status"), skills.PackageOptions{Tag: "2.0"})
				return err
			},
		} {
			t.Run(kind+"/"+way, func(t *testing.T) {
				t.Parallel()
				path := t.TempDir()
				layout, err := Open(path)
				require.NoError(t, err)
				desc := pushText(t, layout, "x")
				require.NoError(t, layout.Tag(t.Context(), desc, "1.0"))
				require.NoError(t, use(layout, desc))
				for _, file := range append(append([]string{}, dead...), kept...) {
					file = filepath.Join(path, file)
					require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
					require.NoError(t, os.WriteFile(file, []byte("half"), 0o644))
					at := time.Now().Add(-c.age)
					require.NoError(t, os.Chtimes(file, at, at))
				}
				again, err := Open(path)
				require.NoError(t, err)
				again.tryLock = c.try
				require.NoError(t, use(again, desc), "even if nothing is to be done")
				for _, file := range dead {
					_, err := os.Stat(filepath.Join(path, file))
					require.Equal(t, c.swept, os.IsNotExist(err), file)
				}
				for _, file := range kept {
					require.FileExists(t, filepath.Join(path, file))
				}
			})
		}
	}
}

// TestTheSweepFollowsNoLink out of the layout or to the blobs.
func TestTheSweepFollowsNoLink(t *testing.T) {
	t.Parallel()
	path, outside := t.TempDir(), t.TempDir()
	layout, err := Open(path)
	require.NoError(t, err)
	desc := pushText(t, layout, "x")
	require.NoError(t, layout.Tag(t.Context(), desc, "1.0"))
	victim := filepath.Join(outside, ".skillcask-1")
	require.NoError(t, os.WriteFile(victim, nil, 0o644))
	for _, link := range []string{tempDir, "blobs/sha512", "blobs/sha256/.skillcask-2"} {
		to := outside
		if strings.HasSuffix(link, "2") {
			to = victim
		}
		if err := os.Symlink(to, filepath.Join(path, link)); err != nil {
			t.Skip(err)
		}
	}
	again, err := Open(path)
	require.NoError(t, err)
	pushText(t, again, "y")
	require.NoDirExists(t, filepath.Join(path, tempDir), "the link is gone")
	entries, err := os.ReadDir(outside)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.NoError(t, os.WriteFile(filepath.Join(path, tempDir), nil, 0o644))
	require.ErrorContains(t, makeTempDir(filepath.Join(path, tempDir)), "remove it", "as one that is made meanwhile")
	_, err = again.Resolve(t.Context(), "1.0")
	require.NoError(t, err)
}

// TestManyWriteAndSweepAtOnce: none takes the file of another for one of the
// dead, nor the directory from under it.
func TestManyWriteAndSweepAtOnce(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]atomicfile.FileLock{"file locks": atomicfile.TryLock, "none": noLocks} {
		path := t.TempDir()
		var group errgroup.Group
		for i := range 8 {
			layout, err := Open(path)
			require.NoError(t, err)
			layout.tryLock = try
			group.Go(func() error {
				for n := range 20 {
					text := fmt.Sprint(i, n)
					desc := content.NewDescriptorFromBytes("text/plain", []byte(text))
					if err := layout.Push(t.Context(), desc, strings.NewReader(text)); err != nil {
						return err
					}
				}
				return nil
			})
		}
		require.NoError(t, group.Wait(), name)
		require.NoDirExists(t, filepath.Join(path, tempDir))
	}
}

// TestSweepFollowsNoLink sweeps a layout whose blobs lie elsewhere: what lies
// there beside them is not the layout's.
func TestSweepFollowsNoLink(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	name := filepath.Join(outside, "project", atomicfile.TempPrefix+"notes")
	require.NoError(t, os.Mkdir(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte("mine"), 0o644))
	if err := os.Symlink(outside, filepath.Join(dir, ocispec.ImageBlobsDir)); err != nil {
		t.Skip(err)
	}
	layout, err := Open(dir)
	if err == nil {
		layout.sweep()
	}
	require.FileExists(t, name)
	require.NoError(t, os.WriteFile(filepath.Join(dir, ocispec.ImageLayoutFile), jsonValue(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion}), 0o644))
	layout, err = Open(dir)
	require.NoError(t, err)
	layout.sweep()
	require.FileExists(t, name)
}
