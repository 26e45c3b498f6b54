// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// record holds what the scripts' runs of the command that did not end with 0 said.
type record struct {
	mu     sync.Mutex
	failed []failed
}

// failed is a run of the command that did not end with 0.
type failed struct {
	Script string
	Args   []string
	Status int
	Stdout string
	Stderr string
}

// run runs the command in a script and returns its exit status.
func (r *record) run(ts *testscript.TestScript, args []string) int {
	err := ts.Exec("skillcask", args...)
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		ts.Check(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, failed{ts.Name(), args, exit.ExitCode(), ts.ReadFile("stdout"), ts.ReadFile("stderr")})
	return exit.ExitCode()
}

// command is the scripts' "skillcask", which ends with 0, or not with "!" before.
func (r *record) command(ts *testscript.TestScript, neg bool, args []string) {
	if status := r.run(ts, args); (status != 0) != neg {
		ts.Fatalf("exit status %d", status)
	}
}

// status is the scripts' "status N skillcask".
func (r *record) status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[1] != "skillcask" {
		ts.Fatalf("usage: status N skillcask [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := r.run(ts, args[2:]); got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// check holds all that failures said in the scripts to the rules.
func (r *record) check(t *testing.T) {
	for _, run := range r.failed {
		for _, fault := range faultsOf(run) {
			assert.Fail(t, fault, "%s: skillcask %q\n%s", run.Script, run.Args, run.Stderr)
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
