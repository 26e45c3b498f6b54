// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// TestSamplesAreWithoutFindings validates every sample skill
// and packs it. release-notes has "---" within its front matter on purpose.
func TestSamplesAreWithoutFindings(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, testkit.CopySamples(root, filepath.Join("..", "..", "testdata", "skills")))
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	layout := filepath.Join(t.TempDir(), "layout")
	for _, entry := range entries {
		dir := filepath.Join(root, entry.Name())
		for _, args := range [][]string{
			{"validate", "--strict", "--silence", "toolhive-fence", dir},
			{"pack", dir, "--layout", layout},
		} {
			var stdout, stderr bytes.Buffer
			require.Zero(t, run(args, &stdout, &stderr), "%s%s", stdout.String(), stderr.String())
		}
	}
	output(t, 0, "validate", "--strict", "--silence", "toolhive-fence", "--recursive", root)
}
