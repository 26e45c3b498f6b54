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

// yamlErrorForm takes the place off an error of the library.
var yamlErrorForm = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?((?s).*)$`)

// yamlHint is for what people meet most. Which of it this is the library's
// message says, in words that are not ours to rely on.
const yamlHint = `write one "key: value" a line, indented with spaces, and in quotes a value ` +
	"that holds \": \" or begins with one of @*&%[{`"

// yamlError makes a finding of an error of the library.
func yamlError(block []byte, err error) Diagnostic {
	m := yamlErrorForm.FindStringSubmatch(err.Error())
	line, _ := strconv.Atoi(m[1])
	line = locateYAML(block, m[2], line)
	text := bytes.Split(block, []byte("\n"))[line-1]
	column := utf8.RuneCount(text) - utf8.RuneCount(bytes.TrimLeft(text, " \t")) + 1
	return Diagnostic{Rule: "frontmatter-yaml", File: SkillFileName, Line: line + 1, Column: column,
		Message: "this is not YAML: " + strings.ReplaceAll(m[2], "\n", " "), Hint: yamlHint}
}

// maxLocateBytes bounds how much is parsed again to find an error's line.
const maxLocateBytes = 256 << 10

// locateYAML finds the line of a problem, as the library often names the line
// where the construct begins that could not be ended, and sometimes none. It is
// the last line without which the block has another problem or none.
func locateYAML(block []byte, problem string, reported int) int {
	lines := bytes.SplitAfter(block, []byte("\n"))
	if n := len(lines); n > 1 && len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	line := len(lines)
	left := maxLocateBytes
	for end := len(block); line > 1; line-- {
		end -= len(lines[line-1])
		if left -= end; left < 0 {
			return max(reported, 1)
		}
		var doc yaml.Node
		err := yaml.NewDecoder(bytes.NewReader(block[:end])).Decode(&doc)
		if err == nil || yamlErrorForm.FindStringSubmatch(err.Error())[2] != problem {
			break
		}
	}
	return line
}
