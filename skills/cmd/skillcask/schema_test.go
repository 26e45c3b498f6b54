// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// faulty makes two skills with findings of all forms: with a place and
// without, and about files of odd names.
func faulty(t *testing.T) []string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"good/SKILL.md":          "---\nname: good\ndescription: Use it.\nversion: 1.0\nmetadata:\n  a: b\nallowed-tools: Read\n---\nDo this.\n",
		"good/.hidden":           "",
		"bad one/SKILL.md":       "---\nname: Bad\nfoo: 1\n---\n[x](y.md)\n",
		"bad one/aux.md":         "",
		"bad one/50%, a#b?.sh":   "#!/bin/sh\r\n",
		"bad one/.skillignore":   "[a\nnotes\n",
		"bad one/notes/plans.md": "",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return []string{filepath.Join(root, "good"), filepath.Join(root, "bad one"), filepath.Join(root, "none")}
}

// output runs the command and returns what it prints on standard output.
func output(t *testing.T, status int, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.Equal(t, status, run(args, &stdout, &stderr), stderr.String())
	return stdout.Bytes()
}

func requireSchema(t *testing.T, schema string, data []byte) {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata", "schema", schema))
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, compiled.Validate(value))
}

func TestJSONHasItsSchema(t *testing.T) {
	t.Parallel()
	dirs := faulty(t)
	for _, profile := range []string{"oci", "agentskills"} {
		requireSchema(t, "validate.json", output(t, 1, append([]string{"validate", "--json", "--profile", profile}, dirs...)...))
	}
	requireSchema(t, "validate.json", output(t, 0, "validate", "--format", "json", dirs[0]))
	requireSchema(t, "rules.json", output(t, 0, "validate", "--rules", "--json"))
}

func TestSARIFHasThePublishedSchema(t *testing.T) {
	t.Parallel()
	dirs := faulty(t)
	requireSchema(t, "sarif-2.1.0.json", output(t, 0, "validate", "--format", "sarif", dirs[0]))
	for _, profile := range []string{"oci", "agentskills"} {
		data := output(t, 1, append([]string{"validate", "--format", "sarif", "--profile", profile}, dirs...)...)
		requireSchema(t, "sarif-2.1.0.json", data)
		var log sarifLog
		require.NoError(t, json.Unmarshal(data, &log))
		uris := map[string]bool{}
		for _, result := range log.Runs[0].Results {
			rule := log.Runs[0].Tool.Driver.Rules[result.RuleIndex]
			require.Equal(t, result.RuleID, rule.ID)
			require.Equal(t, result.Level, rule.DefaultConfiguration.Level)
			uri := result.Locations[0].PhysicalLocation.ArtifactLocation.URI
			require.True(t, strings.HasPrefix(uri, "file:///"), uri)
			uris[uri[strings.LastIndex(uri, "/")+1:]] = true
		}
		require.Contains(t, uris, "50%25,%20a%23b%3F.sh")
		require.Contains(t, uris, "SKILL.md")
	}
}
