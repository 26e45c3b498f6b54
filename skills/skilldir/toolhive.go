// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/toolhive"
)

// Limits of ToolHive's readers, on what its format and this package allow.
// Nested metadata, at which its project installs fail, has the rule
// metadata-nested.
const (
	toolhiveMinName    = 2
	toolhiveRequires   = 100
	toolhivePlatforms  = 32
	toolhiveLayerBytes = 50 << 20
)

// checkToolHiveText looks at SKILL.md before YAML is read.
func (f *findings) checkToolHiveText(text *skillText) {
	if text.mark {
		f.add(Diagnostic{Rule: "toolhive-byte-order-mark", File: SkillFileName, Line: 1, Column: 1,
			Message: "the file begins with a byte order mark, at which ToolHive's project installs fail", Hint: "save it as UTF-8 without one"})
	}
	if at := bytes.Index(text.block, []byte("---")); at >= 0 {
		line, column := position(text.block, at)
		f.add(Diagnostic{Rule: "toolhive-fence", File: SkillFileName, Line: line + 1, Column: column, // the fence is line 1
			Message: "ToolHive ends the front matter at this \"---\"", Hint: "write fewer hyphens, or a dash"})
	}
}

// checkToolHive looks at fields that ToolHive reads otherwise.
func (p *frontmatterParser) checkToolHive(values map[string]*yaml.Node) {
	if utf8.RuneCountInString(p.fm.Name) == toolhiveMinName-1 && values["name"] != nil {
		p.report(values["name"], "toolhive-name", fmt.Sprintf("the name %q has one character", p.fm.Name), fmt.Sprintf("ToolHive wants %d or more", toolhiveMinName))
	}
	top := values[toolhive.RequiresKey]
	inMetadata := valueOf(values["metadata"], toolhive.RequiresKey)
	if inMetadata != nil && inMetadata.Kind == yaml.SequenceNode {
		p.report(inMetadata, "metadata-nested", fmt.Sprintf("the value of %q in metadata is a list, kept as lines", toolhive.RequiresKey),
			"write a text of one reference a line: ToolHive's project installs refuse all else")
	}
	used := inMetadata
	if len(referencesIn(inMetadata)) == 0 {
		used = top
	}
	if used == nil {
		return
	}
	if n := len(p.fm.Requires); n > toolhiveRequires {
		p.report(used, "toolhive-requires-count", fmt.Sprintf("%s has %d references", toolhive.RequiresKey, n), fmt.Sprintf("ToolHive takes %d at most", toolhiveRequires))
	}
	for _, line := range referenceLines(used) {
		words := toolhive.SplitWords(line)
		if len(words) > 0 && words[0] != line && !slices.ContainsFunc(words, func(word string) bool { return !oci.IsReference(word) }) {
			p.report(used, "toolhive-requires-line", fmt.Sprintf("in %s spaces or commas separate references: %q", toolhive.RequiresKey, oci.Excerpt(line)),
				"write one a line: ToolHive's packager takes a line for one reference, its project installs cut it")
			break
		}
	}
	if theirs := referencesIn(top); used == inMetadata && len(theirs) > 0 && !slices.Equal(referencesIn(used), theirs) {
		p.report(top, "toolhive-requires-twice", toolhive.RequiresKey+" is here and in metadata, and they differ",
			"write the same in both: packing takes that of metadata, ToolHive's project installs this one")
	}
}

// valueOf returns the value of key in a mapping, or nil.
func valueOf(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// referenceLines returns the lines of a text or of a list of texts, trimmed.
func referenceLines(value *yaml.Node) (lines []string) {
	switch {
	case value == nil || value.ShortTag() == "!!null":
	case value.Kind == yaml.ScalarNode:
		return toolhive.SplitLines(value.Value)
	case value.Kind == yaml.SequenceNode:
		for _, item := range value.Content {
			lines = append(lines, referenceLines(item)...)
		}
	}
	return lines
}

// referencesIn returns the references of a value, sorted, however they are
// separated.
func referencesIn(value *yaml.Node) (references []string) {
	for _, line := range referenceLines(value) {
		references = append(references, toolhive.SplitWords(line)...)
	}
	slices.Sort(references)
	return references
}

// checkToolHiveArtifact looks at what only packing knows.
func (f *findings) checkToolHiveArtifact(platforms int, layer int64) {
	if platforms > toolhivePlatforms {
		f.add(Diagnostic{Rule: "toolhive-platforms", File: ".",
			Message: fmt.Sprintf("the artifact is for %d platforms", platforms), Hint: fmt.Sprintf("ToolHive reads one for %d at most; a skill that any platform can use needs few", toolhivePlatforms)})
	}
	if layer > toolhiveLayerBytes {
		f.add(Diagnostic{Rule: "toolhive-layer", File: ".",
			Message: fmt.Sprintf("the layer has %d bytes", layer), Hint: fmt.Sprintf("ToolHive reads one of %d bytes at most; leave large files out with a %s, or let the skill fetch them", toolhiveLayerBytes, ignoreFileName)})
	}
}
