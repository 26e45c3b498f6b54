// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDirectoryOfAnyName takes skills from directories whose names are no
// repository's, or are those that the demo uses itself.
func TestDirectoryOfAnyName(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command")
	}
	program := filepath.Join(t.TempDir(), "skillcask.exe")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "../skillcask")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, name := range []string{"MySkill", "layout", "pulled", "unpacked", "two words", "my-skill"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), name)
			require.NoError(t, os.Mkdir(dir, 0o755))
			skill := "---\nname: my-skill\ndescription: Shows things. Use it in tests.\n---\nDo this.\n"
			require.NoError(t, os.WriteFile(filepath.Join(dir, "SKILL.md"), []byte(skill), 0o644))
			var shown bytes.Buffer
			require.NoError(t, run(&shown, program, dir), "%s", &shown)
			require.Contains(t, shown.String(), "written to "+filepath.Join("unpacked", "my-skill"))
			require.Contains(t, shown.String(), "All digests agree.")
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, entries, 1, "nothing is left in the directory")
		})
	}
}
