// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/oci"
)

// modeOf returns the mode that packing would give a file.
func modeOf(head []byte) uint32 { return uint32(reproducible.ModeOf(head)) }

// adviseText looks at the beginning of a text file. Each rule reports its
// first finding in a file only.
func (s *scanner) adviseText(name string, head []byte, facts headFacts) {
	at := func(rule string, offset int, message, hint string) {
		line, column := position(head, offset)
		s.found.add(Diagnostic{Rule: rule, File: name, Line: line, Column: column, Message: message, Hint: hint})
	}
	// No false positives: no system starts such a file by its path.
	if end := bytes.IndexByte(head, '\n'); facts.runnable && end > 0 && head[end-1] == '\r' {
		at("script-crlf", end-1, "the line of \"#!\" ends with a carriage return, which becomes part of the interpreter's name", "save the file with LF for line ends")
	}
	if offset, what := findSecret(head); what != "" {
		at("secret", offset, "this looks like "+what, "take it out, and revoke it if it was ever published")
	}
	if offset, what := findHomePath(head); offset >= 0 {
		at("home-path", offset, fmt.Sprintf("%q is somebody's home directory", oci.Excerpt(what)), "write a path relative to the skill, or ~")
	}
}

// position returns the line and the column, in characters, of an offset.
func position(text []byte, offset int) (line, column int) {
	start := bytes.LastIndexByte(text[:offset], '\n') + 1
	return bytes.Count(text[:offset], []byte("\n")) + 1, utf8.RuneCount(text[start:offset]) + 1
}

// secretForm is the form of a secret: a literal that is quickly searched, and
// what must follow it.
type secretForm struct {
	prefix, what string
	lead         *regexp.Regexp // may stand between them
	rest         *regexp.Regexp
}

// maxSecretBytes is how much of a secret is looked at.
const maxSecretBytes = 512

func secret(prefix, what, rest string) secretForm {
	return secretForm{prefix: prefix, what: what, rest: regexp.MustCompile(`^(?:` + rest + `)`)}
}

// match matches what follows the prefix. It returns the length of what can't
// begin another secret, and whether it is one. A file may repeat a prefix, so
// what was looked at once and is long must not be looked at again.
func (f secretForm) match(text []byte) (seen int, ok bool) {
	if f.lead != nil {
		seen = len(f.lead.Find(text))
		if seen == 0 {
			return 0, false
		}
	}
	rest := f.rest.Find(text[seen:min(len(text), seen+maxSecretBytes)])
	if rest == nil {
		return seen, false
	}
	seen += len(rest)
	return seen, !isPlaceholder(text[:seen])
}

// secretForms are forms that their issuers documented, so that no other text has them.
// False positives: examples in documentation, most of which isPlaceholder tells apart.
var secretForms = []secretForm{
	{"PRIVATE KEY-----", "a private key", regexp.MustCompile(`^\r?\n(?:[A-Za-z-]+: [^\n]*\n|\r?\n)*`), regexp.MustCompile(`^[A-Za-z0-9+/=]{40,}`)},
	secret("AKIA", "an access key of AWS", `[A-Z2-7]{16}\b`),
	secret("ghp_", "a token of GitHub", `[A-Za-z0-9]{36}\b`),
	secret("gho_", "a token of GitHub", `[A-Za-z0-9]{36}\b`),
	secret("ghs_", "a token of GitHub", `[A-Za-z0-9]{36}\b`),
	secret("github_pat_", "a token of GitHub", `[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b`),
	secret("glpat-", "a token of GitLab", `[A-Za-z0-9_-]{20,}`),
	secret("xoxb-", "a token of Slack", `[0-9]{10,}-[0-9A-Za-z-]{20,}`),
	secret("xoxp-", "a token of Slack", `[0-9]{10,}-[0-9A-Za-z-]{20,}`),
	secret("AIza", "an API key of Google", `[A-Za-z0-9_-]{35}\b`),
	secret("sk_live_", "a key of Stripe", `[A-Za-z0-9]{24,}`),
	secret("npm_", "a token of npm", `[A-Za-z0-9]{36}\b`),
	secret("pypi-AgEI", "a token of PyPI", `[A-Za-z0-9_-]{50,}`),
	secret("sk-ant-", "an API key of Anthropic", `[a-z0-9]+-[A-Za-z0-9_-]{80,}`),
	secret("sk-proj-", "an API key of OpenAI", `[A-Za-z0-9_-]{40,}`),
	secret("hf_", "a token of Hugging Face", `[A-Za-z]{34}\b`),
}

