// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package grammar

import "strings"

// MatchETag reports whether an If-Match or If-None-Match header (RFC 9110, sections
// 13.1.1 and 13.1.2), given by its lines, names an entity tag, which is strong and
// quoted. "*" names any. A weak one, which only If-None-Match takes, is equal if its
// quoted part is (section 8.8.3.2). From what is malformed on nothing is named.
func MatchETag(lines []string, etag string, weak bool) bool {
	for _, line := range lines {
		rest := strings.Trim(line, " \t")
		if rest == "*" {
			return true
		}
		for rest != "" {
			if rest[0] == ',' || rest[0] == ' ' || rest[0] == '\t' {
				rest = rest[1:]
				continue
			}
			tag, isWeak := strings.CutPrefix(rest, "W/")
			quoted, ok := quotedTag(tag)
			if !ok {
				break
			}
			if quoted == etag && (weak || !isWeak) {
				return true
			}
			rest = tag[len(quoted):]
		}
	}
	return false
}

// quotedTag returns the quoted part that s begins with.
func quotedTag(s string) (string, bool) {
	if s == "" || s[0] != '"' {
		return "", false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], true
		case c < 0x21 || c == 0x7f:
			return "", false
		}
	}
	return "", false
}
