// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package toolhive has how ToolHive reads a SKILL.md, which differs from how package
// skilldir does.
package toolhive

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// RequiresKey is the key, at the top level or in metadata, of the references to
// other skills.
const RequiresKey = "toolhive.requires"

// Frontmatter has the fields of the front matter as ToolHive decodes them: with
// aliases and tags resolved, which package skilldir refuses.
type Frontmatter struct {
	Name          string            `yaml:"name"`
	Description   string            `yaml:"description"`
	Version       string            `yaml:"version"`
	AllowedTools  tools             `yaml:"allowed-tools"`
	License       string            `yaml:"license"`
	Compatibility string            `yaml:"compatibility"`
	Metadata      map[string]string `yaml:"metadata"`
}

// Read reads the beginning of a SKILL.md as ToolHive does, or returns nil if ToolHive
// could not, or if the front matter has more than limit bytes. It differs from
// package skilldir in what ToolHive's packager does, which its artifacts show for as
// long as there are any:
//
//   - blank lines may stand before the first fence, and the front matter ends at
//     the first "---", even inside a value;
//   - if there is a comma in allowed-tools it splits at commas only, even inside
//     parentheses, else at white space;
//   - version is the field of that name only, not metadata's;
//   - requires are in metadata only.
func Read(skillMD []byte, limit int) *Frontmatter {
	const fence = "---"
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(skillMD), []byte(fence))
	block, _, ended := bytes.Cut(bytes.TrimPrefix(rest, []byte("\n")), []byte(fence))
	if !ok || !ended || len(block) > limit {
		return nil
	}
	var fields Frontmatter
	if yaml.Unmarshal(block, &fields) != nil || fields.size() > oci.MaxMetadataBytes {
		return nil
	}
	return &fields
}

// Requires returns the references to other skills.
func (f *Frontmatter) Requires() []string { return SplitLines(f.Metadata[RequiresKey]) }

// size returns the bytes of what there may be many of. Aliases can make much of
// little, and no configuration has labels that long.
func (f *Frontmatter) size() (n int) {
	for _, tool := range f.AllowedTools {
		n += len(tool)
	}
	for key, value := range f.Metadata {
		n += len(key) + len(value)
	}
	return n
}

// tools is one text or a list.
type tools []string

// UnmarshalYAML implements [yaml.Unmarshaler].
func (t *tools) UnmarshalYAML(value *yaml.Node) error {
	if value.Kind != yaml.ScalarNode {
		return value.Decode((*[]string)(t))
	}
	words := strings.Fields(value.Value)
	if strings.Contains(value.Value, ",") {
		words = strings.Split(value.Value, ",")
	}
	*t = nil
	for _, tool := range words {
		if tool = strings.TrimSpace(tool); tool != "" {
			*t = append(*t, tool)
		}
	}
	return nil
}

// SplitWords cuts a line where ToolHive's project installs do, or more often.
func SplitWords(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
}

// SplitLines returns the lines of s that are not blank, trimmed.
func SplitLines(s string) []string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
