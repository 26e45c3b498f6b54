// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
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
	// Rule is a stable identifier, such as "name-characters"; see [Rules].
	Rule string `json:"rule"`
	// File is relative to the skill directory, with "/" between segments. It
	// is "." for the directory itself.
	File string `json:"file"`
	// Line and Column count from 1, Column in characters. 0 means the whole file.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Message says what is wrong, Hint what would be right.
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`

	sentinel error // of a finding of severity error
}

// String returns the finding in one line: file:line:column: message; hint [rule].
func (d Diagnostic) String() string {
	var b strings.Builder
	if d.File != "." {
		b.WriteString(d.File)
		if d.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", d.Line, d.Column)
		}
		b.WriteString(": ")
	}
	b.WriteString(d.Message)
	if d.Hint != "" {
		fmt.Fprintf(&b, "; %s", d.Hint)
	}
	fmt.Fprintf(&b, " [%s]", d.Rule)
	// File names and YAML's words are anyone's, and this is one line.
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, b.String())
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

// findings collects diagnostics as a profile weighs them.
type findings struct {
	profile Profile
	silence map[string]bool // warnings of these rules are left out
	list    []Diagnostic
}

// add weighs d by its rule and keeps it, unless the profile does not have the
// rule or it is silenced.
func (f *findings) add(d Diagnostic) {
	rule := ruleByID(d.Rule)
	d.Severity = rule.Severity(f.profile)
	switch d.Severity {
	case SeverityError:
		d.sentinel = rule.sentinel
	case SeverityWarning:
		if f.silence[d.Rule] {
			return
		}
	default:
		return
	}
	d.File = strings.ToValidUTF8(d.File, "\ufffd")
	if len(f.list) < maxDiagnostics {
		f.list = append(f.list, d)
	}
}

// about reports whether there is a finding about file.
func (f *findings) about(file string) bool {
	file = strings.ToValidUTF8(file, "\ufffd")
	return slices.ContainsFunc(f.list, func(d Diagnostic) bool { return d.File == file })
}

// err returns an [*InvalidError] if there is an error among the findings.
func (f *findings) err() error {
	if errs := f.of(SeverityError); len(errs) > 0 {
		return &InvalidError{Diagnostics: errs}
	}
	return nil
}

// of returns the findings of a severity, sorted.
func (f *findings) of(severity Severity) []Diagnostic {
	return slices.DeleteFunc(f.sorted(), func(d Diagnostic) bool { return d.Severity != severity })
}

// sorted returns the findings sorted by place and rule.
func (f *findings) sorted() []Diagnostic {
	out := slices.Clone(f.list)
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
