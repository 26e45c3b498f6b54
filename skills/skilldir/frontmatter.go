// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/toolhive"
)

// Frontmatter is the YAML block at the head of SKILL.md. What could not be read
// is empty.
type Frontmatter struct {
	Name        string
	Description string
	// Version is that of the key version, else the one in metadata. It is text:
	// "1.10" is not 1.1.
	Version string
	// AllowedTools are those of allowed-tools, one by one.
	AllowedTools []string
	// License is an SPDX expression or any other text, such as a file's name.
	License string
	// Compatibility says in words what the skill needs.
	Compatibility string
	// Metadata has lists and mappings as JSON.
	Metadata map[string]string
	// Requires are the references to other skills, from toolhive.requires in
	// metadata, else from the key of that name.
	Requires []string
	// Unknown has the keys that the specification does not know and that are not
	// in other fields. Lists and mappings are JSON.
	Unknown map[string]string
}

// frontmatter also knows where it was read.
type frontmatter struct {
	Frontmatter
	places map[string]place // of the values of top-level keys
}

// specifiedKeys are those of the Agent Skills specification, commonKeys those
// that it does not know and that this package reads.
var (
	specifiedKeys = []string{"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
	commonKeys    = []string{"version", toolhive.RequiresKey}
)

// mapping reads the fields of the top-level mapping.
func (p *frontmatterParser) mapping(root *yaml.Node) {
	values := map[string]*yaml.Node{}
	seen := map[string]bool{}
	refused := map[string]bool{} // there, but not in a form to judge further
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if !p.plainKey(key, seen) {
			continue
		}
		p.fm.places[key.Value] = placeOf(value)
		if !p.plain(value) {
			refused[key.Value] = true
			continue
		}
		values[key.Value] = value
		if !p.field(key, value) {
			refused[key.Value] = true
		}
	}
	p.fm.Requires = splitRequires(p.fm.Metadata[toolhive.RequiresKey])
	requires := values["metadata"]
	if len(p.fm.Requires) == 0 {
		if requires = values[toolhive.RequiresKey]; requires != nil {
			p.fm.Requires = splitRequires(p.lines(requires))
		}
	}
	for _, reference := range p.fm.Requires {
		if !oci.IsReference(reference) {
			p.report(requires, "requires-reference", fmt.Sprintf("%q is no reference that can be pulled", oci.Excerpt(reference)), "write HOST/REPOSITORY:TAG, one a line")
		}
	}
	if p.fm.Version == "" {
		p.fm.Version = p.fm.Metadata["version"]
	}
	p.checkFields(root, values, refused)
}

// field reads one field. It reports false if the value has the wrong form.
func (p *frontmatterParser) field(key, value *yaml.Node) (ok bool) {
	switch key.Value {
	case "name":
		p.fm.Name, ok = p.text(key, value)
	case "description":
		p.fm.Description, ok = p.text(key, value)
	case "version":
		p.fm.Version, ok = p.text(key, value)
	case "license":
		p.fm.License, ok = p.text(key, value)
	case "compatibility":
		p.fm.Compatibility, ok = p.text(key, value)
	case "allowed-tools":
		p.fm.AllowedTools, ok = p.tools(value), true
	case "metadata":
		p.fm.Metadata, ok = p.metadata(value), true
	case toolhive.RequiresKey:
		ok = true // unless metadata has it too
	default:
		if p.fm.Unknown == nil {
			p.fm.Unknown = map[string]string{}
		}
		p.fm.Unknown[key.Value] = p.flat(value)
		ok = true
	}
	return ok
}

// text returns the value of a field that is text.
func (p *frontmatterParser) text(key, value *yaml.Node) (string, bool) {
	if value.Kind == yaml.ScalarNode {
		return p.scalar(value), true
	}
	rule := "field-text"
	if key.Value == "license" {
		rule = "license-text" // the reference library does not look at it
	}
	p.report(value, rule, fmt.Sprintf("%s is %s, not text", key.Value, nodeKind(value)), fmt.Sprintf("write \"%s: \" and text, in quotes if it begins with a bracket", key.Value))
	return "", false
}

// lines returns a scalar as it is, or a list of scalars with a line for each.
func (p *frontmatterParser) lines(value *yaml.Node) string {
	if value.Kind == yaml.ScalarNode {
		return p.scalar(value)
	}
	var lines []string
	for _, item := range value.Content {
		if value.Kind != yaml.SequenceNode || item.Kind != yaml.ScalarNode {
			p.report(value, "requires-form", toolhive.RequiresKey+" is neither text nor a list of texts", "write one reference a line")
			return ""
		}
		lines = append(lines, p.scalar(item))
	}
	return strings.Join(lines, "\n")
}

// metadata returns a mapping of texts. A nested value, which the specification
// does not know but skills have, becomes its JSON.
func (p *frontmatterParser) metadata(value *yaml.Node) map[string]string {
	if value.ShortTag() == "!!null" || value.Kind == yaml.MappingNode && len(value.Content) == 0 {
		return nil
	}
	if value.Kind != yaml.MappingNode {
		p.report(value, "metadata-form", fmt.Sprintf("metadata is %s, not a mapping of keys to values", nodeKind(value)), "indent one \"key: value\" a line below it")
		return nil
	}
	metadata := make(map[string]string, len(value.Content)/2)
	for i := 0; i+1 < len(value.Content); i += 2 {
		key, item := value.Content[i], value.Content[i+1]
		if key.Value == toolhive.RequiresKey {
			metadata[key.Value] = p.lines(item)
			continue
		}
		metadata[key.Value] = p.flat(item)
		if item.Kind != yaml.ScalarNode {
			p.report(item, "metadata-nested", fmt.Sprintf("the value of %q in metadata is %s, kept as JSON", oci.Excerpt(key.Value), nodeKind(item)), "write text, as the specification wants: ToolHive's project installs refuse all else")
		}
	}
	return metadata
}

// tools returns the tools of allowed-tools: a list, or one text in which
// spaces and commas separate, except inside parentheses.
func (p *frontmatterParser) tools(value *yaml.Node) []string {
	switch value.Kind {
	case yaml.ScalarNode:
		tools, ok := splitTools(p.scalar(value))
		if !ok {
			p.report(value, "allowed-tools-parentheses", "allowed-tools has a parenthesis without its partner", "write, say, \"Bash(git add, git commit) Read\"")
		}
		return tools
	case yaml.SequenceNode:
		var tools []string
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode {
				p.report(item, "allowed-tools-form", fmt.Sprintf("a tool in allowed-tools is %s, not text", nodeKind(item)), "list texts only")
				continue
			}
			if tool := strings.TrimSpace(p.scalar(item)); tool != "" {
				tools = append(tools, tool)
			}
		}
		return tools
	}
	p.report(value, "allowed-tools-form", "allowed-tools is a mapping, neither text nor a list", "separate tools by spaces")
	return nil
}

// splitTools splits at spaces and commas outside parentheses. It reports false
// if parentheses do not pair.
func splitTools(s string) (tools []string, paired bool) {
	depth, start := 0, 0
	paired = true
	flush := func(end int) {
		if tool := strings.TrimSpace(s[start:end]); tool != "" {
			tools = append(tools, tool)
		}
		start = end + 1
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case c == ')':
			paired = false
		case depth == 0 && strings.IndexByte(" ,\t\n\r", c) >= 0:
			flush(i)
		}
	}
	flush(len(s))
	return tools, paired && depth == 0
}

// splitRequires splits at white space and commas, as ToolHive does: no
// reference can hold either.
func splitRequires(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}