// homePrefixes are what stands before a user's name.
var homePrefixes = []string{"/Users/", "/home/", `:\Users\`, ":/Users/"}

// findSecret returns the offset and the kind of the first secret.
func findSecret(text []byte) (int, string) {
	for _, form := range secretForms {
		for from := 0; ; {
			i := bytes.Index(text[from:], []byte(form.prefix))
			if i < 0 {
				break
			}
			start := from + i
			from = start + len(form.prefix)
			if start > 0 && form.what != "a private key" && isWord(text[start-1]) {
				continue
			}
			seen, ok := form.match(text[from:])
			if ok {
				return start, form.what
			}
			from += seen
		}
	}
	return -1, ""
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// isPlaceholder reports whether a token is made up: it says so, or it has few
// different characters, or they follow one another.
func isPlaceholder(token []byte) bool {
	lower := strings.ToLower(string(token))
	for _, word := range []string{"example", "xxxx", "your", "placeholder", "redacted", "dummy", "fake", "0000", "1234567", "abcdef", "aaaa", "test"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	different := map[rune]bool{}
	for _, r := range lower {
		different[r] = true
	}
	return len(different) < 8
}

// homePath is a path below a home directory, from the user's name on.
var homePath = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9._-]*)[/\\]`)

// notPeople are home directories that are nobody's: of documentation, and of
// containers and services, where they are the same everywhere.
var notPeople = map[string]bool{
	"user": true, "username": true, "user_name": true, "users": true, "you": true, "your": true, "yourname": true, "your-name": true, "your_name": true, "your-username": true, "yourusername": true, "your_username": true,
	"me": true, "name": true, "myname": true, "myuser": true, "someone": true, "somebody": true, "example": true, "someuser": true, "foo": true, "bar": true, "xxx": true, "test": true, "testuser": true, "admin": true, "shared": true, "public": true, "default": true, "home": true, "path": true,
	"john": true, "johndoe": true, "jdoe": true, "jane": true, "alice": true, "bob": true,
	"runner": true, "runneradmin": true, "claude": true, "ubuntu": true, "node": true, "vscode": true, "codespace": true, "jovyan": true, "coder": true, "agent": true, "sandbox": true, "app": true, "appuser": true, "ec2-user": true, "debian": true, "pi": true, "dev": true, "developer": true, "linuxbrew": true, "git": true, "jenkins": true, "circleci": true, "gitpod": true, "nonroot": true, "container": true, "oai": true, "z": true, "kasm-user": true, "docker": true, "deploy": true, "service": true, "nobody": true, "root": true, "work": true, "workspace": true, "project": true, "projects": true,
}

// findHomePath returns the offset of the first path in somebody's home
// directory and the path as far as the name, or -1. False positives: names
// that notPeople does not know, and routes of web servers that begin with
// /home/, which is why the character before counts and the case of "Users".
func findHomePath(text []byte) (first int, what string) {
	first = -1
	for _, prefix := range homePrefixes {
		for from := 0; ; {
			i := bytes.Index(text[from:], []byte(prefix))
			if i < 0 {
				break
			}
			start := from + i
			from = start + len(prefix)
			m := homePath.FindSubmatch(text[from:min(len(text), from+80)])
			if m == nil || notPeople[strings.ToLower(string(m[1]))] {
				continue
			}
			end := from + len(m[1])
			if prefix[0] == ':' {
				start-- // the drive
			}
			// Part of a longer path or of a URL.
			if start < 0 || start > 0 && (isWord(text[start-1]) || strings.IndexByte("./}>)-~:*$", text[start-1]) >= 0) {
				continue
			}
			if first < 0 || start < first {
				first, what = start, string(text[start:end])
			}
			break
		}
	}
	return first, what
}
