// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// ignoreFileName is the file at the root of a skill directory that says what
// stays out of the artifact, in the syntax of .dockerignore.
const ignoreFileName = ".skillignore"

// hiddenPattern is the default that comes before the patterns of .skillignore.
const hiddenPattern = "**/.*"

// maxIgnoreBytes bounds .skillignore.
const maxIgnoreBytes = 64 << 10

// ignorer decides which files stay out.
type ignorer struct {
	matcher *patternmatcher.PatternMatcher
}

// newIgnorer reads the patterns of r after the default one; r may be nil.
func newIgnorer(r io.Reader) (*ignorer, error) {
	patterns := []string{hiddenPattern}
	if r != nil {
		limited := &io.LimitedReader{R: r, N: maxIgnoreBytes + 1}
		more, err := ignorefile.ReadAll(limited)
		if err != nil {
			return nil, err
		}
		if limited.N <= 0 {
			return nil, fmt.Errorf("it is longer than %d bytes; use fewer patterns", maxIgnoreBytes)
		}
		patterns = append(patterns, more...)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, fmt.Errorf("%w; the syntax is that of .dockerignore", err)
	}
	// Patterns compile when they are first used: find the bad ones now.
	if _, err := matcher.MatchesOrParentMatches("x"); err != nil {
		return nil, fmt.Errorf("%w; the syntax is that of .dockerignore", err)
	}
	return &ignorer{matcher: matcher}, nil
}

// ignored reports whether the file or directory name stays out. The last
// pattern that matches it or a directory that it lies in decides.
func (i *ignorer) ignored(name string) (bool, error) {
	if name == SkillFileName {
		return false, nil
	}
	return i.matcher.MatchesOrParentMatches(filepath.FromSlash(name))
}

// mayReturn reports whether a "!" pattern might bring back something inside the
// ignored directory dir, so that it has to be looked into.
func (i *ignorer) mayReturn(dir string) bool {
	for _, pattern := range i.matcher.Patterns() {
		if !pattern.Exclusion() {
			continue
		}
		fixed := fixedPrefix(filepath.ToSlash(pattern.String()))
		if fixed == "" || within(fixed, dir) || within(dir, fixed) {
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
	return name == dir || strings.HasPrefix(name, dir+"/")
}
