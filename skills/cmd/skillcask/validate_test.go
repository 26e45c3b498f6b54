// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOutermost(t *testing.T) {
	t.Parallel()
	work, err := filepath.Abs(".")
	require.NoError(t, err)
	for name, c := range map[string]struct{ dirs, want []string }{
		"none":                     {nil, nil},
		"beside one another":       {[]string{"a", "b", "ab"}, []string{"a", "b", "ab"}},
		"in one another":           {[]string{"a", "a/b/c", "a/b"}, []string{"a"}},
		"the inner first":          {[]string{"a/b", "a"}, []string{"a"}},
		"in the working directory": {[]string{"a", ".", "b/c"}, []string{"."}},
		"in the one above":         {[]string{".", "..", "../x"}, []string{".."}},
		"above is not inside":      {[]string{"../x", "."}, []string{"../x", "."}},
		"twice":                    {[]string{"a", "./a", filepath.Join(work, "a")}, []string{"a"}},
		"written otherwise":        {[]string{filepath.Join(work, "a"), "a/b"}, []string{filepath.Join(work, "a")}},
		"the root":                 {[]string{string(filepath.Separator), "a"}, []string{string(filepath.Separator)}},
	} {
		assert.Equal(t, c.want, outermost(c.dirs), name)
	}
}

// TestFindSkillsEndsWithItsContext interrupts the walk.
func TestFindSkillsEndsWithItsContext(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "SKILL.md"), nil, 0o644))
	found, err := findSkills(t.Context(), []string{root})
	require.NoError(t, err)
	require.Equal(t, []string{root}, found)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = findSkills(ctx, []string{root})
	require.ErrorIs(t, err, context.Canceled)
}
