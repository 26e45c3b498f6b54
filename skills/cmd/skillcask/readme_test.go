// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestReadme runs every skillcask command of the README, in its order, with a
// registry of the test's in place of ghcr.io, and looks for each make target
// and each file that it names.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	require.NoError(t, err)
	makefile, err := os.ReadFile("../../../Makefile")
	require.NoError(t, err)
	for _, match := range regexp.MustCompile("(?m)(?:`|^    )make ([a-z]+)").FindAllSubmatch(readme, -1) {
		require.Contains(t, string(makefile), "\n"+string(match[1])+":", "make %s", match[1])
	}
	for _, match := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllSubmatch(readme, -1) {
		require.FileExists(t, "../../../"+string(match[1]))
	}

	srv := registrytest.New(t)
	config := t.TempDir()
	t.Setenv("DOCKER_CONFIG", config)
	t.Setenv("HOME", config)
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("my-skill", 0o755))
	require.NoError(t, os.WriteFile("my-skill/SKILL.md", []byte("---\nname: my-skill\ndescription: Shows things. Use it in tests.\n---\n"), 0o644))
	count := 0
	for line := range strings.Lines(string(readme)) {
		command, ok := strings.CutPrefix(line, "    skillcask ")
		if !ok {
			continue
		}
		command, _, _ = strings.Cut(command, "#")
		args := strings.Fields(strings.ReplaceAll(command, "ghcr.io", srv.Host()))
		if args[0] == "serve" {
			continue // does not end
		}
		count++
		var stdout, stderr bytes.Buffer
		require.Zero(t, run(args, &stdout, &stderr), "skillcask %s: %s", command, stderr.String())
		require.NotEmpty(t, stdout.String())
	}
	require.GreaterOrEqual(t, count, 6)
}
