// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// secondMatch matches a pattern as the words of FORMAT.md, "Files", have it,
// without the library and without regular expressions.
func secondMatch(pattern, name []rune) bool {
	if len(pattern) >= 2 && string(pattern[:2]) == "**" && !strings.ContainsAny(string(pattern[2:]), `*?[]\`) {
		rest := string(pattern[2:])
		return strings.HasSuffix(string(name), rest) || strings.HasPrefix(rest, "/") && string(name) == rest[1:]
	}
	return secondWhole(pattern, name)
}

func secondWhole(pattern, name []rune) bool {
	if len(pattern) == 0 {
		return len(name) == 0
	}
	one := func(matches bool, size int) bool { return matches && secondWhole(pattern[size:], name[1:]) }
	switch c := pattern[0]; {
	case string(pattern) == "**":
		return true
	case strings.HasPrefix(string(pattern), "**"):
		rest := pattern[2:]
		if rest[0] == '/' {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return true
		}
		for i := range len(name) + 1 {
			if (i == 0 || name[i-1] == '/') && secondWhole(rest, name[i:]) {
				return true
			}
		}
		return false
	case c == '*':
		for i := range len(name) + 1 {
			if secondWhole(pattern[1:], name[i:]) {
				return true
			}
			if i < len(name) && name[i] == '/' {
				break
			}
		}
		return false
	case len(name) == 0:
		return false
	case c == '?':
		return one(name[0] != '/', 1)
	case c == '\\':
		return one(name[0] == pattern[1], 2)
	case c == '[':
		end := 1
		for pattern[end] != ']' {
			end++
		}
		inner, negated := pattern[1:end], false
		if inner[0] == '^' {
			inner, negated = inner[1:], true
		}
		in := false
		for i := 0; i < len(inner); i++ {
			low, high := inner[i], inner[i]
			if i+2 < len(inner) && inner[i+1] == '-' {
				high = inner[i+2]
				i += 2
			}
			in = in || low <= name[0] && name[0] <= high
		}
		return one(in != negated, end+1)
	default:
		return one(name[0] == c, 1)
	}
}

// TestSecondMatchBounded holds the patterns to FORMAT.md, at random.
func TestSecondMatchBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	random := rand.New(rand.NewPCG(32, 1))
	some := func(parts []string, most int) string {
		var b strings.Builder
		for range 1 + random.IntN(most) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		return b.String()
	}
	patterns := []string{"a", "b", "é", "/", "/", "*", "**", "**", "?", "[ab]", "[^a]", "[a-c]", "[é.]", "[.-0]", `\[`, `\]`, `\#`, `\ `, `\.`, "]", ".", "a", "-", "+", "(", "$", "{"}
	names := []string{"a", "b", "é", "/", ".", "a", "]", "[", "#", " ", "x", "c", "-", "+", "(", "$", "{"}
	matched, compared := 0, 0
	for range 60_000 {
		text := some(patterns, 6)
		pattern, err := parseIgnoreLine(text)
		if err != nil || pattern == "" {
			continue
		}
		p, err := newIgnorePattern(pattern, 1)
		require.NoError(t, err, "%q", text)
		// What is cleaned is not what this test is about.
		if strings.Trim(text, "/ ") != text || strings.Contains(text, "//") || strings.Contains("/"+text+"/", "/./") || strings.Contains("/"+text+"/", "/../") {
			continue
		}
		for range 4 {
			name := strings.Trim(some(names, 6), "/")
			if name == "" {
				continue
			}
			got, err := p.matches(name)
			require.NoError(t, err)
			require.Equal(t, secondMatch([]rune(text), []rune(name)), got, "%q, %q", text, name)
			compared++
			if got {
				matched++
			}
		}
	}
	require.Greater(t, compared, 50_000)
	require.Greater(t, matched, 5_000)
}
