// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"fmt"
	"slices"
)

// Profile is a set of rules.
type Profile string

const (
	// ProfileOCI has the rules that packing enforces. It is the default.
	ProfileOCI Profile = "oci"
	// ProfileAgentSkills accepts and refuses the same skills as skills-ref, the reference
	// library of the Agent Skills specification, with these exceptions: the front matter
	// ends at a line of "---" and not at the first "---" anywhere, has at most 64 KiB,
	// and no symbolic link is followed. That library looks at SKILL.md only; other errors
	// of packing are warnings.
	ProfileAgentSkills Profile = "agentskills"
)

// Rule is a rule for skill directories.
type Rule struct {
	// ID is stable. A rule that is dropped never gives its ID to another.
	ID string
	// Summary says what the rule finds.
	Summary string
	// Example is something that it finds.
	Example string

	oci, agentskills Severity
	sentinel         error
}

// Severity returns the severity of the rule's findings in profile. It is empty if the
// profile lacks the rule.
func (r Rule) Severity(profile Profile) Severity {
	if profile == ProfileAgentSkills {
		return r.agentskills
	}
	return r.oci
}

// Rules returns all rules, those about SKILL.md first, then those about files,
// then advice. Advice and all other warnings can be silenced.
func Rules() []Rule { return slices.Clone(rules) }

// RuleByID returns the rule with that ID. The error wraps [ErrUnknownRule] and
// names a rule that was perhaps meant.
func RuleByID(id string) (Rule, error) {
	if rule := rulesByID[id]; rule != nil {
		return *rule, nil
	}
	hint := ""
	var known []string
	for _, rule := range rules {
		known = append(known, rule.ID)
	}
	if meant := nearest(id, known); meant != "" {
		hint = fmt.Sprintf(": did you mean %q?", meant)
	}
	return Rule{}, fmt.Errorf("%w %q%s", ErrUnknownRule, id, hint)
}

// The severities in the table.
const (
	off     = Severity("")
	warning = SeverityWarning
	failure = SeverityError
)

