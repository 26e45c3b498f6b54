// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Severity says what a [Diagnostic] means for packing.
type Severity string

const (
	// SeverityError stops packing.
	SeverityError Severity = "error"
	// SeverityWarning comes back with the result.
	SeverityWarning Severity = "warning"
)

// Diagnostic is one finding about a skill directory.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	// Rule is a stable identifier, such as "name-characters".
	Rule string `json:"rule"`
	// File is relative to the skill directory, with "/" between segments.
	File string `json:"file"`
	// Line and Column count from 1; Column in bytes. 0 means the whole file.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Message says what is wrong, Hint what would be right.
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`

	sentinel error
}

// String returns the finding in one line: file:line:column: message; hint [rule].
func (d Diagnostic) String() string {
	var b strings.Builder
	file := d.File
	if quoted := strconv.Quote(file); quoted != `"`+file+`"` {
		file = quoted // one line, whatever the name holds
	}
	b.WriteString(file)
	if d.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", d.Line, d.Column)
	}
	fmt.Fprintf(&b, ": %s", d.Message)
	if d.Hint != "" {
		fmt.Fprintf(&b, "; %s", d.Hint)
	}
	fmt.Fprintf(&b, " [%s]", d.Rule)
	return b.String()
}

// InvalidError is the error of a skill directory that can't be packed. It
// wraps the sentinels of its diagnostics, [ErrInvalidFrontmatter] and
// [ErrInvalidSkillFile] among them.
type InvalidError struct {
	// Diagnostics are all findings of severity error, sorted.
	Diagnostics []Diagnostic
}

// Error returns the first finding and the count of the others, in one line.
func (e *InvalidError) Error() string {
	s := e.Diagnostics[0].String()
	if more := len(e.Diagnostics) - 1; more > 0 {
		s += fmt.Sprintf(" (and %d more)", more)
	}
	return s
}

// Unwrap returns the sentinels.
func (e *InvalidError) Unwrap() []error {
	var sentinels []error
	for _, d := range e.Diagnostics {
		if d.sentinel != nil && !slices.Contains(sentinels, d.sentinel) {
			sentinels = append(sentinels, d.sentinel)
		}
	}
	return sentinels
}

// maxDiagnostics bounds how many findings are kept of one skill.
const maxDiagnostics = 1000

// findings collects diagnostics.
type findings struct {
	list   []Diagnostic
	errors int
}

func (f *findings) add(d Diagnostic) {
	if d.sentinel != nil {
		d.Severity = SeverityError
		f.errors++
	} else {
		d.Severity = SeverityWarning
	}
	if len(f.list) < maxDiagnostics {
		f.list = append(f.list, d)
	}
}

// err returns an [*InvalidError] if there is an error among the findings.
func (f *findings) err() error {
	if f.errors == 0 {
		return nil
	}
	return &InvalidError{Diagnostics: f.of(SeverityError)}
}

// of returns the findings of a severity, sorted by place and rule.
func (f *findings) of(severity Severity) []Diagnostic {
	var out []Diagnostic
	for _, d := range f.list {
		if d.Severity == severity {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		if a.Column != b.Column {
			return a.Column - b.Column
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	return out
}
