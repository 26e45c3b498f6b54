// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/skillcask/skillcask/skills/internal/source"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	"github.com/skillcask/skillcask/skills/internal/toolhive"
)

// bounded runs f and wants it to take under a second and to allocate under 64 MiB.
func bounded(t *testing.T, f func()) {
	t.Helper()
	most := uint64(64 << 20)
	if testkit.RaceEnabled {
		most *= 4
	}
	testkit.Within(t, time.Second, most, f)
}

// validateText judges a skill of one file by both profiles.
func validateText(t *testing.T, files fstest.MapFS) (reports []*Report) {
	t.Helper()
	for _, profile := range []Profile{ProfileOCI, ProfileAgentSkills} {
		report, err := validate(context.Background(), &source.Dir{FS: files, Label: "demo", Name: "demo"}, ValidateOptions{Profile: profile})
		require.NoError(t, err)
		reports = append(reports, report)
	}
	return reports
}

// boundedText is validateText within bounds, twice with the same findings.
func boundedText(t *testing.T, files fstest.MapFS) (reports []*Report) {
	t.Helper()
	bounded(t, func() { reports = validateText(t, files) })
	require.Equal(t, reports, validateText(t, files), "the same input, other findings")
	return reports
}

func FuzzFrontmatter(f *testing.F) {
	for _, seed := range []string{
		defaultSkillMD, "", "---\n", "---\n---\n", "\ufeff---\r\nname: demo\r\n---\r\n",
		"---\nname: demo\ndescription: >-\n  a\n  b\nmetadata: {a: [b, {c: d}]}\nallowed-tools: Bash(a, b) C\n---\n# x\n[a](b.md) `scripts/x.py`\n",
		"---\na: &a [x,x]\nb: [*a,*a]\n---\n", "---\n<<: {a: b}\n---\n", "---\n? {a: b}\n: c\n---\n", "---\nx: !!binary aGk=\n---\n", "---\n\xff\xfen\x00\n---\n",
		"---\n" + strings.Repeat("[", 500) + "\n---\n", "---\n" + strings.Repeat("- ", 500) + "\n---\n", "---\na: \"\\ud800\"\n---\n", "---\na: 1\n...\n--- \nb: 2\n---\n",
		"---\ntoolhive.requires: |\n  a\n  b\n---\n```sh\n./scripts/x\n```\n/Users/maria/x\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := fstest.MapFS{SkillFileName: {Data: data}}
		reports := boundedText(t, files)
		lines := strings.Count(string(data), "\n") + 2
		for _, report := range reports {
			for _, d := range report.Diagnostics {
				require.NotEmpty(t, d.Message)
				require.NotContains(t, d.String(), "\n")
				if d.File == SkillFileName {
					require.Positive(t, d.Line, d.Rule)
					require.Positive(t, d.Column, d.Rule)
				}
				// YAML counts line breaks that editors do not.
				if !strings.ContainsAny(string(data), "\r\u0085\u2028\u2029") {
					require.LessOrEqual(t, d.Line, lines, d.Rule)
				}
			}
		}
	})
}

