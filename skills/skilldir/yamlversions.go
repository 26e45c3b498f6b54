// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The YAML library reads YAML 1.1 and some of 1.2. Where a reader of YAML 1.2
// would take other text from what both accept, SKILL.md is refused, so that
// FORMAT.md can name YAML 1.2 and nothing else. There are three such places.

// versionRule is the rule about what the versions of YAML read differently.
const versionRule = "frontmatter-yaml-versions"

// checkBreaks looks for characters that end a line in YAML 1.1 only. It reports
// whether any is refused.
func (p *frontmatterParser) checkBreaks(block []byte) (refused bool) {
	if !bytes.ContainsAny(block, "\u0085\u2028\u2029") {
		return false
	}
	at := place{2, 1} // the fence is line 1
	for _, char := range string(block) {
		switch char {
		case '\n':
			at = place{at.line + 1, 0}
		case '\u0085', '\u2028', '\u2029':
			p.reportAt(at, versionRule, fmt.Sprintf("%U ends a line in YAML 1.1 and does not in YAML 1.2", char),
				fmt.Sprintf("take it out, or write \"\\u%04X\" in double quotes", char))
		}
		at.column++
	}
	return ruleByID(versionRule).Severity(p.profile) == SeverityError
}

// checkFlows looks into the collections in brackets below node, a tree of text.
func (p *frontmatterParser) checkFlows(text string, node *yaml.Node) {
	lines := yamlLines(text)
	var walk func(*yaml.Node)
	walk = func(node *yaml.Node) {
		if node.Kind == yaml.ScalarNode || node.Style&yaml.FlowStyle == 0 || node.Line > len(lines) {
			for _, child := range node.Content {
				walk(child)
			}
			return
		}
		at := cursor{text: text, lines: lines, line: node.Line - 1, offset: lines[node.Line-1], column: 1}
		for at.column < node.Column && at.offset < len(text) {
			at.next()
		}
		start := at.offset
		scanFlow(text[start:], func(offset int, message, hint string) {
			for at.offset < start+offset {
				at.next()
			}
			p.reportAt(place{at.line + 2, at.column}, versionRule, message, hint)
		})
	}
	walk(node)
}

// scanFlow goes through the collection in brackets that text begins with, in
// which the library has found no fault, and reports what the versions differ on.
func scanFlow(text string, report func(offset int, message, hint string)) {
	depth := 0
	for i := 0; i < len(text); {
		switch text[i] {
		case '[', '{':
			depth++
			i++
		case ']', '}':
			if depth--; depth == 0 {
				return
			}
			i++
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
		case '#':
			i += until(text[i:], "\r\n")
		case '"', '\'':
			i += quotedLength(text[i:])
		case '!': // a tag
			i += until(text[i:], " \t\r\n,[]{}")
		case '?':
			report(i, "\"?\" at the beginning of an entry in brackets begins a key in YAML 1.1, and can begin text in YAML 1.2",
				"put text in quotes, and write a key without \"?\"")
			i++
		default:
			i += scanPlain(text[i:], func(at int) {
				report(i+at, fmt.Sprintf("\":\" before %q in brackets is part of the text in YAML 1.1, and ends it in YAML 1.2", text[i+at+1:i+at+2]),
					"put text in quotes, and a space after the \":\" of a key")
			})
		}
	}
}

// until returns the index of the first of chars in text, or the end.
func until(text, chars string) int {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return i
	}
	return len(text)
}

// quotedLength returns the length of the quoted text that text begins with.
func quotedLength(text string) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\', quote == '\'' && strings.HasPrefix(text[i:], "''"):
			i++ // the next is part of the text
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}

// scanPlain returns the length of the text without quotes that text begins
// with, as the library sees it, and reports a ":" that YAML 1.2 sees otherwise.
func scanPlain(text string, report func(at int)) int {
	for i := range len(text) {
		next := byte('\n')
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch c := text[i]; {
		case strings.IndexByte(",?[]{}", c) >= 0, c == ':' && isYAMLSpace(next), c == '#' && i > 0 && isYAMLSpace(text[i-1]):
			return i
		case c == ':' && strings.IndexByte(",[]{}", next) >= 0:
			report(i)
		}
	}
	return len(text)
}

func isYAMLSpace(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 }

// yamlLines returns where the lines of text begin, as the library counts them.
func yamlLines(text string) []int {
	// It doesn't count a byte order mark.
	starts := []int{len(text) - len(strings.TrimPrefix(text, "\ufeff"))}
	for i, char := range text {
		switch char {
		case '\r':
			if !strings.HasPrefix(text[i+1:], "\n") {
				starts = append(starts, i+1)
			}
		case '\n', '\u0085', '\u2028', '\u2029':
			starts = append(starts, i+utf8.RuneLen(char))
		}
	}
	return starts
}

// cursor is a place in text that moves forwards.
type cursor struct {
	text   string
	lines  []int // where they begin
	line   int   // among them
	column int   // in characters, from 1
	offset int
}

func (c *cursor) next() {
	_, size := utf8.DecodeRuneInString(c.text[c.offset:])
	c.offset += size
	c.column++
	if c.line+1 < len(c.lines) && c.offset >= c.lines[c.line+1] {
		c.line++
		c.column = 1
	}
}
