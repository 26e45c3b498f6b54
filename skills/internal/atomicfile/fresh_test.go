// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUnpackSyncsBeforeItReplaces wants every file synced before its directory,
// and all of them while the old version still stands there.
func TestUnpackSyncsBeforeItReplaces(t *testing.T) {
	t.Parallel()
	for _, system := range systems {
		t.Run(system.name, func(t *testing.T) {
			t.Parallel()
			dest := filepath.Join(t.TempDir(), "out")
			put(t, dest, version("old"))
			d, err := NewDestination(dest, marker, true)
			require.NoError(t, err)
			system.alter(d)
			var mu sync.Mutex
			files, dirs := map[string]bool{}, map[string]bool{}
			require.NoError(t, d.Replace(t.Context(), func(fresh *FreshDir) error {
				in := func(path string) string {
					name, err := filepath.Rel(fresh.path, path)
					if err != nil {
						return err.Error()
					}
					return filepath.ToSlash(name)
				}
				fresh.syncFile = func(file *os.File) error {
					mu.Lock()
					defer mu.Unlock()
					files[in(file.Name())] = len(dirs) == 0
					return file.Sync()
				}
				fresh.syncDir = func(path string) error {
					mu.Lock()
					defer mu.Unlock()
					old, err := os.ReadFile(filepath.Join(dest, marker))
					dirs[in(path)] = err == nil && string(old) == "old"
					return SyncDir(path)
				}
				return writeFiles(version("new"))(fresh)
			}))
			require.Equal(t, map[string]bool{"SKILL.md": true, "a/1": true, "a/b/2": true, "c/3": true, "d": true, ".e": true}, files)
			require.Equal(t, map[string]bool{".": true, "a": true, "a/b": true, "c": true}, dirs)
			require.Equal(t, version("new"), contents(t, dest))
		})
	}
}

// TestUnpackThatCantSyncFails leaves what stood there, and nothing else.
func TestUnpackThatCantSyncFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is broken")
	for name, breaks := range map[string]func(*FreshDir){
		"a file":      func(fresh *FreshDir) { fresh.syncFile = func(*os.File) error { return broken } },
		"a directory": func(fresh *FreshDir) { fresh.syncDir = func(string) error { return broken } },
	} {
		for _, system := range systems {
			parent := t.TempDir()
			dest := filepath.Join(parent, "out")
			put(t, dest, version("old"))
			d, err := NewDestination(dest, marker, true)
			require.NoError(t, err)
			system.alter(d)
			err = d.Replace(t.Context(), func(fresh *FreshDir) error {
				breaks(fresh)
				return writeFiles(version("new"))(fresh)
			})
			require.ErrorIs(t, err, broken, "%s, %s", name, system.name)
			require.Equal(t, under("out", version("old")), contents(t, parent))
		}
	}
}
