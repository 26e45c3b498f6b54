// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dependencies returns all packages that the program or package path links.
func dependencies(t *testing.T, path string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", path).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

// TestNoProgramLinksTheTestingPackage: registrytest serves outside of tests too, as
// demo does by NewServer and skillcask by NewHandler.
func TestNoProgramLinksTheTestingPackage(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"./cmd/skillcask", "./cmd/demo", "../registrytest", "../registrytest/layout", "../registrytest/conformance"} {
		deps := dependencies(t, program)
		require.NotContains(t, deps, "testing", program)
		require.NotContains(t, deps, "net/http/httptest", program)
	}
	for program, call := range map[string]string{"demo/main.go": "registrytest.NewServer(", "skillcask/serve.go": "registrytest.NewHandler("} {
		source, err := os.ReadFile(filepath.Join("cmd", filepath.FromSlash(program)))
		require.NoError(t, err)
		require.Contains(t, string(source), call)
	}
}

// arrows says which package may import which others of this module, and from
// outside. Arrows run one way: what stands below imports nothing from above.
var arrows = map[string]struct{ ours, others []string }{
	"reproducible":                   {ours: []string{"reproducible/internal/deflate"}},
	"reproducible/internal/deflate":  {},
	"reproducible/internal/decoders": {},
	"registrytest":                   {ours: []string{"registrytest/internal/..."}, others: opencontainers},
	"registrytest/layout":            {ours: []string{"registrytest", "registrytest/internal/..."}, others: opencontainers},
	"registrytest/like":              {ours: []string{"registrytest"}},
	"registrytest/conformance":       {ours: []string{"registrytest/internal/grammar"}, others: opencontainers},
	"registrytest/internal/chunks":   {others: opencontainers},
	"registrytest/internal/grammar":  {others: opencontainers},
	"registrytest/internal/manifest": {ours: []string{"registrytest/internal/grammar"}, others: opencontainers},
	"registrytest/internal/sessions": {ours: []string{"registrytest/internal/grammar"}},
	"skills/internal/atomicfile":     {others: []string{"golang.org/x/sys/..."}},
	"skills/internal/oci":            {others: append([]string{"oras.land/oras-go/v2/..."}, opencontainers...)},
	"skills/internal/bounds":         {},
	"skills/internal/source":         {ours: []string{"reproducible", "skills/internal/atomicfile"}},
	"skills/internal/toolhive":       {ours: []string{"skills/internal/oci"}, others: []string{"go.yaml.in/yaml/v3"}},
	"skills": {
		ours:   []string{"reproducible", "skills/internal/...", "skills/skilldir"},
		others: append([]string{"oras.land/oras-go/v2/..."}, opencontainers...),
	},
	"skills/skilldir": {
		ours:   []string{"reproducible", "skills/internal/..."},
		others: []string{"go.yaml.in/yaml/v3", "github.com/moby/patternmatcher", "golang.org/x/text/unicode/norm"},
	},
	"skills/internal/remote": {
		ours:   []string{"skills/internal/atomicfile", "skills/internal/oci"},
		others: append([]string{"oras.land/oras-go/v2/..."}, opencontainers...),
	},
	"skills/layout": {ours: []string{"skills/internal/..."}, others: append([]string{"oras.land/oras-go/v2/..."}, opencontainers...)},
	"skills/cmd/skillcask": {
		ours: []string{"reproducible", "registrytest", "registrytest/layout", "skills", "skills/layout", "skills/skilldir"},
		others: append([]string{"oras.land/oras-go/v2/...", "github.com/spf13/cobra", "github.com/spf13/pflag",
			"golang.org/x/crypto/bcrypt", "golang.org/x/term"}, opencontainers...),
	},
	"skills/cmd/demo": {ours: []string{"registrytest"}},
}

var opencontainers = []string{"github.com/opencontainers/go-digest", "github.com/opencontainers/image-spec/..."}

// TestArrowsRunOneWay holds the imports of all packages to that table. What only
// tests import is not looked at.
func TestArrowsRunOneWay(t *testing.T) {
	t.Parallel()
	const module = "github.com/skillcask/skillcask/"
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	require.NoError(t, err)
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		if strings.HasSuffix(name, "/internal/testkit") { // of tests alone
			continue
		}
		allowed, ok := arrows[name]
		require.True(t, ok, "%s is not in the table: say what it may import", name)
		seen++
		for _, path := range fields[1:] {
			first, _, _ := strings.Cut(path, "/")
			list := allowed.others
			if ours, ok := strings.CutPrefix(path, module); ok {
				path, list = ours, allowed.ours
			} else if !strings.Contains(first, ".") {
				continue // the standard library
			}
			require.True(t, matchesAny(list, path), "%s imports %s", name, path)
		}
	}
	require.Len(t, arrows, seen)
}

// matchesAny reports whether path is in the list, where "x/..." stands for x and
// all below it.
func matchesAny(list []string, path string) bool {
	return slices.ContainsFunc(list, func(pattern string) bool {
		below, all := strings.CutSuffix(pattern, "/...")
		return path == below || all && strings.HasPrefix(path, below+"/")
	})
}
