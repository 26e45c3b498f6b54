// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// messagesVariable names the file that scripts note failures in. Without it the
// command is as it is outside of tests.
const messagesVariable = "SKILLCASK_TEST_MESSAGES"

// failed is a run of the command that did not end with 0.
type failed struct {
	Args   []string
	Status int
	Stdout string
	Stderr string
}

// recordedMain is main; it notes what a run that fails says.
func recordedMain() {
	path := os.Getenv(messagesVariable)
	if path == "" {
		main()
	}
	var stdout, stderr bytes.Buffer
	status := run(os.Args[1:], io.MultiWriter(os.Stdout, &stdout), io.MultiWriter(os.Stderr, &stderr))
	if status != 0 {
		line, err := json.Marshal(failed{os.Args[1:], status, stdout.String(), stderr.String()})
		file, oerr := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err = errors.Join(err, oerr); err == nil {
			_, err = file.Write(append(line, '\n'))
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			panic(err)
		}
	}
	os.Exit(status)
}

// checkMessages holds all that failures said in the scripts to the rules.
func checkMessages(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	for _, path := range files {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		for line := range bytes.Lines(data) {
			var run failed
			require.NoError(t, json.Unmarshal(line, &run))
			for _, fault := range faultsOf(run) {
				assert.Fail(t, fault, "%s: skillcask %q\n%s", filepath.Base(path), run.Args, run.Stderr)
			}
		}
	}
}

var (
	aDigest = regexp.MustCompile(`sha256:[0-9a-f]{64}`)
	quoted  = regexp.MustCompile(`"(\\.|[^"\\])*"`)
	// A program's words: names of this SDK's, of Go's and of libraries'.
	sdkName = regexp.MustCompile(`\bWith[A-Z]\w+|\bFindSuccessors\b|\w+Options\b|Options\.|\bErr[A-Z]\w+|\b(skills|errdef|ocispec|remote|syscall)\.[A-Z]|` +
		`github\.com/|oras\.land|golang\.org|\bGo (struct|value)|\bjson: (cannot|invalid|unexpected)|\bcontext canceled|\boras\b|` + // who, with what
		`\bfailed to (perform|copy|resolve|fetch|push|read|open)\b|\bunexpected (EOF|end of JSON)|%!`)
)

// faultsOf returns what is wrong with the message of a run that failed.
func faultsOf(run failed) (faults []string) {
	lines := strings.Split(strings.TrimSuffix(run.Stderr, "\n"), "\n")
	for len(lines) > 0 && regexp.MustCompile(`^(warning: |left out: |[^:]*: left out: |the certificate is )`).MatchString(lines[0]) {
		lines = lines[1:]
	}
	if len(lines) == 0 || lines[0] == "" {
		if run.Stdout == "" {
			faults = append(faults, "it says nothing")
		}
		return faults // a result
	}
	text, ok := strings.CutPrefix(lines[0], "skillcask: ")
	switch {
	case !ok:
		faults = append(faults, "it does not begin with skillcask:")
	case len(lines) > 2, len(lines) == 2 && (run.Status != statusUsage || !strings.HasPrefix(lines[1], "usage: skillcask ")):
		faults = append(faults, "it has more than a line and that of the usage")
	case strings.HasSuffix(text, "."):
		faults = append(faults, "it ends with a period")
	}
	if name := sdkName.FindString(text); name != "" {
		faults = append(faults, "it has a program's word: "+name)
	}
	digests := aDigest.FindAllString(text, -1)
	slices.Sort(digests)
	for _, digest := range slices.Compact(digests) {
		if strings.Count(text, digest) > 1 {
			faults = append(faults, "it has a digest twice: "+digest)
		}
	}
	for _, arg := range run.Args {
		// A suggestion may complete the reference.
		if (strings.Contains(arg, ":") || filepath.IsAbs(arg)) && len(regexp.MustCompile(regexp.QuoteMeta(arg)+`([^:@/.\w-]|[:.]?$|: )`).FindAllString(text, -1)) > 1 {
			faults = append(faults, "it has an argument twice: "+arg)
		}
	}
	seen := map[string]bool{}
	for _, part := range regexp.MustCompile(`[:;] `).Split(aDigest.ReplaceAllString(quoted.ReplaceAllString(text, ""), ""), -1) {
		part = strings.TrimSpace(part)
		if len(part) > 5 && seen[part] {
			faults = append(faults, "it says twice: "+part)
		}
		seen[part] = true
	}
	return faults
}

// TestRulesOfMessages is the rules' own test.
func TestRulesOfMessages(t *testing.T) {
	t.Parallel()
	const digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	for text, fault := range map[string]string{
		"skillcask: h/a:1: not found; check the name and the tag\n":                       "",
		"warning: SKILL.md: x [y]\nskillcask: h/a:1: not found; check\n":                  "",
		"skillcask: invalid reference \"h/a\": it has no tag; add one, such as h/a:1.0\n": "",
		"skillcask: DIR is missing\nusage: skillcask pack DIR\n":                          "",
		"":                                    "it says nothing",
		"pull: no\n":                          "it does not begin",
		"skillcask: one\nskillcask: two\n":    "it has more than a line",
		"skillcask: it ends.\n":               "it ends with a period",
		"skillcask: turn WithPlainHTTP off\n": "a program's word: WithPlainHTTP",
		"skillcask: h/a:1: invalid content of github.com/a/b: x\n":                "a program's word: github.com/",
		"skillcask: push: failed to perform \"FindSuccessors\" on source: x\n":    "a program's word: failed to",
		"skillcask: layer " + digest + ": it is not " + digest + "\n":             "a digest twice",
		"skillcask: pull h/a:1: h/a:1: not found\n":                               "an argument twice: h/a:1",
		"skillcask: invalid reference \"nonsense\": invalid reference: missing\n": "it says twice: invalid reference",
	} {
		faults := faultsOf(failed{Args: []string{"verb", "h/a:1", "h/a"}, Status: 2, Stderr: text})
		if fault == "" {
			require.Empty(t, faults, text)
		} else {
			require.Len(t, faults, 1, text)
			require.Contains(t, faults[0], fault)
		}
	}
}
