// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var findingsDir = filepath.Join("testdata", "findings")

func findingsFile(server string) string { return filepath.Join(findingsDir, server+".txt") }

// TestTheTableOfRegistriesIsComplete compares REGISTRIES.md with the findings
// that the integration tests hold still: each check that a server fails has one
// row under the server's heading, with the level and section of each finding.
func TestTheTableOfRegistriesIsComplete(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("REGISTRIES.md")
	require.NoError(t, err)
	documented := map[string]map[string]bool{}
	server := ""
	for line := range strings.Lines(string(text)) {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			_, server, _ = strings.Cut(strings.TrimSpace(heading), "`")
			server = strings.TrimSuffix(server, "`")
			documented[server] = map[string]bool{}
		}
		cells := strings.Split(line, "|")
		if len(cells) < 5 || strings.HasPrefix(cells[1], "-") || strings.TrimSpace(cells[1]) == "check" {
			continue
		}
		for level := range strings.SplitSeq(cells[3], ",") {
			documented[server][strings.TrimSpace(cells[1])+"\t"+strings.TrimSpace(level)] = true
		}
	}
	for server, rows := range documented {
		content, err := os.ReadFile(findingsFile(server))
		require.NoError(t, err)
		found := map[string]bool{}
		for line := range strings.Lines(string(content)) {
			f := strings.Split(strings.TrimSpace(line), "\t")
			require.Len(t, f, 4, line)
			found[f[0]+"\t"+f[1]+" "+f[2]] = true
		}
		require.Equal(t, found, rows, server)
	}
	files, err := os.ReadDir(findingsDir)
	require.NoError(t, err)
	require.Len(t, documented, len(files))
}
