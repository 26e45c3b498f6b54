// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build ignore

// This program writes equivalence.txt from golang.org/x/text. Characters
// never change their decomposition, so that a later Unicode only adds lines.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

func main() {
	var b strings.Builder
	fmt.Fprintf(&b, "# SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors\n# SPDX-License-Identifier: Apache-2.0\n#\n")
	fmt.Fprintf(&b, "# Written by equivalence_gen.go from Unicode %s.\n", norm.Version)
	fmt.Fprintf(&b, "# Each code point is followed by its full canonical decomposition (=), its full\n# case folding (~) where that has several code points, or its combining class (^).\n")
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
		if f := folder.String(s); utf8.RuneCountInString(f) > 1 {
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

// hex returns the code points of s.
func hex(s string) string {
	return strings.Trim(fmt.Sprintf("%X", []rune(s)), "[]")
}
