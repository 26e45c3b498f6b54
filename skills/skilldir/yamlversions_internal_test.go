// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// FuzzFlow compares what is found in brackets by going through the text with
// what the library made of it: a plain text that ends with ":" is one that YAML
// 1.2 reads otherwise.
func FuzzFlow(f *testing.F) {
	for _, seed := range []string{"b:", "b:, c", "{d:}, e: f", "'x:', \"y:\"", "?z", "? z : a", "a # b:]\n", "a\n b:", "it''s, 'it''s:'", `"\":", c:`, "a:b, http://c", "! x:", "!t x", "[[a:]]", "a :", "é:, \u2028", "a\r b:", "\"a\":", "{\"a\":b, c:}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, inner string) {
		if checkUTF8([]byte(inner)) != nil || strings.Contains(inner, "::") || strings.ContainsAny(inner, "&*") { // a key can end with ":", and names are refused
			return
		}
		// A key after it shows that the brackets end where they end.
		text := "a: [" + inner + "]\nb: c\n"
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) != 1 || len(doc.Content[0].Content) != 4 {
			return
		}
		colons := 0
		var walk func(node *yaml.Node, flow bool)
		walk = func(node *yaml.Node, flow bool) {
			if flow && node.Kind == yaml.ScalarNode && node.Style&^yaml.TaggedStyle == 0 && strings.HasSuffix(node.Value, ":") {
				colons++
			}
			for _, child := range node.Content {
				walk(child, flow || node.Kind != yaml.ScalarNode && node.Style&yaml.FlowStyle != 0)
			}
		}
		walk(&doc, false)
		p := &frontmatterParser{found: &findings{profile: ProfileOCI}, profile: ProfileOCI}
		p.checkFlows(text, doc.Content[0])
		questions := 0
		lines := yamlLines(text)
		for _, d := range p.found.list {
			at := cursor{text: text, lines: lines, line: d.Line - 2, offset: lines[d.Line-2], column: 1}
			for at.column < d.Column {
				at.next()
			}
			switch text[at.offset] {
			case ':':
				colons--
			case '?':
				questions++
			default:
				t.Fatalf("%q: nothing is wrong at %d:%d", text, d.Line, d.Column)
			}
		}
		if len(p.found.list) < maxPerRule {
			require.Zero(t, colons, "%q: %v", text, p.found.list)
			if !strings.Contains(inner, "?") {
				require.Zero(t, questions)
			}
		}
	})
}

// TestVersionsAreSoughtQuicklyAndBounded has front matter of nothing but differences.
func TestVersionsAreSoughtQuicklyAndBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	most := func(s string) string { return strings.Repeat(s, (MaxFrontmatterBytes-10)/len(s)) }
	for _, block := range []string{
		"a: " + most("\u0085"), "a: " + most("x\u2028"), "a: [" + most("b:,") + "]", "a: [" + most("[],") + "]", "a: [" + most("?,") + "]", "a: [" + most("'',") + "]",
		"a: [" + most("#:,\n") + "]", "a: [" + most("!,") + "]", most("- [a:]\n"), "a: [" + most("é ") + ":]", "a: [" + most("'") + "'']", "a: [" + most("[") + "",
	} {
		bounded(t, func() { parseFrontmatter([]byte(block), &findings{profile: ProfileOCI}) })
	}
}
