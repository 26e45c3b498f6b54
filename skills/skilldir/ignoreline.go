// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a line of .skillignore means is said in FORMAT.md, "Files". The library
// takes more, and takes some of it for one thing on Windows and another
// elsewhere; what is refused here is what FORMAT.md could not say in a sentence.

// ignoreEscapes are the characters that a backslash can stand before.
const ignoreEscapes = " !\"#$%&'()+,.;<=>@[]_`{|}~"

// parseIgnoreLine returns the pattern of a line as the library takes it on all
// systems: cleaned, without a backslash, after a "!" if it had one. It returns
// "" for a line that has none.
func parseIgnoreLine(line string) (string, error) {
	if strings.HasPrefix(line, "#") {
		return "", nil
	}
	text := strings.TrimSpace(line)
	if text == "" {
		return "", nil
	}
	text, returns := strings.CutPrefix(text, "!")
	if text = strings.TrimSpace(text); text != "" {
		text = strings.TrimSpace(strings.TrimPrefix(path.Clean(text), "/"))
	}
	switch {
	case text == "" || text == ".":
		return "", errors.New("it names nothing")
	case strings.HasPrefix(text, "!"):
		return "", errors.New("a second \"!\" is written \"\\!\"")
	}
	text, err := portablePattern(text)
	if returns && err == nil {
		text = "!" + text
	}
	return text, err
}

// portablePattern writes escapes as brackets, which mean the same everywhere.
func portablePattern(text string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			return "", errors.New("it is not UTF-8")
		case unicode.IsControl(c) || c == '\ufeff' || c == ':':
			return "", fmt.Errorf("no name can have %q", c)
		case c == '^':
			return "", errors.New("a \"^\" stands in brackets only")
		case c == '[':
			size = strings.IndexByte(text[i:], ']') + 1
			if size == 0 {
				return "", errors.New("a \"[\" has no \"]\"")
			}
			if err := checkBrackets(text[i+1 : i+size-1]); err != nil {
				return "", err
			}
			out.WriteString(text[i : i+size])
		case c == '\\':
			size = 2
			if i+1 == len(text) || strings.IndexByte(ignoreEscapes, text[i+1]) < 0 {
				return "", fmt.Errorf("a backslash stands before one of %s only", ignoreEscapes[1:])
			}
			if c := text[i+1 : i+2]; c == "]" {
				out.WriteString(c)
			} else {
				out.WriteString("[" + c + "]")
			}
		default:
			out.WriteString(text[i : i+size])
		}
		i += size
	}
	return out.String(), nil
}

// checkBrackets looks at what stands between brackets; where hyphens may stand
// the library says.
func checkBrackets(inner string) error {
	if strings.HasPrefix(inner, "!") {
		return errors.New("\"[!\" is written \"[^\"")
	}
	inner = strings.TrimPrefix(inner, "^")
	if i := strings.IndexAny(inner, "*?[\\/^"); i >= 0 {
		return fmt.Errorf("a %q stands in brackets", inner[i])
	}
	for i, c := range inner {
		if c == utf8.RuneError && !strings.HasPrefix(inner[i:], "\ufffd") || unicode.IsControl(c) || c == '\ufeff' || c == ':' {
			return fmt.Errorf("no name can have %q", c)
		}
	}
	return nil
}
