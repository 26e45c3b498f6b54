// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var yamlErrorForm = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?((?s).*)$`)

// yamlHints say what would be right about what people meet most.
var yamlHints = []struct{ problem, hint string }{
	{"mapping values are not allowed", "put a value that holds \": \" in quotes"},
	{"cannot start any token", "indent with spaces, not tabs; put a value that begins with @, ` or % in quotes"},
	{"tab character", "indent with spaces"},
	{"could not find expected ':'", "write \"key: value\", and indent a value's further lines"},
	{"unknown anchor", "put a value that begins with * in quotes"},
	{"alphabetic or numeric character", "put a value that begins with * or & in quotes"},
	{"unexpected end of stream", "close the quotation mark"},
	{"expected ',' or", "close the bracket, or put the value in quotes if it is text"},
	{"node content", "close the bracket, or put the value in quotes if it is text"},
	{"expected key", "begin all keys in the same column; a list stands below a key"},
	{"<document start>", "take out the line of \"...\""},
	{"control characters", "take the control character out"},
	{"escape character", "in double quotes write \\\\ for a backslash, or use single quotes"},
}

// yamlError makes a finding of an error of the library.
func yamlError(block []byte, err error) Diagnostic {
	m := yamlErrorForm.FindStringSubmatch(err.Error())
	line, _ := strconv.Atoi(m[1])
	problem := strings.NewReplacer("\n", " ").Replace(m[2])
	line, column := locateYAML(block, m[2], line)
	d := Diagnostic{Rule: "frontmatter-yaml", File: SkillFileName, Line: line + 1, Column: column,
		Message: "this is not YAML: " + problem, Hint: "write one \"key: value\" a line"}
	for _, h := range yamlHints {
		if strings.Contains(problem, h.problem) {
			d.Hint = h.hint
			break
		}
	}
	return d
}

// maxLocateBytes bounds how much is parsed again to find an error's place.
const maxLocateBytes = 256 << 10

// locateYAML finds the place of a problem, as the library often names the line
// where the construct begins that could not be ended, and sometimes none. The
// line where the problem is is the last without which the block has another
// one or none.
func locateYAML(block []byte, problem string, reported int) (line, column int) {
	lines := bytes.SplitAfter(block, []byte("\n"))
	if n := len(lines); n > 1 && len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	line = len(lines)
	left := maxLocateBytes
	for end := len(block); line > 1; line-- {
		end -= len(lines[line-1])
		if left -= end; left < 0 {
			return max(reported, 1), 1
		}
		var doc yaml.Node
		err := yaml.NewDecoder(bytes.NewReader(block[:end])).Decode(&doc)
		if err == nil || yamlErrorForm.FindStringSubmatch(err.Error())[2] != problem {
			break
		}
	}
	return line, columnOf(string(lines[line-1]), problem)
}

// yamlMarks are the characters that problems are about.
var yamlMarks = []struct {
	problem string
	at      *regexp.Regexp // the last character of its match
}{
	{"mapping values are not allowed", regexp.MustCompile(`:\s.*?:(?:\s|$)`)},
	{"cannot start any token", regexp.MustCompile("(?:^|[:-])\\s*[@`%\t]")},
	{"unknown anchor", regexp.MustCompile(`(?:^|[\s:-])\*`)},
	{"control characters", regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)},
	{"unexpected end of stream", regexp.MustCompile(`(?:^|[:-]\s+)["']`)},
	{"expected ',' or", regexp.MustCompile(`[\[{]`)},
	{"node content", regexp.MustCompile(`[\[{]`)},
}

// columnOf returns the column of what problem is about, else of the first
// character that is not white space.
func columnOf(line, problem string) int {
	for _, mark := range yamlMarks {
		if strings.Contains(problem, mark.problem) {
			if at := mark.at.FindStringIndex(line); at != nil {
				found := strings.TrimRight(line[:at[1]], " \t\r\n")
				if mark.problem == "cannot start any token" {
					found = line[:at[1]]
				}
				return max(utf8.RuneCountInString(found), 1)
			}
		}
	}
	return utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeft(line, " \t")) + 1
}
