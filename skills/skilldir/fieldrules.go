// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// Limits of the Agent Skills specification, in characters (code points).
const (
	maxNameLength          = 64
	maxDescriptionLength   = 1024
	maxCompatibilityLength = 500
)

// skillName is also a valid segment of a repository's name
// (distribution-spec 1.1, "Pulling manifests").
var skillName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// checkFields applies the specification's rules to what was read. The map
// values has the value of each key, refused the keys that were found wrong
// already; root is the mapping itself.
func (p *frontmatterParser) checkFields(root *yaml.Node, values map[string]*yaml.Node, refused map[string]bool) {
	at := func(key string) *yaml.Node {
		if node, ok := values[key]; ok {
			return node
		}
		return root
	}
	if !refused["name"] {
		p.checkName(at("name"))
	}
	switch n := utf8.RuneCountInString(p.fm.Description); {
	case refused["description"]:
	case strings.TrimSpace(p.fm.Description) == "":
		p.report(at("description"), "description-missing", "there is no description", "add \"description: \", what the skill does and when to use it")
	case n > maxDescriptionLength:
		p.report(at("description"), "description-length", fmt.Sprintf("the description has %d characters", n), fmt.Sprintf("the specification allows %d, and ToolHive and skills-ref refuse more; move detail below the front matter", maxDescriptionLength))
	}
	switch n := utf8.RuneCountInString(p.fm.Compatibility); {
	case n > maxCompatibilityLength:
		p.report(at("compatibility"), "compatibility-length", fmt.Sprintf("compatibility has %d characters", n), fmt.Sprintf("at most %d are allowed", maxCompatibilityLength))
	case n == 0 && values["compatibility"] != nil && !refused["compatibility"] && p.profile != ProfileAgentSkills:
		p.report(at("compatibility"), "compatibility-length", "compatibility is empty", "leave the key out, or say what the skill needs")
	}
	p.checkKeys(root)
	p.checkToolHive(values)
}

func (p *frontmatterParser) checkName(at *yaml.Node) {
	name, valid, want := p.fm.Name, skillName.MatchString, "use small letters a-z, digits, and single hyphens between them: the name is the last segment of a repository"
	if p.profile == ProfileAgentSkills {
		// skills-ref, validator.py, _validate_name.
		name, valid, want = norm.NFKC.String(strings.TrimSpace(name)), validUnicodeName, "use small letters, digits, and single hyphens between them"
		p.fm.Name = name
	}
	n := utf8.RuneCountInString(name)
	switch {
	case name == "":
		p.report(at, "name-missing", "there is no name", "add \"name: \" and the directory's name")
		return
	case n > maxNameLength:
		p.report(at, "name-length", fmt.Sprintf("the name has %d characters", n), fmt.Sprintf("at most %d are allowed", maxNameLength))
	}
	if !valid(name) {
		if better := nameFor(name); better != "" {
			want += fmt.Sprintf("; for example %q", better)
		}
		p.report(at, "name-characters", fmt.Sprintf("the name %q holds %s", oci.Excerpt(name), whatIsWrongWithName(name)), want)
	}
}

// CheckName returns an error for an invalid name of a skill. A valid one has 1 to 64 of
// a-z, 0-9 and single hyphens between them.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case utf8.RuneCountInString(name) > maxNameLength:
		return fmt.Errorf("the name %q has more than %d characters", oci.Excerpt(name), maxNameLength)
	case !skillName.MatchString(name):
		return fmt.Errorf("the name %q holds %s", name, whatIsWrongWithName(name))
	}
	return nil
}

// validUnicodeName is the rule of the reference library.
func validUnicodeName(name string) bool {
	return name == strings.ToLower(name) && !strings.HasPrefix(name, "-") && !strings.HasSuffix(name, "-") &&
		!strings.Contains(name, "--") && strings.IndexFunc(name, func(r rune) bool {
		return r != '-' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	}) < 0
}

// whatIsWrongWithName names the first thing that is.
func whatIsWrongWithName(name string) string {
	switch i := strings.IndexFunc(name, func(r rune) bool { return r != '-' && !('a' <= r && r <= 'z') && !('0' <= r && r <= '9') }); {
	case i >= 0:
		r, _ := utf8.DecodeRuneInString(name[i:])
		switch {
		case unicode.IsUpper(r):
			return fmt.Sprintf("the capital letter %q", r)
		case r == ' ':
			return "a space"
		case unicode.IsMark(r) || !unicode.IsPrint(r):
			return fmt.Sprintf("the character %U", r) // alone it can't be seen
		}
		return fmt.Sprintf("the character %q", r)
	case strings.Contains(name, "--"):
		return "two hyphens together"
	}
	return "a hyphen at its beginning or end"
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// nameFor proposes a name of ASCII letters for one that is nearly that.
func nameFor(name string) string {
	if len(name) > maxNameLength || strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return ""
	}
	return strings.Trim(notInName.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// checkKeys looks for keys that nobody reads.
func (p *frontmatterParser) checkKeys(root *yaml.Node) {
	known := slices.Clone(specifiedKeys)
	unknown := maps.Clone(p.fm.Unknown)
	if p.profile == ProfileAgentSkills {
		for _, key := range commonKeys {
			if _, ok := p.fm.places[key]; ok {
				if unknown == nil {
					unknown = map[string]string{}
				}
				unknown[key] = ""
			}
		}
	} else {
		known = append(known, commonKeys...)
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i]
		if _, ok := unknown[key.Value]; !ok || key.Kind != yaml.ScalarNode {
			continue
		}
		delete(unknown, key.Value) // once
		hint := "put it under metadata, from where it goes into the artifact's labels, or take it out"
		if meant := nearest(key.Value, known); meant != "" {
			hint = fmt.Sprintf("did you mean %q?", meant)
		}
		p.report(key, "frontmatter-unknown-key", fmt.Sprintf("the specification knows no key %q", oci.Excerpt(key.Value)), hint)
	}
}

// nearest returns the key that key was perhaps meant to be, or "".
func nearest(key string, known []string) string {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	}
	if len(key) > 40 {
		return ""
	}
	for _, k := range known {
		if plain(k) == plain(key) || len(k) > 4 && distance(plain(k), plain(key)) <= 2 {
			return k
		}
	}
	return ""
}

// distance is the number of letters to insert, delete or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
