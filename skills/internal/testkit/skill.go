// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/source"
)

// SkillMD is the SKILL.md of a skill named demo.
const SkillMD = "---\nname: demo\ndescription: Shows things. Use it in tests.\n---\n\n# Demo\n"

// PlainSkillMD is another one, without a heading.
const PlainSkillMD = "---\nname: demo\ndescription: Shows things. Use it in tests.\n---\n\nDo this.\n"

// SmallSkill is a skill of three files.
func SmallSkill() map[string]string {
	return map[string]string{
		"SKILL.md":          SkillMD,
		"scripts/run.sh":    "#!/bin/sh\necho hello\n",
		"references/one.md": "# One\n",
	}
}

// Tree makes a directory named "demo" from file contents.
func Tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "demo")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

// CopySamples copies the sample skills, whose names are in ASCII where they lie, to a
// directory where they have their own. Their times are whole seconds: qemu 7 for s390x
// loses the fraction in one of two calls, which looks as if a file had changed.
func CopySamples(to, from string) error {
	if err := os.CopyFS(to, source.ASCIINames{FS: os.DirFS(from)}); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, time.Time{}, time.Unix(1_000_000_000, 0))
	})
}

// Noise returns n bytes that no encoder makes shorter, the same each time.
func Noise(n int) string {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	return string(data)
}

// HalfFiles returns the files below dir that are about to be renamed.
func HalfFiles(t testing.TB, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasPrefix(d.Name(), ".skillcask-") {
			names = append(names, path)
		}
		return err
	}))
	return names
}

// RequireNoHalfFiles wants nothing below dir that was about to be renamed.
func RequireNoHalfFiles(t testing.TB, dir string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.False(t, err == nil && strings.HasPrefix(d.Name(), ".skillcask-"), path)
		return err
	}))
}
