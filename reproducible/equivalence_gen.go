// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build ignore

// This program writes equivalence.txt from golang.org/x/text, whose Unicode is
// that of the Go release: run it with Go 1.26. A character never changes its
// decomposition or folding, so a later Unicode would only add lines; but each
// refuses names that were taken before.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

func main() {
	var b strings.Builder
	fmt.Fprintf(&b, "# SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors\n# SPDX-License-Identifier: Apache-2.0\n#\n")
	fmt.Fprintf(&b, "# Written by equivalence_gen.go from Unicode %s.\n", norm.Version)
	fmt.Fprintf(&b, "# Each code point is followed by its full canonical decomposition (=), its full\n# case folding (~) by a character of our choice where several fold together, or its\n# combining class (^).\n")
	folder := cases.Fold()
	for r := rune(0); r <= utf8.MaxRune; r++ {
		s := string(r)
		// Hangul syllables follow a rule; surrogates are not characters.
		if r >= 0xAC00 && r <= 0xD7A3 || !utf8.ValidRune(r) {
			continue
		}
		if d := norm.NFD.String(s); d != s {
			fmt.Fprintf(&b, "%X=%s\n", r, hex(d))
		}
		f := folder.String(s)
		if utf8.RuneCountInString(f) == 1 {
			f = s // x/text does not fold Cherokee
		}
		if f = strings.Map(foldRune, f); f != s {
			fmt.Fprintf(&b, "%X~%s\n", r, hex(f))
		}
		if class := norm.NFD.PropertiesString(s).CCC(); class != 0 {
			fmt.Fprintf(&b, "%X^%d\n", r, class)
		}
	}
	if err := os.WriteFile("equivalence.txt", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// foldRune maps all runes of an orbit under simple case folding to one of
// them, which for A to Z is the small letter.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return unicode.ToLower(least)
}

// hex returns the code points of s.
func hex(s string) string {
	return strings.Trim(fmt.Sprintf("%X", []rune(s)), "[]")
}
