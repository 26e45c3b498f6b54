// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Limits of the Agent Skills specification, in characters (code points).
const (
	maxNameLength          = 64
	maxDescriptionLength   = 1024
	maxCompatibilityLength = 500
)

// requiresKey is the key, at the top level or in metadata, of the references
// to other skills.
const requiresKey = "toolhive.requires"

// skillName is also a valid segment of a repository's name
// (distribution-spec 1.1, "Pulling manifests").
var skillName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// checkFields applies the specification's rules to what was parsed. The map
// places has the value of each key; root is the mapping itself.
func (p *frontmatterParser) checkFields(root *yaml.Node, places map[string]*yaml.Node) {
	at := func(key string) *yaml.Node {
		if node, ok := places[key]; ok {
			return node
		}
		return root
	}
	isText := func(key string) bool { // else it has been refused
		node, ok := places[key]
		return !ok || node.Kind == yaml.ScalarNode
	}
	name := p.fm.Name
	switch n := utf8.RuneCountInString(name); {
	case !isText("name"):
	case name == "":
		p.refuse(at("name"), "name-missing", "there is no name", "add \"name: \" and the directory's name")
	case n > maxNameLength:
		p.refuse(at("name"), "name-length", fmt.Sprintf("the name has %d characters", n), fmt.Sprintf("at most %d are allowed", maxNameLength))
	case !skillName.MatchString(name):
		p.refuse(at("name"), "name-characters", fmt.Sprintf("the name %q can't be the last segment of a repository", name),
			"use lower-case letters a-z, digits, and single hyphens between them")
	}
	switch n := utf8.RuneCountInString(p.fm.Description); {
	case !isText("description"):
	case strings.TrimSpace(p.fm.Description) == "":
		p.refuse(at("description"), "description-missing", "there is no description", "say what the skill does and when to use it")
	case n > maxDescriptionLength:
		p.refuse(at("description"), "description-length", fmt.Sprintf("the description has %d characters", n), fmt.Sprintf("at most %d are allowed", maxDescriptionLength))
	}
	if n := utf8.RuneCountInString(p.fm.Compatibility); n > maxCompatibilityLength {
		p.refuse(at("compatibility"), "compatibility-length", fmt.Sprintf("compatibility has %d characters", n), fmt.Sprintf("at most %d are allowed", maxCompatibilityLength))
	}
}

// tools returns the tools of allowed-tools: a list, or one text in which
// spaces and commas separate, except inside parentheses.
func (p *frontmatterParser) tools(value *yaml.Node) []string {
	switch value.Kind {
	case yaml.ScalarNode:
		tools, ok := splitTools(scalarText(value))
		if !ok {
			p.refuse(value, "allowed-tools-parentheses", "allowed-tools has a parenthesis without its partner", "write \"Bash(git add, git commit) Read\"")
		}
		return tools
	case yaml.SequenceNode:
		var tools []string
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode {
				p.refuse(item, "allowed-tools-form", "a tool in allowed-tools is not text", "list texts only")
				continue
			}
			if tool := strings.TrimSpace(scalarText(item)); tool != "" {
				tools = append(tools, tool)
			}
		}
		return tools
	}
	p.refuse(value, "allowed-tools-form", "allowed-tools is neither text nor a list", "separate tools by spaces")
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

// splitLines returns the lines of s that are not blank, trimmed.
func splitLines(s string) []string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
