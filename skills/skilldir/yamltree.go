// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// The YAML library is go.yaml.in/yaml v3: the YAML organization keeps it, it
// gives a tree of nodes with positions and scalars as they are written, and
// unlike v4 it is past its release candidates. A tree of nodes has no alias
// expanded, so that its size is bounded by that of the text.

// frontmatterParser reads the tree.
type frontmatterParser struct {
	fm      frontmatter
	found   *findings
	profile Profile
}

// parseFrontmatter parses the block, adding what is wrong with it to found.
func parseFrontmatter(block []byte, found *findings) *frontmatter {
	p := &frontmatterParser{found: found, profile: found.profile}
	p.fm.places = map[string]place{}
	if d := checkUTF8(block); d != nil {
		found.add(*d)
		return &p.fm
	}
	if p.checkBreaks(block) {
		return &p.fm
	}
	if root := p.document(block); root != nil {
		p.mapping(root)
	}
	return &p.fm
}

// report adds a finding at node's place.
func (p *frontmatterParser) report(node *yaml.Node, rule, message, hint string) {
	p.reportAt(placeOf(node), rule, message, hint)
}

func (p *frontmatterParser) reportAt(at place, rule, message, hint string) {
	p.found.add(Diagnostic{Rule: rule, File: SkillFileName, Line: at.line, Column: at.column, Message: message, Hint: hint})
}

// place is a place in SKILL.md.
type place struct{ line, column int }

func placeOf(node *yaml.Node) place {
	return place{node.Line + 1, node.Column} // the fence is line 1
}

// document returns the one mapping that block is, or nil if it is none.
func (p *frontmatterParser) document(block []byte) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(block))
	start := &yaml.Node{Line: 1, Column: 1}
	var doc yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		p.report(start, "frontmatter-mapping", "the front matter is empty", "write one \"key: value\" a line, name and description at least")
		return nil
	case err != nil:
		p.found.add(yamlError(block, err))
		return nil
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); { // after a line of "..."
	case errors.Is(err, io.EOF):
	case err != nil:
		p.found.add(yamlError(block, err))
		return nil
	default:
		p.report(&second, "frontmatter-mapping", "the front matter goes on after its YAML document has ended", "take out the line of \"...\"")
		return nil
	}
	root := doc.Content[0]
	p.checkFlows(string(block), root)
	if !p.undecorated(root) {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		p.report(root, "frontmatter-mapping", fmt.Sprintf("the front matter is %s, not a mapping of keys to values", nodeKind(root)), "write one \"key: value\" a line")
		return nil
	}
	return root
}

func nodeKind(node *yaml.Node) string {
	switch node.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	case yaml.AliasNode:
		return "an alias"
	}
	return "text"
}

// plain refuses, anywhere below node, what readers of SKILL.md differ on:
// aliases, anchors, merge keys, tags, keys that appear twice or are not text.
func (p *frontmatterParser) plain(node *yaml.Node) bool {
	if !p.undecorated(node) {
		return false
	}
	if node.Kind == yaml.MappingNode && !p.plainKeys(node) {
		return false
	}
	for _, child := range node.Content {
		if !p.plain(child) {
			return false
		}
	}
	return true
}

// undecorated looks at one node alone.
func (p *frontmatterParser) undecorated(node *yaml.Node) bool {
	switch {
	case node.Kind == yaml.AliasNode:
		p.report(node, "frontmatter-alias", fmt.Sprintf("%q is an alias", "*"+node.Value), "write the value out, or put it in quotes if it is text")
		return false
	case node.Anchor != "":
		p.report(node, "frontmatter-alias", fmt.Sprintf("%q is an anchor", "&"+node.Anchor), "leave it out, or put it in quotes if it is text")
		return false
	case node.Style&yaml.TaggedStyle != 0:
		p.report(node, "frontmatter-tag", fmt.Sprintf("%q is a tag", node.Tag), "leave it out, since values are text anyway, or put it in quotes if it is part of the text")
		return false
	}
	if node.Style&yaml.FlowStyle != 0 && node.Kind != yaml.ScalarNode {
		p.report(node, "frontmatter-flow", nodeKind(node)+" in brackets, which the reference library does not read", "write one item a line, indented below the key")
	}
	if node.Kind == yaml.MappingNode {
		p.evenIndent(node)
	}
	return true
}

// evenIndent looks for mappings in one mapping that are not indented alike.
func (p *frontmatterParser) evenIndent(mapping *yaml.Node) {
	column := 0
	for i := 1; i < len(mapping.Content); i += 2 {
		switch value := mapping.Content[i]; {
		case value.Kind != yaml.MappingNode || value.Style&yaml.FlowStyle != 0:
		case column == 0:
			column = value.Column
		case column != value.Column:
			p.report(value, "frontmatter-indent", fmt.Sprintf("a mapping is indented by %d spaces, one before it by %d", value.Column-1, column-1), "indent them alike")
			return
		}
	}
}

// plainKeys looks at the keys of a mapping.
func (p *frontmatterParser) plainKeys(mapping *yaml.Node) bool {
	seen := map[string]bool{}
	ok := true
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		ok = p.plainKey(mapping.Content[i], seen) && ok
	}
	return ok
}

// plainKey looks at one key, seen being those before it.
func (p *frontmatterParser) plainKey(key *yaml.Node, seen map[string]bool) bool {
	switch {
	case key.Kind == yaml.AliasNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0:
		return p.plain(key)
	case key.Kind != yaml.ScalarNode:
		p.report(key, "frontmatter-key", fmt.Sprintf("a key is %s, not text", nodeKind(key)), "write keys as plain words")
	case key.ShortTag() == "!!merge":
		p.report(key, "frontmatter-merge", "\"<<\" merges one mapping into another", "write the keys out")
	case seen[key.Value]:
		p.report(key, "frontmatter-duplicate-key", fmt.Sprintf("the key %q appears twice", oci.Excerpt(key.Value)), "keep one")
	default:
		seen[key.Value] = true
		return true
	}
	return false
}

// scalar returns a scalar as it is written. null is the same as no value,
// except to the reference library, to which it is the text null.
func (p *frontmatterParser) scalar(node *yaml.Node) string {
	if node.ShortTag() == "!!null" && p.profile != ProfileAgentSkills {
		return ""
	}
	return node.Value
}

// flat returns a scalar as it is and anything else as JSON, scalars in it as
// texts.
func (p *frontmatterParser) flat(node *yaml.Node) string {
	if node.Kind == yaml.ScalarNode {
		return p.scalar(node)
	}
	return oci.JSONText(p.nested(node))
}

// nested turns a plain node into what encoding/json takes.
func (p *frontmatterParser) nested(node *yaml.Node) any {
	switch node.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			m[node.Content[i].Value] = p.nested(node.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			list[i] = p.nested(item)
		}
		return list
	}
	return p.scalar(node)
}
