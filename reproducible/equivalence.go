// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	_ "embed" // for the table
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// The table is Unicode's, of one version for ever. The standard library knows
// simple case folding only, and that of another Unicode in each release: what
// one of them takes for two names the next would take for one, and an archive
// that was written could not be read.
//
//go:generate go run equivalence_gen.go
//go:embed equivalence.txt
var equivalenceTable string

// equivalence is the table when it was read.
type equivalence struct {
	decomposed map[rune]string // canonical, in full
	folded     map[rune]string // full case folding, where it is another
	class      map[rune]uint8  // canonical combining class, where not 0
}

var readEquivalence = sync.OnceValue(func() *equivalence {
	e := &equivalence{map[rune]string{}, map[rune]string{}, map[rune]uint8{}}
	for line := range strings.Lines(equivalenceTable) {
		if line[0] == '#' {
			continue
		}
		line = strings.TrimSuffix(line, "\n")
		at := strings.IndexAny(line, "=~^")
		r, value := parseRunes(line[:at])[0], line[at+1:]
		switch line[at] {
		case '=':
			e.decomposed[r] = string(parseRunes(value))
		case '~':
			e.folded[r] = string(parseRunes(value))
		case '^':
			class, err := strconv.ParseUint(value, 10, 8)
			if err != nil {
				panic(err)
			}
			e.class[r] = uint8(class)
		}
	}
	return e
})

// parseRunes parses code points in hexadecimal.
func parseRunes(s string) []rune {
	var runes []rune
	for code := range strings.FieldsSeq(s) {
		r, err := strconv.ParseUint(code, 16, 32)
		if err != nil {
			panic(err)
		}
		runes = append(runes, rune(r))
	}
	return runes
}

// foldName returns a key that is the same for names that some file system
// takes for one: those that differ by case (Unicode's full case folding), by
// the form of their accents (canonical equivalence), or by both.
func foldName(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	e := readEquivalence()
	// Folding may leave what can be decomposed, and the other way round.
	return e.decompose(e.fold(e.decompose(s)))
}

// decompose returns the form that Unicode calls NFD.
func (e *equivalence) decompose(s string) string {
	if isASCII(s) {
		return s
	}
	runes := make([]rune, 0, len(s))
	for _, r := range s {
		if d, ok := e.decomposed[r]; ok {
			runes = append(runes, []rune(d)...)
		} else {
			runes = appendHangul(runes, r)
		}
	}
	// Marks between two base characters are sorted by class, stably.
	for start := 0; start < len(runes); start++ {
		end := start
		for end < len(runes) && e.class[runes[end]] != 0 {
			end++
		}
		slices.SortStableFunc(runes[start:end], func(a, b rune) int {
			return int(e.class[a]) - int(e.class[b])
		})
		start = end
	}
	return string(runes)
}

// appendHangul appends the parts of a Hangul syllable, or r if it is none
// (Unicode 3.12, "Hangul Syllable Decomposition").
func appendHangul(runes []rune, r rune) []rune {
	const syllables, leads, vowels, trails = 0xAC00, 0x1100, 0x1161, 0x11A7
	const vowelCount, trailCount, count = 21, 28, 11172
	i := r - syllables
	if i < 0 || i >= count {
		return append(runes, r)
	}
	runes = append(runes, leads+i/(vowelCount*trailCount), vowels+i%(vowelCount*trailCount)/trailCount)
	if trail := i % trailCount; trail != 0 {
		runes = append(runes, trails+trail)
	}
	return runes
}

// fold folds case.
func (e *equivalence) fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		if f, ok := e.folded[r]; ok {
			b.WriteString(f)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