func FuzzIgnore(f *testing.F) {
	f.Add("*.log\n!keep.log\n", "a/keep.log")
	f.Add("# x\n/a\n**/b\n", "c/b/d")
	f.Add("[a\n!\n\\\n", "x")
	f.Add("a/**\n!a/b/c\n", "a/b/c")
	f.Add("\\#x\n\\!y\n\\[z\\]\n**\\.tmp\n", "a/.tmp")
	f.Add("**a\n!**.b\nc**\n[^a]x[b-d]\n", "a/bcb")
	f.Add("\ufeff*\r\n!*.md\r\n", "x/y.md")
	f.Add(strings.Repeat("**/", 100)+"a\n", strings.Repeat("a/", 50)+"a")
	f.Fuzz(func(t *testing.T, patterns, name string) {
		files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, ignoreFileName: {Data: []byte(patterns)}}
		boundedText(t, files)
		i, wrong, err := newIgnorer(strings.NewReader(patterns))
		require.NoError(t, err)
		for _, p := range i.patterns {
			require.NotContains(t, p.text, `\`, "which separates on Windows")
			require.NotContains(t, p.text, ":")
		}
		if len(wrong) > 0 || path.Clean(name) != name || name == "." || path.IsAbs(name) || strings.HasPrefix(name, "..") || name == SkillFileName {
			return
		}
		// The pattern that decides is the one that the library would let decide.
		texts, err := ignorefile.ReadAll(strings.NewReader(patterns))
		if err != nil {
			return
		}
		all, err := patternmatcher.New(append([]string{hiddenPattern}, texts...))
		require.NoError(t, err)
		want, err := all.MatchesOrParentMatches(name)
		require.NoError(t, err)
		got, err := i.ignored(name)
		require.NoError(t, err)
		require.Equal(t, want, got != nil, "%q", name)
		// What is left out with its directory would have been left out alone.
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if p, _ := i.ignored(dir); p != nil && !i.mayReturn(dir) {
				require.NotNil(t, got, "%q was left out with %q", name, dir)
			}
		}
	})
}

func FuzzAllowedTools(f *testing.F) {
	for _, seed := range []string{"Read Write", "Bash(git add, git commit) Read", "a,b,,c", "((a) b) c", ")(", "(", "Bash(a", "mcp__x__y\tRead\nWrite"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var tools []string
		var paired bool
		bounded(t, func() { tools, paired = splitTools(s) })
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune(" ,\t\r\n", r) {
					return -1
				}
				return r
			}, s)
		}
		for _, tool := range tools {
			require.NotEmpty(t, tool)
			if paired {
				require.Equal(t, strings.Count(tool, "("), strings.Count(tool, ")"))
			}
		}
		if utf8.ValidString(s) && !strings.ContainsAny(s, "\v\f\u0085\u00a0") { // white space that trims, but splits nothing
			joined := letters(strings.Join(tools, ""))
			require.Equal(t, len(strings.Join(strings.Fields(letters(s)), "")), len(strings.Join(strings.Fields(joined), "")), "a letter is lost")
		}
		if value, err := yaml.Marshal(map[string]string{"allowed-tools": s}); err == nil && utf8.ValidString(s) {
			files := fstest.MapFS{SkillFileName: {Data: []byte("---\nname: demo\ndescription: Use it.\n" + string(value) + "---\nx\n")}}
			report := boundedText(t, files)[0]
			if report.Err() == nil && !strings.ContainsAny(s, "\r\u0085\u2028\u2029") {
				require.True(t, paired)
				require.Equal(t, tools, report.Frontmatter.AllowedTools)
			}
		}
		if !paired {
			return
		}
		// What was split stays split.
		again, _ := splitTools(strings.Join(tools, " "))
		require.Equal(t, tools, again)
	})
}

func FuzzRequires(f *testing.F) {
	for _, seed := range []string{"ghcr.io/a/b:v1", "ghcr.io/a/b:v1\n\nlocalhost:5000/c@sha256:x\r\n", " a ", "", "\"", "a: b", "- a\n- b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var refs []string
		bounded(t, func() { refs = splitRequires(s) })
		for _, ref := range refs {
			require.NotEmpty(t, ref)
			require.Equal(t, []string{ref}, splitRequires(ref))
			require.False(t, strings.ContainsAny(ref, " ,\t\r\n"))
		}
		if !utf8.ValidString(s) {
			return
		}
		// The same through the front matter, whatever quotes it needs.
		value, err := yaml.Marshal(map[string]string{toolhive.RequiresKey: s})
		if err != nil {
			return
		}
		files := fstest.MapFS{SkillFileName: {Data: []byte("---\nname: demo\ndescription: Use it.\n" + string(value) + "---\nx\n")}}
		report := boundedText(t, files)[0]
		if report.Err() == nil && !strings.ContainsAny(s, "\r\u0085\u2028\u2029") {
			require.Equal(t, refs, report.Frontmatter.Requires)
		}
	})
}
