// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// TestEveryRefusalOfANameIsARule reads from the source of package reproducible
// which rules it has for names.
func TestEveryRefusalOfANameIsARule(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../../reproducible/name.go", nil, 0)
	require.NoError(t, err)
	seen := map[string]bool{}
	note := func(e ast.Expr) {
		literal, ok := e.(*ast.BasicLit)
		if !ok {
			return // the function that is given the rule
		}
		rule, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		seen[rule] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "refuse" {
				note(n.Args[0])
			}
		case *ast.CompositeLit:
			if f, ok := n.Type.(*ast.Ident); !ok || f.Name != "NameError" {
				break
			}
			rule := n.Elts[1]
			if pair, ok := rule.(*ast.KeyValueExpr); ok {
				require.Equal(t, "Rule", pair.Key.(*ast.Ident).Name)
				rule = pair.Value
			}
			note(rule)
		}
		return true
	})
	require.GreaterOrEqual(t, len(seen), 14)
	for rule := range seen {
		s := &scanner{scanned: &scanned{source: source.FS(fstest.MapFS{})}}
		assert.NotPanics(t, func() { s.reportName("x", &reproducible.NameError{Rule: rule}) }, rule)
		delete(seen, rule)
	}
	for rule := range nameRules {
		require.NotNil(t, rulesByID[nameRules[rule]], rule)
	}
}

// TestWarningsHideNoErrors has more warnings than are listed before errors.
func TestWarningsHideNoErrors(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("---\nmetadata:\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "  k%d: []\n", i)
	}
	text.WriteString("name: Bad_Name\n---\nDo this.\n")
	fsys := fstest.MapFS{SkillFileName: {Data: []byte(text.String())}}
	_, err := OpenFS(fsys).Scan(context.Background(), ScanOptions{Advice: true})
	require.ErrorIs(t, err, ErrInvalidFrontmatter)
	require.ErrorContains(t, err, "(and 1 more)")

	report, err := ValidateFS(context.Background(), fsys, ValidateOptions{})
	require.NoError(t, err)
	require.Contains(t, rulesIn(report), "name-characters")
	require.Contains(t, rulesIn(report), "description-missing")
	require.Len(t, report.Diagnostics, 103)
	require.Equal(t, "SKILL.md:3:7", strings.SplitN(report.Diagnostics[1].String(), ": ", 2)[0])
	require.Equal(t, "there are 900 more findings of this rule than the 100 listed; mend those that are listed, then validate again [metadata-nested]",
		report.Diagnostics[102].String())
	require.Equal(t, SeverityWarning, report.Diagnostics[102].Severity)
}

// TestErrorsHideNoErrors has so many symbolic links that those which come
// before SKILL.md are not all listed, and wants both sentinels all the same.
func TestErrorsHideNoErrors(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{SkillFileName: {Data: []byte("---\nname: demo\n---\nDo this.\n")}}
	for i := range 500 {
		fsys[fmt.Sprintf("%04d", i)] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte("x")}
	}
	_, err := OpenFS(fsys).Scan(context.Background(), ScanOptions{Advice: true})
	require.ErrorIs(t, err, ErrInvalidSkillFile)
	require.ErrorIs(t, err, ErrInvalidFrontmatter)
	require.ErrorContains(t, err, "(and 500 more)")
	report, err := ValidateFS(context.Background(), fsys, ValidateOptions{})
	require.NoError(t, err)
	require.Equal(t, "0099", report.Diagnostics[99].File)
	require.Equal(t, []string{"description-missing", "symlink"}, rulesIn(report)[100:])
	require.ErrorIs(t, report.Err(), ErrInvalidFrontmatter)
}

// TestTooManyFilesHideNoErrors wants SKILL.md judged when the walk ended early.
func TestTooManyFilesHideNoErrors(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"skill.md": {Data: []byte("---\nname: Demo\ndescription: Use it.\n---\nDo this.\n")}, "a": {}, "b": {}}
	for _, c := range []struct {
		profile Profile
		want    []string
	}{
		{ProfileOCI, []string{"error file-count .", "error skill-md-missing ."}},
		{ProfileAgentSkills, []string{"warning file-count .", "error name-characters skill.md:2:7"}},
	} {
		report, err := ValidateFS(context.Background(), fsys, ValidateOptions{Profile: c.profile, MaxFiles: 2})
		require.NoError(t, err)
		require.Equal(t, c.want, lines(report.Diagnostics))
	}
	fsys[SkillFileName] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte("a")}
	report, err := ValidateFS(context.Background(), fsys, ValidateOptions{MaxFiles: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"error file-count .", "error symlink SKILL.md"}, lines(report.Diagnostics))
}

// TestFindingsDoNotDependOnTheOrderOfListing gives a directory, whose entries
// the system lists in an order of its own, and a file system with the same.
func TestFindingsDoNotDependOnTheOrderOfListing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("not everybody may make symbolic links there")
	}
	dir := writeSkill(t)
	fsys := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}}
	for _, i := range rand.New(rand.NewPCG(1, 1)).Perm(1500) {
		name := fmt.Sprintf("link%d", i)
		require.NoError(t, os.Symlink("x", filepath.Join(dir, name)))
		fsys[name] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte("x")}
	}
	opts := ValidateOptions{MaxFiles: 5000}
	want, err := ValidateFS(context.Background(), fsys, opts)
	require.NoError(t, err)
	require.Len(t, want.Diagnostics, 101)
	require.Equal(t, "link1087", want.Diagnostics[99].File)
	require.Contains(t, want.Diagnostics[100].Message, "1400 more findings")
	got, err := Validate(context.Background(), dir, opts)
	require.NoError(t, err)
	require.Equal(t, want.Diagnostics, got.Diagnostics)
}

// TestFindingsDoNotDependOnTheOrderOfAdding adds the same in many orders.
func TestFindingsDoNotDependOnTheOrderOfAdding(t *testing.T) {
	t.Parallel()
	var all []Diagnostic
	for i := range 950 {
		rule := []string{"symlink", "symlink", "missing-file", "name-length"}[i%4]
		all = append(all, Diagnostic{Rule: rule, File: fmt.Sprint(i % 7), Line: i % 11, Message: fmt.Sprint(i)})
	}
	random := rand.New(rand.NewPCG(3, 3))
	var want []Diagnostic
	for range 20 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var f findings
		for _, d := range all {
			f.add(d)
			require.LessOrEqual(t, len(f.list), 3*2*maxPerRule)
		}
		got := f.sorted()
		if want == nil {
			want = got
		}
		require.Equal(t, want, got)
		require.Equal(t, got, f.sorted(), "asked twice")
	}
	require.Len(t, want, 303)
	more := 0
	for _, d := range want {
		more += d.more
	}
	require.Equal(t, 650, more)
	require.False(t, slices.ContainsFunc(want[:300], func(d Diagnostic) bool { return d.more > 0 }), "these come last")
}
