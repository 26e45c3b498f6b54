// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRecursiveGoesOnWhereItCannotLook judges the skills beside a directory
// that can't be read, and tells of that one.
func TestRecursiveGoesOnWhereItCannotLook(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, tree string){
		"no permission": func(t *testing.T, tree string) {
			if os.Getuid() == 0 {
				t.Skip("root reads everything")
			}
			require.NoError(t, os.Mkdir(filepath.Join(tree, "m"), 0))
		},
		"a path that is too long": func(t *testing.T, tree string) {
			root, err := os.OpenRoot(tree)
			require.NoError(t, err)
			defer root.Close()
			require.NoError(t, root.MkdirAll("m"+strings.Repeat("/"+strings.Repeat("m", 200), 25), 0o755))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := t.TempDir()
			for _, skill := range []string{"aa", "zz"} {
				require.NoError(t, os.Mkdir(filepath.Join(tree, skill), 0o755))
				text := "---\nname: " + skill + "\ndescription: Shows things. Use it in tests.\n---\nDo.\n"
				require.NoError(t, os.WriteFile(filepath.Join(tree, skill, "SKILL.md"), []byte(text), 0o644))
			}
			spoil(t, tree)
			status, stdout, stderr := runCommand("validate", "--recursive", tree)
			require.Equal(t, statusUnknown, status)
			require.Empty(t, stderr)
			require.Regexp(t, `(?m)^`+tree+`/m.*: error: .*m can't be read: .* \[skill-directory\]$`, stdout)
			require.Contains(t, stdout, "3 skills: 1 error, 0 warnings\n")
		})
	}
}
