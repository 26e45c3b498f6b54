// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFrontmatterBytes bounds what stands between the fences of SKILL.md.
const maxFrontmatterBytes = 64 << 10

// frontmatter is the YAML block at the head of SKILL.md.
type frontmatter struct {
	SkillConfig
	requires []string
}

// readFrontmatter reads the block between the fences, the fences excluded.
// A fence is a line of "---". The block begins on line 2 of the file.
func readFrontmatter(r io.Reader) ([]byte, error) {
	// Both fences, a byte order mark and carriage returns stand around the block.
	lines := bufio.NewReader(io.LimitReader(r, maxFrontmatterBytes+64))
	var block bytes.Buffer
	for number := 1; ; number++ {
		line, err := lines.ReadString('\n')
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		fence := strings.TrimRight(line, " \t\r\n") == "---"
		switch {
		case number == 1 && !fence:
			return nil, errors.New("the first line is not a fence; SKILL.md begins with a line of \"---\", YAML, and another line of \"---\"")
		case number > 1 && fence:
			if block.Len() > maxFrontmatterBytes {
				return nil, errTooLongBlock
			}
			return block.Bytes(), nil
		case block.Len() > maxFrontmatterBytes:
			return nil, errTooLongBlock
		case errors.Is(err, io.EOF):
			return nil, errors.New("the front matter has no end; add a line of \"---\" after it")
		case err != nil:
			return nil, err
		}
		if number > 1 {
			block.WriteString(line)
		}
	}
}

var errTooLongBlock = fmt.Errorf("the front matter is longer than %d bytes; move text below the second \"---\"", maxFrontmatterBytes)

// parseFrontmatter parses the block, adding what is wrong with it to found.
func parseFrontmatter(block []byte, found *findings) *frontmatter {
	p := &frontmatterParser{found: found}
	root, err := p.document(block)
	if err != nil {
		p.refuse(nil, "frontmatter-yaml", err.Error(), "write one \"key: value\" a line")
		return &p.fm
	}
	p.mapping(root)
	return &p.fm
}

type frontmatterParser struct {
	fm    frontmatter
	found *findings
}

// refuse adds an error at node's place, or at the block's beginning.
func (p *frontmatterParser) refuse(node *yaml.Node, rule, message, hint string) {
	d := Diagnostic{Rule: rule, File: SkillFileName, Line: 1, Column: 1, Message: message, Hint: hint, sentinel: ErrInvalidFrontmatter}
	if node != nil {
		d.Line, d.Column = node.Line+1, node.Column // the fence is line 1
	}
	p.found.add(d)
}

// document returns the one mapping that block is.
func (p *frontmatterParser) document(block []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(block))
	var doc yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the front matter is empty")
	case err != nil:
		return nil, fmt.Errorf("the front matter is not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("the front matter is more than one YAML document")
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("the front matter is not a mapping of keys to values")
	}
	return root, nil
}

func (p *frontmatterParser) mapping(root *yaml.Node) {
	places := map[string]*yaml.Node{}
	var topRequires []string
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if !p.plain(key) || !p.plain(value) {
			continue
		}
		if key.Kind != yaml.ScalarNode {
			p.refuse(key, "frontmatter-key", "a key is not text", "write keys as plain words")
			continue
		}
		if _, ok := places[key.Value]; ok {
			p.refuse(key, "frontmatter-duplicate-key", fmt.Sprintf("the key %q appears twice", key.Value), "keep one")
			continue
		}
		places[key.Value] = value
		switch key.Value {
		case "name":
			p.fm.Name = p.text(key, value)
		case "description":
			p.fm.Description = p.text(key, value)
		case "version":
			p.fm.Version = p.text(key, value)
		case "license":
			p.fm.License = p.text(key, value)
		case "compatibility":
			p.fm.Compatibility = p.text(key, value)
		case "allowed-tools":
			p.fm.AllowedTools = p.tools(value)
		case "metadata":
			p.fm.Metadata = p.metadata(value)
		case requiresKey:
			topRequires = splitLines(p.lines(value))
		}
	}
	p.fm.requires = splitLines(p.fm.Metadata[requiresKey])
	if len(p.fm.requires) == 0 {
		p.fm.requires = topRequires
	}
	if p.fm.Version == "" {
		p.fm.Version = p.fm.Metadata["version"]
	}
	p.checkFields(root, places)
}

// plain refuses aliases, anchors and tags of its own, on which other readers
// of SKILL.md differ, anywhere below node.
func (p *frontmatterParser) plain(node *yaml.Node) bool {
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		p.refuse(node, "frontmatter-alias", "anchors and aliases are not allowed", "write the value out")
		return false
	case node.Style&yaml.TaggedStyle != 0:
		p.refuse(node, "frontmatter-tag", fmt.Sprintf("the tag %s is not allowed", node.ShortTag()), "leave the tag out; scalars are text")
		return false
	}
	for _, child := range node.Content {
		if !p.plain(child) {
			return false
		}
	}
	return true
}

// text returns a scalar as it is written. null is the same as no value.
func (p *frontmatterParser) text(key, value *yaml.Node) string {
	if value.Kind != yaml.ScalarNode {
		p.refuse(value, "frontmatter-text", fmt.Sprintf("%s is not text", key.Value), "write it as one value")
		return ""
	}
	return scalarText(value)
}

func scalarText(node *yaml.Node) string {
	if node.ShortTag() == "!!null" {
		return ""
	}
	return node.Value
}

// lines returns a scalar as it is, or a list of scalars with a line for each.
func (p *frontmatterParser) lines(value *yaml.Node) string {
	if value.Kind == yaml.ScalarNode {
		return scalarText(value)
	}
	var lines []string
	for _, item := range value.Content {
		if value.Kind != yaml.SequenceNode || item.Kind != yaml.ScalarNode {
			p.refuse(value, "requires-form", requiresKey+" is neither text nor a list of texts", "write one reference a line")
			return ""
		}
		lines = append(lines, scalarText(item))
	}
	return strings.Join(lines, "\n")
}

// metadata returns a mapping of texts. A nested value, which the specification
// does not know but skills have, becomes its JSON.
func (p *frontmatterParser) metadata(value *yaml.Node) map[string]string {
	if value.ShortTag() == "!!null" {
		return nil
	}
	if value.Kind != yaml.MappingNode {
		p.refuse(value, "metadata-form", "metadata is not a mapping of keys to values", "indent one \"key: value\" a line below it")
		return nil
	}
	metadata := make(map[string]string, len(value.Content)/2)
	for i := 0; i+1 < len(value.Content); i += 2 {
		key, item := value.Content[i], value.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			p.refuse(key, "frontmatter-key", "a key is not text", "write keys as plain words")
			continue
		}
		if _, ok := metadata[key.Value]; ok {
			p.refuse(key, "frontmatter-duplicate-key", fmt.Sprintf("the key %q appears twice in metadata", key.Value), "keep one")
			continue
		}
		switch {
		case key.Value == requiresKey:
			metadata[key.Value] = p.lines(item)
		case item.Kind == yaml.ScalarNode:
			metadata[key.Value] = scalarText(item)
		default:
			metadata[key.Value] = jsonText(nestedValue(item))
		}
	}
	return metadata
}

// nestedValue turns a node into what encoding/json takes, scalars as texts.
func nestedValue(node *yaml.Node) any {
	switch node.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			m[node.Content[i].Value] = nestedValue(node.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			list[i] = nestedValue(item)
		}
		return list
	}
	return scalarText(node)
}
