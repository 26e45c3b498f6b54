// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestValidateOptionsAreChecked(t *testing.T) {
	t.Parallel()
	dir := writeSkill(t)
	_, err := Validate(context.Background(), dir, ValidateOptions{Silence: []string{"body-token"}})
	require.ErrorIs(t, err, ErrUnknownRule)
	require.ErrorContains(t, err, `did you mean "body-tokens"?`)
	_, err = Validate(context.Background(), dir, ValidateOptions{Profile: "other"})
	require.ErrorIs(t, err, ErrUnknownProfile)
	for _, opts := range []ScanOptions{{Silence: []string{"x"}}, {Refuse: []string{"x"}}} {
		_, err = OpenFS(os.DirFS(dir)).Scan(context.Background(), opts)
		require.ErrorIs(t, err, ErrUnknownRule)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Validate(ctx, dir, ValidateOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

// TestUnknownKeysAreKept shows what a caller gets of a front matter.
func TestUnknownKeysAreKept(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{SkillFileName: {Data: []byte("---\nname: demo\ndescription: Use it.\nmodel: x\nhooks:\n  - a: 1.0\n    b: [c]\ntoolhive.requires:\n  - ghcr.io/a/b:v1\n---\nDo this.\n")}}
	report, err := ValidateFS(context.Background(), fsys, ValidateOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"model": "x", "hooks": `[{"a":"1.0","b":["c"]}]`}, report.Frontmatter.Unknown)
	require.Equal(t, []string{"ghcr.io/a/b:v1"}, report.Frontmatter.Requires)
}

// BenchmarkValidate validates 1,000 skills of 20 KB in three files each, on as
// many cores as there are. Its metric ms/1000-skills is for README.md to quote.
func BenchmarkValidate(b *testing.B) {
	root := b.TempDir()
	text := strings.Repeat("Read the table, then write a sentence about each row of it.\n", 100)
	var dirs []string
	for i := range 1000 {
		dir := filepath.Join(root, fmt.Sprintf("skill-%d", i))
		require.NoError(b, os.MkdirAll(filepath.Join(dir, "references"), 0o755))
		require.NoError(b, os.MkdirAll(filepath.Join(dir, "scripts"), 0o755))
		head := fmt.Sprintf("---\nname: skill-%d\ndescription: Shows things. Use it in tests.\nlicense: MIT\nmetadata:\n  author: me\n---\n\nSee [table](references/table.md) and run `python scripts/run.py`.\n\n", i)
		require.NoError(b, os.WriteFile(filepath.Join(dir, SkillFileName), []byte(head+text), 0o644))
		require.NoError(b, os.WriteFile(filepath.Join(dir, "references", "table.md"), []byte(text+text), 0o644))
		require.NoError(b, os.WriteFile(filepath.Join(dir, "scripts", "run.py"), []byte("#!/usr/bin/env python3\n"+strings.Repeat("print('row')\n", 100)), 0o644))
		dirs = append(dirs, dir)
	}
	b.ResetTimer()
	for b.Loop() {
		work := make(chan string)
		done := make(chan error)
		workers := runtime.GOMAXPROCS(0)
		for range workers {
			go func() {
				var first error
				for dir := range work {
					report, err := Validate(context.Background(), dir, ValidateOptions{})
					if err == nil && len(report.Diagnostics) > 0 {
						err = errors.New(report.Diagnostics[0].String())
					}
					if first == nil {
						first = err
					}
				}
				done <- first
			}()
		}
		for _, dir := range dirs {
			work <- dir
		}
		close(work)
		for range workers {
			require.NoError(b, <-done)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/1000-skills")
}
