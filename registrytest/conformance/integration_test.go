// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package conformance_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest/conformance"
	"github.com/skillcask/skillcask/registrytest/realservers"
)

// TestIntegrationFindings tries the registries of other projects and compares
// what they do otherwise with testdata/findings, a file for each. A server that
// has changed its answers fails; with REGISTRYTEST_UPDATE=1 the files are
// written anew, and REGISTRIES.md has to follow.
func TestIntegrationFindings(t *testing.T) {
	t.Parallel()
	for name, start := range realservers.Servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := start(t, realservers.Options{})
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			findings := conformance.Check(t.Context(), &http.Client{Transport: transport}, "http://"+host)
			lines := make([]string, len(findings))
			for i, f := range findings {
				lines[i] = findingLine(f)
			}
			slices.Sort(lines)
			got := strings.Join(lines, "")
			if os.Getenv("REGISTRYTEST_UPDATE") != "" {
				require.NoError(t, os.MkdirAll(findingsDir, 0o755))
				require.NoError(t, os.WriteFile(findingsFile(name), []byte(got), 0o644))
			}
			want, err := os.ReadFile(findingsFile(name))
			require.NoError(t, err)
			require.Equal(t, string(want), got, "%s answers otherwise than before", name)
		})
	}
}

var (
	hexExp     = regexp.MustCompile(`(sha(?:256|512)):[0-9a-f]{64,}`)
	sessionExp = regexp.MustCompile(`/blobs/uploads/[0-9A-Za-z][^ ]*`)
	listExp    = regexp.MustCompile(`\["[^\]]*"\]`)
)

// findingLine is a finding without what differs from run to run.
func findingLine(f conformance.Finding) string {
	level := "SHOULD"
	if f.Must {
		level = "MUST"
	}
	message := hexExp.ReplaceAllString(f.Message, "$1:<hex>")
	message = sessionExp.ReplaceAllString(message, "/blobs/uploads/<session>")
	// Distribution 2.8 lists tags in the order of its file system.
	message = listExp.ReplaceAllStringFunc(message, func(list string) string {
		parts := strings.Fields(strings.Trim(list, "[]"))
		slices.Sort(parts)
		return fmt.Sprint(parts)
	})
	return strings.Join([]string{f.Check, level, f.Section, message}, "\t") + "\n"
}
