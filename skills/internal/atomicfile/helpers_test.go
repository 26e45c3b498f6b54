// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// marker is the file that a directory has if it may be replaced.
const marker = "SKILL.md"

// version is a skill whose every file says of which version it is.
func version(name string) map[string]string {
	files := map[string]string{}
	for _, file := range []string{marker, "a/1", "a/b/2", "c/3", "d", ".e"} {
		files[file] = name
	}
	return files
}

// writeFiles writes files as Unpack does.
func writeFiles(files map[string]string) func(*FreshDir) error {
	return func(fresh *FreshDir) error {
		for name, content := range files {
			if err := fresh.Write(name, 0o644, strings.NewReader(content)); err != nil {
				return err
			}
		}
		return nil
	}
}

// put writes files below dir. A name that ends with "/" is a directory.
func put(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			require.NoError(t, os.MkdirAll(path, 0o755))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
}

// lockStages makes stages of the directories below dir that have the name of one
// and hold anything.
func lockStages(t testing.TB, dir string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if names, _ := dirNames(path); isStage(entry.Name()) && len(names) > 0 {
			lock, err := lockStage(path, os.O_CREATE)
			require.NoError(t, err)
			require.NoError(t, lock.Close())
		}
		return nil
	}))
}

// contents returns what lies below dir: files with their content, and stages.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return nil
		}
		require.NoError(t, err)
		name, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		if isStage(entry.Name()) {
			files[filepath.ToSlash(name)] = "a stage"
		}
		if entry.Type().IsRegular() {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			files[filepath.ToSlash(name)] = string(data)
		}
		return nil
	}))
	return files
}

// under puts a directory's name before those of files.
func under(dir string, files map[string]string) map[string]string {
	out := map[string]string{}
	for name, content := range files {
		out[dir+"/"+name] = content
	}
	return out
}

func union(all ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, files := range all {
		for name, content := range files {
			out[name] = content
		}
	}
	return out
}

// pick returns the files that begin with one of the prefixes.
func pick(files map[string]string, prefixes ...string) map[string]string {
	out := map[string]string{}
	for name, content := range files {
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) {
				out[name] = content
			}
		}
	}
	return out
}

// unpackFiles does what Unpack does once it has the artifact.
func unpackFiles(ctx context.Context, dest string, force bool, files map[string]string) error {
	d, err := NewDestination(dest, marker, force)
	if err != nil {
		return err
	}
	if err := d.Prepare(ctx); err != nil {
		return err
	}
	return d.Replace(ctx, writeFiles(files))
}
