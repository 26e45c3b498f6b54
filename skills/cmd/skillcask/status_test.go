// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// TestKinds gives errors their kind, whatever they are wrapped in.
func TestKinds(t *testing.T) {
	t.Parallel()
	invalid := func(rules ...string) error {
		e := &skilldir.InvalidError{}
		for _, rule := range rules {
			e.Diagnostics = append(e.Diagnostics, skilldir.Diagnostic{Rule: rule, Severity: skilldir.SeverityError})
		}
		return fmt.Errorf("%w: %w", skills.ErrInvalidSkillFile, e)
	}
	for _, c := range []struct {
		err    error
		kind   string
		status int
	}{
		{usageError{fs.ErrNotExist}, "usage", statusUsage},
		{skills.ErrInvalidPlatform, "usage", statusUsage},
		{skills.ErrInvalidDestination, "usage", statusUsage},
		{skills.ErrInvalidReference, "reference", statusUsage},
		{skills.ErrCorrupt, "corrupt", statusNo},
		{skills.ErrNotSkill, "not-skill", statusNo},
		{skills.ErrTooManyFiles, "too-large", statusNo},
		{skills.ErrInvalidFrontmatter, "invalid", statusNo},
		{skills.ErrInvalidSkillDir, "invalid", statusNo}, // it is there, and a file
		{skills.ErrDestinationExists, "exists", statusNo},
		{skills.ErrFormatDrift, "drift", statusNo},
		{skills.ErrUnauthorized, "unauthorized", statusUnknown},
		{skills.ErrUnavailable, "unavailable", statusUnknown},
		{skills.ErrInterrupted, "interrupted", statusUnknown},
		{ocilayout.ErrNotLayout, "not-layout", statusUnknown},
		{ocilayout.ErrFull, "layout-full", statusUnknown},
		{skills.ErrUnknownFormat, "unknown-format", statusUnknown},
		{errdef.ErrNotFound, "not-found", statusUnknown},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, "not-found", statusUnknown},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, "permission", statusUnknown},
		{errors.New("no space left on device"), "other", statusUnknown},

		// What kept the answer from being found out comes first.
		{fmt.Errorf("%w: %w", skills.ErrCorrupt, skills.ErrInterrupted), "interrupted", statusUnknown},
		{fmt.Errorf("%w: %w", skills.ErrInvalidSkillDir, fs.ErrNotExist), "not-found", statusUnknown},
		{fmt.Errorf("%w: %w", skills.ErrInvalidSkillDir, syscall.ELOOP), "unreadable", statusUnknown},
		{fmt.Errorf("%w: x: %w", skills.ErrInvalidSkillFile, syscall.EIO), "unreadable", statusUnknown},
		{fmt.Errorf("%w: x: %w", skills.ErrInvalidSkillFile, reproducible.ErrFileChanged), "unreadable", statusUnknown},
		{skills.ErrInvalidSkillFile, "invalid", statusNo}, // a link in an archive
		{invalid("file-unreadable"), "unreadable", statusUnknown},
		{invalid("file-changed", "file-unreadable"), "unreadable", statusUnknown},
		// But for a fault that was seen.
		{invalid("file-unreadable", "symlink"), "invalid", statusNo},
	} {
		got := kindOf(fmt.Errorf("x: %w", c.err), true)
		assert.Equal(t, c.kind, got.name, "%v", c.err)
		assert.Equal(t, c.status, got.status, "%v", c.err)
		assert.Equal(t, "usage", kindOf(c.err, false).name)
	}
}

// TestEverySentinelHasAKind: one that is forgotten would be "other".
func TestEverySentinelHasAKind(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("status.go")
	require.NoError(t, err)
	files, err := filepath.Glob("../../*.go")
	require.NoError(t, err)
	// These say more of an error that is of a kind already.
	details := []string{"ErrWantsTLS", "ErrWantsPlainHTTP", "ErrHoldsSkill"}
	count := 0
	for _, path := range files {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`(?m)^\s*(?:var )?(Err[A-Z]\w+) += (?:errors\.New|\w+\.Err)`).FindAllSubmatch(source, -1) {
			count++
			if name := string(match[1]); !slices.Contains(details, name) {
				assert.True(t, regexp.MustCompile(`skills\.`+name+`\b`).Match(table), "%s: %s", path, name)
			}
		}
	}
	require.Greater(t, count, 20)
}

// TestHelpListsTheKinds holds the documents to the table.
func TestHelpListsTheKinds(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := runCommand("help", "exit-status")
	require.Zero(t, status)
	require.Empty(t, stderr)
	for _, k := range kinds {
		require.Contains(t, stdout, fmt.Sprintf("\n  %d  %-15s %s\n", k.status, k.name, k.about))
		require.NotEqual(t, "signal", k.name)
	}
	status, stdout, _ = runCommand("--help")
	require.Zero(t, status)
	require.Contains(t, stdout, statusHelp)
	require.Contains(t, stdout, "exit-status")
}

// TestSignalIsACancelledContext: libraries return the cause of a context that
// ended, or the error, as they like.
func TestSignalIsACancelledContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(signalError{os.Interrupt})
	require.ErrorIs(t, context.Cause(ctx), context.Canceled)
	for _, err := range []error{context.Cause(ctx), ctx.Err(), fmt.Errorf("push: %w", context.Cause(ctx))} {
		var stdout, stderr bytes.Buffer
		a := &app{stdout: &stdout, stderr: &stderr, started: true}
		root := a.rootCommand()
		a.json = true
		require.Equal(t, 130, a.end(ctx, root, nil, err))
		require.Contains(t, stdout.String(), `"kind": "signal",`+"\n"+`    "status": 130`)
		require.Equal(t, "skillcask: interrupted; nothing was left half written\n", stderr.String())
	}
}

func TestWantsJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want bool
	}{
		{nil, false},
		{[]string{"pack", "--json"}, true},
		{[]string{"--json", "nonsense"}, true},
		{[]string{"--json=1"}, true},
		{[]string{"--json=false"}, false},
		{[]string{"--json=perhaps"}, true},
		{[]string{"--", "--json"}, false},
		{[]string{"--jsonl"}, false},
		{[]string{"validate", "--format", "json"}, true},
		{[]string{"validate", "--format=json"}, true},
		{[]string{"validate", "--format"}, false},
		{[]string{"validate", "--format", "sarif"}, false},
	} {
		require.Equal(t, c.want, wantsJSON(c.args), "%q", c.args)
	}
}
