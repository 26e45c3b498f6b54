// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// ignoreFileName is the file at the root of a skill directory that says what
// stays out of the artifact, in the syntax of .dockerignore; FORMAT.md has it.
const ignoreFileName = ".skillignore"

// hiddenPattern is the default that comes before the patterns of .skillignore.
const hiddenPattern = "**/.*"

// Limits on .skillignore, which bound the time that matching takes.
const (
	maxIgnoreBytes     = 64 << 10
	maxIgnorePatterns  = 1000
	maxIgnoreLineBytes = 1024
	// Each asterisk costs a match as much as the whole path is long.
	maxIgnoreAsterisks = 4000
)

// ignorePattern is a pattern that decides on files.
type ignorePattern struct {
	text    string // without the "!"
	line    int    // of .skillignore; 0 for the default
	returns bool   // "!": brings back what it matches
	fixed   string // the segments before the first wildcard
	matcher *patternmatcher.PatternMatcher
}

// String returns the pattern as it would be written.
func (p *ignorePattern) String() string {
	if p.returns {
		return "!" + p.text
	}
	return p.text
}

// newIgnorePattern compiles a pattern.
func newIgnorePattern(text string, line int) (*ignorePattern, error) {
	p := &ignorePattern{line: line}
	p.text, p.returns = strings.CutPrefix(text, "!")
	// Each pattern has a matcher of its own, so that it is known which one
	// decided. The "!" is applied by who asks.
	matcher, err := patternmatcher.New([]string{p.text})
	if err == nil {
		p.matcher = matcher
		p.fixed = fixedPrefix(filepath.ToSlash(p.text))
		_, err = p.matches("x") // a pattern compiles when it is first used
	}
	return p, err
}

// unmatched is what a matcher of one pattern says of a directory that it does
// not match. With it a matcher looks at a name alone, and not at the
// directories that it lies in.
var unmatched = func() patternmatcher.MatchInfo {
	matcher, err := patternmatcher.New([]string{"a"})
	if err != nil {
		panic(err)
	}
	_, info, err := matcher.MatchesUsingParentResults("b", patternmatcher.MatchInfo{})
	if err != nil {
		panic(err)
	}
	return info
}()

// matches reports whether the pattern matches name itself.
func (p *ignorePattern) matches(name string) (bool, error) {
	matched, _, err := p.matcher.MatchesUsingParentResults(filepath.FromSlash(name), unmatched)
	return matched, err
}

// ignorer decides which files stay out.
type ignorer struct {
	patterns  []*ignorePattern // the default one first
	asterisks int              // in those of the file
}

// newIgnorer reads the patterns of r after the default one; r may be nil.
// Lines that are no patterns come as diagnostics, an error of r as an error.
func newIgnorer(r io.Reader) (*ignorer, []Diagnostic, error) {
	hidden, err := newIgnorePattern(hiddenPattern, 0)
	if err != nil {
		return nil, nil, err
	}
	i := &ignorer{patterns: []*ignorePattern{hidden}}
	if r == nil {
		return i, nil, nil
	}
	data, err := io.ReadAll(io.LimitReader(r, maxIgnoreBytes+1))
	if err != nil {
		return i, nil, err
	}
	if len(data) > maxIgnoreBytes {
		return i, []Diagnostic{tooLongIgnore(1, fmt.Sprintf("the file has more than %d bytes", maxIgnoreBytes))}, nil
	}
	var wrong []Diagnostic
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxIgnoreBytes+1)
	for number := 1; lines.Scan(); number++ {
		if len(lines.Bytes()) > maxIgnoreLineBytes {
			d := tooLongIgnore(number, fmt.Sprintf("the line has more than %d bytes", maxIgnoreLineBytes))
			d.Hint = "one pattern stands in a line; use wildcards"
			wrong = append(wrong, d)
			continue
		}
		if len(i.patterns) > maxIgnorePatterns {
			return i, append(wrong, tooLongIgnore(number, fmt.Sprintf("the file has more than %d patterns", maxIgnorePatterns))), nil
		}
		if i.asterisks += bytes.Count(lines.Bytes(), []byte("*")); i.asterisks > maxIgnoreAsterisks {
			return i, append(wrong, tooLongIgnore(number, fmt.Sprintf("the file has more than %d asterisks", maxIgnoreAsterisks))), nil
		}
		if d := i.addLine(lines.Text(), number); d != nil {
			wrong = append(wrong, *d)
		}
	}
	return i, wrong, lines.Err()
}

// addLine adds the pattern that a line has, if it has one.
func (i *ignorer) addLine(line string, number int) *Diagnostic {
	if number == 1 {
		line = strings.TrimPrefix(line, "\ufeff")
	}
	text, err := parseIgnoreLine(line)
	if err == nil && text != "" {
		var p *ignorePattern
		if p, err = newIgnorePattern(text, number); err == nil {
			i.patterns = append(i.patterns, p)
		}
	}
	if err == nil {
		return nil
	}
	return &Diagnostic{Rule: "ignore-pattern", File: ignoreFileName, Line: number, Column: 1,
		Message: fmt.Sprintf("%q is no pattern: %v", oci.Excerpt(strings.TrimSpace(line)), err),
		Hint:    "the syntax is that of .dockerignore, without what systems read differently"}
}

func tooLongIgnore(line int, message string) Diagnostic {
	return Diagnostic{Rule: "ignore-length", File: ignoreFileName, Line: line, Column: 1, Message: message,
		Hint: "name directories or use wildcards"}
}

// verdict is what decides on a file or directory: the number of the pattern,
// counting from 1, or 0 if none does.
type verdict int

// judge returns the verdict on name, which lies in a directory with the verdict
// above. The last pattern that matches it or a directory that it lies in
// decides, so that only those after the directory's are to be tried.
func (i *ignorer) judge(name string, above verdict) (verdict, error) {
	for n := verdict(len(i.patterns)); n > above; n-- {
		if matched, err := i.patterns[n-1].matches(name); err != nil || matched {
			return n, err
		}
	}
	return above, nil
}

// drops returns the pattern that leaves name out by that verdict, or nil.
func (i *ignorer) drops(name string, v verdict) *ignorePattern {
	if name == SkillFileName || v == 0 || i.patterns[v-1].returns {
		return nil
	}
	return i.patterns[v-1]
}

// mayReturn reports whether a "!" pattern might bring back something inside the
// ignored directory dir, so that it has to be looked into.
func (i *ignorer) mayReturn(dir string) bool {
	for _, p := range i.patterns {
		if !p.returns {
			continue
		}
		if p.fixed == "" || within(p.fixed, dir) || within(dir, p.fixed) {
			return true
		}
	}
	return false
}

// fixedPrefix returns the segments of pattern before its first wildcard.
func fixedPrefix(pattern string) string {
	if i := strings.IndexAny(pattern, "*?[\\"); i >= 0 {
		return strings.TrimSuffix(path.Dir(pattern[:i]+"x"), ".")
	}
	return pattern
}

// within reports whether name is dir or lies in it.
func within(name, dir string) bool {
	return strings.HasPrefix(name, dir) && (len(name) == len(dir) || name[len(dir)] == '/')
}
