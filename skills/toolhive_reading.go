// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// toolHiveFields are the fields of the front matter as ToolHive decodes them:
// with aliases and tags resolved, which this package's own parser refuses.
type toolHiveFields struct {
	Name          string            `yaml:"name"`
	Description   string            `yaml:"description"`
	Version       string            `yaml:"version"`
	AllowedTools  toolHiveTools     `yaml:"allowed-tools"`
	License       string            `yaml:"license"`
	Compatibility string            `yaml:"compatibility"`
	Metadata      map[string]string `yaml:"metadata"`
}

// toolHiveReading reads SKILL.md as ToolHive does, or returns nil if ToolHive
// could not. It differs from this package in what its packager does, which its
// artifacts show for as long as there are any:
//
//   - blank lines may stand before the first fence, and the front matter ends at
//     the first "---", even inside a value;
//   - if there is a comma in allowed-tools it splits at commas only, even inside
//     parentheses, else at white space;
//   - version is the field of that name only, not metadata's;
//   - requires are in metadata only;
//   - compatibility and metadata become no labels. Should a later ToolHive write
//     them, so that they are among labels, they are compared.
func toolHiveReading(seen *layerContents, labels map[string]string) *reading {
	const fence = "---"
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(seen.skillMD), []byte(fence))
	block, _, ended := bytes.Cut(bytes.TrimPrefix(rest, []byte("\n")), []byte(fence))
	if !ok || !ended || len(block) > maxFrontmatterBytes {
		return nil
	}
	var fields toolHiveFields
	if yaml.Unmarshal(block, &fields) != nil || fields.size() > oci.MaxMetadataBytes {
		return nil
	}
	config := SkillConfig{
		Name:         fields.Name,
		Description:  fields.Description,
		Version:      fields.Version,
		AllowedTools: fields.AllowedTools,
		License:      fields.License,
		Files:        seen.names,
	}
	if labels[LabelSkillCompatibility] != "" {
		config.Compatibility = fields.Compatibility
	}
	if labels[LabelSkillMetadata] != "" {
		config.Metadata = fields.Metadata
	}
	return &reading{config.labels(), splitLines(fields.Metadata[requiresKey])}
}

// size returns the bytes of what there may be many of. Aliases can make much of
// little, and no configuration has labels that long.
func (f *toolHiveFields) size() (n int) {
	for _, tool := range f.AllowedTools {
		n += len(tool)
	}
	for key, value := range f.Metadata {
		n += len(key) + len(value)
	}
	return n
}

// toolHiveTools is one text or a list.
type toolHiveTools []string

// UnmarshalYAML implements [yaml.Unmarshaler].
func (t *toolHiveTools) UnmarshalYAML(value *yaml.Node) error {
	if value.Kind != yaml.ScalarNode {
		return value.Decode((*[]string)(t))
	}
	tools := strings.Fields(value.Value)
	if strings.Contains(value.Value, ",") {
		tools = strings.Split(value.Value, ",")
	}
	*t = nil
	for _, tool := range tools {
		if tool = strings.TrimSpace(tool); tool != "" {
			*t = append(*t, tool)
		}
	}
	return nil
}
