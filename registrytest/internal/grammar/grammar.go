// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package grammar reads the forms in which the specifications write names, tags,
// digests, upload IDs and ranges. It is on the path of every request, where a
// regular expression costs as much as all the rest.
package grammar

import (
	"cmp"
	_ "crypto/sha256" // the two algorithms that ParseDigest takes
	_ "crypto/sha512"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
)

const maxNameLength = 255 // "Pulling manifests", implementers note

// ValidName matches the grammar of <name> in "Pulling manifests": letters and
// digits separated by a dot, one or two underscores, any number of hyphens, or a
// slash; at most 255 bytes.
func ValidName(s string) bool {
	if len(s) > maxNameLength {
		return false
	}
	for i := 0; ; i++ {
		start := i
		for i < len(s) && alphanumeric(s[i]) {
			i++
		}
		if i == start {
			return false
		}
		if i == len(s) {
			return true
		}
		switch c := s[i]; c {
		case '.', '/':
		case '_', '-':
			first := i
			for i+1 < len(s) && s[i+1] == c {
				i++
			}
			if c == '_' && i > first+1 {
				return false
			}
		default:
			return false
		}
	}
}

func alphanumeric(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// ValidTag matches the grammar of <reference> as a tag in "Pulling manifests":
// [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}.
func ValidTag(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !alphanumeric(c) && (c < 'A' || c > 'Z') && c != '_' && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return 0 < len(s) && len(s) <= 128
}

// CompareTags orders tags as lists have them, in "lexical order (i.e. case-insensitive
// alphanumeric order)" ("Listing Tags" of 1.1.1). Those that differ by case only are in
// the order of their bytes.
func CompareTags(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(lower(a[i]), lower(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// ParseDigest takes the algorithms that the image specification registers:
// sha256 and sha512, in lower case.
func ParseDigest(s string) (digest.Digest, error) {
	name, encoded, _ := strings.Cut(s, ":")
	a := digest.Algorithm(name)
	if !Supported(a) {
		return "", fmt.Errorf("%.140q is neither sha256 nor sha512", s)
	}
	valid := len(encoded) == 2*a.Size()
	for i := 0; valid && i < len(encoded); i++ {
		c := encoded[i]
		valid = '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
	}
	if !valid {
		return "", fmt.Errorf("%.140q is not %d lower-case hexadecimal digits", s, 2*a.Size())
	}
	return digest.Digest(s), nil
}

// Supported reports whether an algorithm is one that [ParseDigest] takes.
func Supported(a digest.Algorithm) bool { return a == digest.SHA256 || a == digest.SHA512 }