// rules is the only place that says which rules there are and what they weigh.
var rules = []Rule{
	// The directory and SKILL.md.
	{"skill-directory", "the directory is missing, is no directory or can't be read", "a path that does not exist", failure, failure, ErrInvalidSkillDir},
	{"skill-md-missing", "the directory has no file SKILL.md", "skill.md, Skill.md or README.md only", failure, failure, ErrSkillMDMissing},
	{"frontmatter-fence", "the front matter is not between two lines of ---", "SKILL.md begins with a heading", failure, failure, ErrInvalidFrontmatter},
	{"byte-order-mark", "SKILL.md begins with a byte order mark", "the bytes EF BB BF that some editors of Windows write", off, failure, ErrInvalidFrontmatter},
	{"frontmatter-length", "the front matter has more than 64 KiB", "a second --- that is missing", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-utf8", "the front matter is not UTF-8", "é as the byte E9 of Latin-1", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-yaml", "the front matter is not YAML", "description: Use when: asked", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-yaml-versions", "YAML 1.1 and YAML 1.2 read the front matter differently: a line break of the former (U+0085, U+2028, U+2029), or in brackets \":\" before a bracket or comma, or an entry that begins with \"?\"", "tags: [Why:, ?]", failure, warning, ErrInvalidFrontmatter},
	{"frontmatter-mapping", "the front matter is not one mapping", "- name: demo", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-key", "a key is not text", "[a, b]: c", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-duplicate-key", "a key appears twice in one mapping", "two lines that begin with name:", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-alias", "an anchor or an alias", "license: *mit", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-merge", "a merge key", "<<: {a: b}", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-tag", "a tag", "version: !!str 1.0", failure, failure, ErrInvalidFrontmatter},
	{"frontmatter-flow", "a list or mapping in brackets", "allowed-tools: [Read, Write]", off, failure, ErrInvalidFrontmatter},
	{"frontmatter-indent", "mappings in one mapping are not indented alike", "two of them, by 2 and by 4", off, failure, ErrInvalidFrontmatter},
	{"frontmatter-unknown-key", "a key that the specification does not know", "descripton: ...", warning, failure, ErrInvalidFrontmatter},
	{"field-text", "a field that is not text", "name: [demo]", failure, failure, ErrInvalidFrontmatter},
	{"license-text", "the licence is not text", "license: [MIT]", failure, warning, ErrInvalidFrontmatter},
	{"name-missing", "there is no name", "name:", failure, failure, ErrInvalidFrontmatter},
	{"name-length", "the name has more than 64 characters", "65 letters", failure, failure, ErrInvalidFrontmatter},
	{"name-characters", "the name holds other than a-z, 0-9 and single hyphens between them; in agentskills, other than letters of any script in lower case, digits and such hyphens", "name: My_Skill", failure, failure, ErrInvalidFrontmatter},
	{"name-directory", "the name differs from the directory's", "name: demo in a directory demo-1.2", warning, failure, ErrInvalidFrontmatter},
	{"description-missing", "there is no description", "description: \"  \"", failure, failure, ErrInvalidFrontmatter},
	{"description-length", "the description has more than 1,024 characters", "a manual in the description", warning, failure, ErrInvalidFrontmatter},
	{"compatibility-length", "compatibility has more than 500 characters or, in oci, none", "compatibility: \"\"", failure, failure, ErrInvalidFrontmatter},
	{"metadata-form", "metadata is not a mapping", "metadata: none", failure, warning, ErrInvalidFrontmatter},
	{"metadata-nested", "a value in metadata is a list or a mapping, at which ToolHive's project installs fail; it is kept as JSON, toolhive.requires as lines", "metadata: {tags: [a, b]}", warning, warning, nil},
	{"allowed-tools-form", "allowed-tools is neither text nor a list of texts", "allowed-tools: {Read: true}", failure, warning, ErrInvalidFrontmatter},
	{"allowed-tools-parentheses", "a parenthesis in allowed-tools has no partner", "allowed-tools: Bash(git add", failure, warning, ErrInvalidFrontmatter},
	{"requires-form", "toolhive.requires is neither text nor a list of texts", "toolhive.requires: {a: b}", failure, warning, ErrInvalidFrontmatter},
	{"requires-reference", "an entry of toolhive.requires is no reference that can be pulled", "toolhive.requires: other skill", warning, warning, nil},

	// What ToolHive refuses or reads otherwise, beside the rules above.
	{"toolhive-byte-order-mark", "SKILL.md begins with a byte order mark, at which ToolHive's project installs fail", "the bytes EF BB BF that some editors of Windows write", warning, off, nil},
	{"toolhive-fence", "the front matter holds --- within a line, where ToolHive ends it", "description: \"before --- after\"", warning, off, nil},
	{"toolhive-name", "the name has one character; ToolHive wants two", "name: x", warning, off, nil},
	{"toolhive-requires-count", "toolhive.requires has more than 100 references, which ToolHive refuses", "one for each skill of a catalogue", warning, off, nil},
	{"toolhive-requires-line", "a line of toolhive.requires has spaces or commas between references, which not all of ToolHive takes for more than one", "toolhive.requires: ghcr.io/a/b:v1 ghcr.io/c/d:v2", warning, off, nil},
	{"toolhive-requires-twice", "toolhive.requires in metadata and at the top level differ, and each is read by another part of ToolHive", "another version of a skill in each", warning, off, nil},
	{"toolhive-platforms", "an artifact for more than 32 platforms, which ToolHive refuses; known when packing only", "33 times --platform", warning, off, nil},
	{"toolhive-layer", "a compressed layer of more than 50 MiB, which ToolHive refuses; known when packed only", "60 MiB of photographs", warning, off, nil},

	// Files.
	{"file-count", "there are more files than the limit, or ten times as many directories or things left out", "1,001 files", failure, warning, ErrTooManyFiles},
	{"skill-size", "the files have more bytes in all than the limit", "a video of 100 MiB", failure, warning, ErrSkillTooLarge},
	{"labels-size", "names and metadata are larger than registries take", "2,000 paths of 4,096 bytes, where the limit on files was raised", failure, warning, ErrSkillTooLarge},
	{"symlink", "a symbolic link", "AGENTS.md -> SKILL.md", failure, warning, ErrInvalidSkillFile},
	{"special-file", "a device, a socket or a fifo", "a socket that an editor left", failure, warning, ErrInvalidSkillFile},
	{"file-unreadable", "a file or directory can't be read", "a file of mode 0000", failure, failure, ErrInvalidSkillFile},
	{"file-changed", "a file changed while it was looked at", "a log that is written to", failure, failure, ErrInvalidSkillFile},
	{"tree-depth", "a path has more than 100 segments", "a/a/a/...", failure, warning, ErrInvalidSkillFile},
	{"file-name-utf8", "a file's name is not UTF-8", "caf\\xe9.md", failure, warning, ErrInvalidSkillFile},
	{"file-name-length", "a path has more than 4,096 bytes or a segment of it more than 255", "a sentence for a name", failure, warning, ErrInvalidSkillFile},
	{"file-name-segment", "a path is absolute or has an empty, \".\" or \"..\" segment; only a broken file system has one", "a zip entry ../x", failure, warning, ErrInvalidSkillFile},
	{"file-name-backslash", "a file's name holds a backslash", `scripts\run.py`, failure, warning, ErrInvalidSkillFile},
	{"file-name-colon", "a file's name holds a colon", "12:30.md", failure, warning, ErrInvalidSkillFile},
	{"file-name-control", "a file's name holds a control character", "a\\nb", failure, warning, ErrInvalidSkillFile},
	{"file-name-trailing", "a segment of a path ends with a dot or a space", "notes. ", failure, warning, ErrInvalidSkillFile},
	{"file-name-device", "a file has the name of a device of Windows, with or without an extension", "aux.md", failure, warning, ErrInvalidSkillFile},
	{"file-name-twice", "a name appears twice; only a broken file system has one", "two zip entries of one name", failure, warning, ErrInvalidSkillFile},
	{"file-and-directory", "a name is both a file and a directory; only a broken file system has one", "zip entries a and a/b", failure, warning, ErrInvalidSkillFile},
	{"case-fold-twin", "two names differ by case only", "Readme.md and README.md", failure, warning, ErrInvalidSkillFile},
	{"normalization-twin", "two names differ by the form of their accents only", "é as one character and as e with an accent", failure, warning, ErrInvalidSkillFile},
	{"ignore-pattern", "a line of .skillignore is no pattern", "[a", failure, warning, ErrInvalidSkillFile},
	{"ignore-length", ".skillignore has more than 64 KiB, 1,000 patterns, 4,000 asterisks or 1,024 bytes in a line", "a list of all files", failure, warning, ErrInvalidSkillFile},

	// Advice.
	{"body-empty", "nothing stands after the front matter", "SKILL.md that ends at ---", warning, warning, nil},
	{"body-tokens", "SKILL.md has more than some 5,000 tokens after the front matter", "a whole manual in few lines", warning, warning, nil},
	{"missing-file", "SKILL.md links to or mentions a file that the skill does not have", "[the guide](references/guide.md)", warning, warning, nil},
	{"file-case", "SKILL.md names a file in other letter case than it has", "references/Guide.md for guide.md", warning, warning, nil},
	{"file-left-out", "SKILL.md names a file that is left out of the artifact", "[settings](.config.json)", warning, warning, nil},
	{"link-outside", "SKILL.md links to what lies outside of the skill", "[shared](../shared/style.md)", warning, warning, nil},
	{"script-crlf", "the line of #! ends with a carriage return, so that no system finds the interpreter", "#!/bin/sh\\r\\n", warning, warning, nil},
	{"script-shebang", "SKILL.md runs a script by its path that has no line of #! and so is not executable", "./scripts/check.py", warning, warning, nil},
	{"secret", "a text file holds, in its first 64 KiB, what looks like a private key or an access token; an error when a directory is pushed", "ghp_ and 36 letters", warning, warning, ErrSecret},
	{"hidden-tag-characters", "a text file holds, in its first 64 KiB (SKILL.md: in its front matter and the MiB after it), Unicode tag characters outside of a flag", "ASCII spelled in U+E0020 to U+E007E", warning, warning, nil},
	{"hidden-bidi", "a text file holds, as far, a control that shows text in another order, other than around text of a script from right to left", "U+202E before txt.exe", warning, warning, nil},
	{"hidden-zero-width", "a text file holds, as far, a character of no width that no script or emoji beside it needs", "U+200B within a word", warning, warning, nil},
	{"hidden-variation-selectors", "a text file holds, as far, variation selectors with nothing to select", "a series of U+E0100 to U+E01EF after an emoji", warning, warning, nil},
	{"file-name-hidden", "a file's name holds characters that can't be seen, or differs from another's by such alone", "a\\u200b.md beside a.md", warning, warning, nil},
	{"big-binary", "a binary file of more than 5 MiB", "a model or a video", warning, warning, nil},
	{"windows-name", "a file's name holds one of < > \" | ? *, which no name on Windows can hold", "what?.md", warning, warning, nil},
	{"junk", "files that tools leave behind", "node_modules/, __pycache__/", warning, warning, nil},
	{"description-when", "the description does not say when to use the skill", "Helps with PDFs.", warning, warning, nil},
	{"home-path", "a path in somebody's home directory", "/Users/maria/notes", warning, warning, nil},
	{"license-file", "the licence names a file that the skill does not have", "license: Complete terms in LICENSE.txt", warning, warning, nil},
}

var rulesByID = func() map[string]*Rule {
	m := make(map[string]*Rule, len(rules))
	for i := range rules {
		m[rules[i].ID] = &rules[i]
	}
	return m
}()

// ruleByID returns the rule that the code gives a finding.
func ruleByID(id string) *Rule {
	rule := rulesByID[id]
	if rule == nil {
		panic(fmt.Sprintf("skilldir: there is no rule %q", id))
	}
	return rule
}

// ruleSet returns rules as a set. The error wraps [ErrUnknownRule].
func ruleSet(rules []string) (map[string]bool, error) {
	set := make(map[string]bool, len(rules))
	for _, id := range rules {
		if _, err := RuleByID(id); err != nil {
			return nil, err
		}
		set[id] = true
	}
	return set, nil
}
