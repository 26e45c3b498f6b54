// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"cmp"
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
	// Line and Column count from 1, Column in characters. 0 means the file itself.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Message describes the fault, Hint the fix.
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`

	sentinel error // of a finding of severity error
	more     int   // how many findings this one stands for, if it stands for others
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
		switch class := classOf(r); {
		case unicode.IsControl(r):
			return ' '
		case class == classTag || class == classOverride || class == classBidi || class == classSpace || class == classOther:
			return '\ufffd'
		}
		return r
	}, b.String())
}

// InvalidError is the error of a skill directory that can't be packed. It
// wraps the sentinels of its diagnostics, [ErrInvalidFrontmatter] and
// [ErrInvalidSkillFile] among them.
type InvalidError struct {
	// Diagnostics are all findings of severity error, sorted. As in a [Report],
	// no more than 100 of one rule are listed.
	Diagnostics []Diagnostic
}

// Error returns the first finding and the count of the others, in one line.
func (e *InvalidError) Error() string {
	s := e.Diagnostics[0].String()
	more := -1
	for _, d := range e.Diagnostics {
		more += max(d.more, 1)
	}
	if more > 0 {
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

// maxPerRule bounds how many findings of one rule are kept. Those that come
// first when sorted are: which they are does not depend on the order in which
// they were found, and many findings of one rule hide none of another.
const maxPerRule = 100

// findings collects diagnostics as a profile weighs them.
type findings struct {
	profile Profile
	silence map[string]bool // warnings of these rules are left out
	raised  map[string]bool // warnings of these rules are errors
	skillMD string          // what SKILL.md is called, "" if that
	list    []Diagnostic
	perRule map[string]*ruleCount
	refused map[string]bool // files that an error is about
}

// ruleCount counts the findings of one rule.
type ruleCount struct {
	listed int
	more   int // that are not listed any more
}

// add weighs d by its rule and keeps it, unless the profile does not have the
// rule or it is silenced.
func (f *findings) add(d Diagnostic) {
	rule := ruleByID(d.Rule)
	d.Severity = f.severity(rule)
	if f.skillMD != "" && d.File == SkillFileName {
		d.File = f.skillMD
	}
	d.File = strings.ToValidUTF8(d.File, "\ufffd")
	if f.perRule == nil {
		f.perRule, f.refused = map[string]*ruleCount{}, map[string]bool{}
	}
	switch d.Severity {
	case SeverityError:
		d.sentinel = rule.sentinel
		f.refused[d.File] = true
	case SeverityWarning:
		if f.silence[d.Rule] {
			return
		}
	default:
		return
	}
	count := f.perRule[d.Rule]
	if count == nil {
		count = new(ruleCount)
		f.perRule[d.Rule] = count
	}
	f.list = append(f.list, d)
	// Now and then, so that each finding costs little.
	if count.listed++; count.listed >= 2*maxPerRule {
		f.trim()
	}
}

// severity returns how a finding of the rule weighs here.
func (f *findings) severity(rule *Rule) Severity {
	severity := rule.Severity(f.profile)
	if severity == SeverityWarning && f.raised[rule.ID] {
		return SeverityError
	}
	return severity
}

// count counts n findings of a rule of which as many were added as are listed.
func (f *findings) count(rule string, n int) {
	if count := f.perRule[rule]; count != nil { // else it is silenced
		count.more += n
	}
}

// trim drops the findings that are too many of their rule.
func (f *findings) trim() {
	slices.SortFunc(f.list, compareDiagnostics)
	seen := make(map[string]int, len(f.perRule))
	f.list = slices.DeleteFunc(f.list, func(d Diagnostic) bool {
		seen[d.Rule]++
		return seen[d.Rule] > maxPerRule
	})
	for rule, count := range f.perRule {
		listed := min(seen[rule], maxPerRule)
		count.more += count.listed - listed
		count.listed = listed
	}
}

// clear forgets all findings.
func (f *findings) clear() { f.list, f.perRule, f.refused = nil, nil, nil }

// refuses reports whether an error is about file.
func (f *findings) refuses(file string) bool {
	return f.refused[strings.ToValidUTF8(file, "\ufffd")]
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

// sorted returns the findings sorted by place and rule. For each rule that has
// too many, one at the end says how many there are besides.
func (f *findings) sorted() []Diagnostic {
	f.trim()
	out := slices.Clone(f.list)
	for id, count := range f.perRule {
		if count.more == 0 {
			continue
		}
		rule := ruleByID(id)
		d := Diagnostic{Rule: id, Severity: f.severity(rule), File: ".", more: count.more,
			Message: fmt.Sprintf("there are %d more findings of this rule than the %d listed", count.more, count.listed),
			Hint:    "mend those that are listed, then validate again"}
		if d.Severity == SeverityError {
			d.sentinel = rule.sentinel
		}
		out = append(out, d)
	}
	slices.SortFunc(out, compareDiagnostics)
	return out
}

// compareDiagnostics orders findings by place and rule, those that stand for
// others last. Those that it finds equal are.
func compareDiagnostics(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(min(a.more, 1), min(b.more, 1)),
		strings.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.Message, b.Message),
		strings.Compare(a.Hint, b.Hint),
	)
}
