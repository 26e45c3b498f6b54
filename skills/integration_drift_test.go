// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package skills

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIntegrationDriftOfADependency builds the command with an altered file of
// a module, as an importing program's choice of versions might bring one in,
// and sees it refuse.
func TestIntegrationDriftOfADependency(t *testing.T) {
	t.Parallel()
	for name, alter := range map[string]struct{ module, file, before, after, drift string }{
		"a field of the manifest": {
			"github.com/opencontainers/image-spec", "specs-go/v1/manifest.go",
			"Annotations map[string]string `json:\"annotations,omitempty\"`",
			"Annotations map[string]string `json:\"annotations,omitempty\"`\n\tNews string `json:\"news\"`",
			"the manifest of the built-in skill is",
		},
		"a question mark of .skillignore": {
			"github.com/moby/patternmatcher", "patternmatcher.go",
			`regStr += "[^" + escSL + "]"` + "\n", `regStr += "[^" + escSL + "]?"` + "\n",
			"the tar of the built-in skill is",
		},
		"two asterisks of .skillignore": {
			"github.com/moby/patternmatcher", "patternmatcher.go",
			`regStr += "(.*" + escSL + ")?"`, `regStr += ".*"`,
			"the tar of the built-in skill is",
		},
		"the folding of YAML": {
			"go.yaml.in/yaml/v3", "scannerc.go",
			"if !literal && !leading_blank && !trailing_blank &&", "if !literal && (!leading_blank || trailing_blank) &&",
			"the config of the built-in skill is",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := func(args ...string) string {
				out, err := exec.Command("go", args...).CombinedOutput()
				require.NoError(t, err, "%s", out)
				return strings.TrimSpace(string(out))
			}
			// -overlay does not reach into the module cache, so the module is copied.
			work := t.TempDir()
			module := filepath.Join(work, "module")
			require.NoError(t, os.CopyFS(module, os.DirFS(run("list", "-m", "-f", "{{.Dir}}", alter.module))))
			for _, name := range []string{"go.mod", "go.sum"} {
				data, err := os.ReadFile(filepath.Join("..", name))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(work, name), data, 0o644))
			}
			modfile := filepath.Join(work, "go.mod")
			run("mod", "edit", "-replace", alter.module+"="+module, modfile)

			original := filepath.Join(module, filepath.FromSlash(alter.file))
			source, err := os.ReadFile(original)
			require.NoError(t, err)
			require.Contains(t, string(source), alter.before)
			altered := filepath.Join(work, "altered.go")
			require.NoError(t, os.WriteFile(altered, []byte(strings.Replace(string(source), alter.before, alter.after, 1)), 0o644))
			overlay := filepath.Join(work, "overlay.json")
			require.NoError(t, os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace":{%q:%q}}`, original, altered), 0o644))
			program := filepath.Join(work, "skillcask")
			run("build", "-modfile", modfile, "-overlay", overlay, "-o", program, "./cmd/skillcask")

			layout := filepath.Join(work, "layout")
			out, err := exec.Command(program, "pack", "testdata/skills/commit-message", "--layout", layout).CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(out), "skillcask: format drift: "+alter.drift)
			require.NoDirExists(t, layout)
		})
	}
}
