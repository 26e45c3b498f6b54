// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// The shapes that validate --json prints. Fields are added, never changed or
// removed.
type (
	validateJSON struct {
		Profile  string        `json:"profile"`
		OK       bool          `json:"ok"` // what the exit status says
		Errors   int           `json:"errors"`
		Warnings int           `json:"warnings"`
		Skills   []verdictJSON `json:"skills"`
	}
	verdictJSON struct {
		Dir         string                `json:"dir"`
		Skill       *skills.SkillConfig   `json:"skill"`
		Requires    []string              `json:"requires"`
		Unknown     map[string]string     `json:"unknown"`
		Diagnostics []skilldir.Diagnostic `json:"diagnostics"`
		Dropped     []skilldir.Excluded   `json:"dropped"`
	}
	ruleJSON struct {
		ID          string            `json:"id"`
		Summary     string            `json:"summary"`
		Example     string            `json:"example"`
		OCI         skilldir.Severity `json:"oci"` // empty: not a rule there
		AgentSkills skilldir.Severity `json:"agentskills"`
	}
)

func rulesOf() []ruleJSON {
	var out []ruleJSON
	for _, r := range skilldir.Rules() {
		out = append(out, ruleJSON{r.ID, r.Summary, r.Example, r.Severity(skilldir.ProfileOCI), r.Severity(skilldir.ProfileAgentSkills)})
	}
	return out
}

func (a *app) reportJSON(verdicts []verdict, flags validateFlags) error {
	out := validateJSON{
		Profile:  flags.profile,
		Errors:   count(verdicts, skilldir.SeverityError),
		Warnings: count(verdicts, skilldir.SeverityWarning),
		Skills:   []verdictJSON{},
	}
	out.OK = out.Errors == 0 && (!flags.strict || out.Warnings == 0)
	for _, v := range verdicts {
		fm := v.Frontmatter
		unknown := fm.Unknown
		if unknown == nil {
			unknown = map[string]string{}
		}
		skill := &skills.SkillConfig{
			Name: fm.Name, Description: fm.Description, Version: fm.Version, AllowedTools: fm.AllowedTools, License: fm.License,
			Compatibility: fm.Compatibility, Metadata: fm.Metadata, Files: orEmpty(v.Files),
		}
		out.Skills = append(out.Skills, verdictJSON{filepath.ToSlash(v.dir), skill, orEmpty(fm.Requires), unknown, orEmpty(v.Diagnostics), orEmpty(v.Excluded)})
	}
	return a.printJSON(out)
}

// reportText prints a line for each finding, and one that sums up.
func (a *app) reportText(verdicts []verdict, _ validateFlags) error {
	for _, v := range verdicts {
		for _, d := range v.Diagnostics {
			if a.quiet && d.Severity != skilldir.SeverityError {
				continue
			}
			if _, err := fmt.Fprintln(a.stdout, textLine(v.dir, d)); err != nil {
				return err
			}
		}
		if a.verbose {
			for _, d := range v.Excluded {
				a.printf("%s: left out: %s", v.dir, droppedLine(d))
			}
		}
	}
	_, err := fmt.Fprintln(a.stdout, summary(verdicts))
	return err
}

// textLine returns a finding as compilers print theirs.
func textLine(dir string, d skilldir.Diagnostic) string {
	var b strings.Builder
	b.WriteString(safeName(filePath(dir, d)))
	if d.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", d.Line, d.Column)
	}
	fmt.Fprintf(&b, ": %s: %s", d.Severity, sentence(d))
	return safe(b.String())
}

// sentence returns what is wrong, what would be right and the rule.
func sentence(d skilldir.Diagnostic) string {
	d.File = "." // it is printed before
	return d.String()
}

// filePath returns the path of the file that a finding is about.
func filePath(dir string, d skilldir.Diagnostic) string {
	return filepath.Join(dir, filepath.FromSlash(d.File))
}

// droppedLine says what was left out, and why.
func droppedLine(d skilldir.Excluded) string {
	if d.Reason == "hidden" {
		return fmt.Sprintf("%s (hidden)", safeName(d.Name))
	}
	return fmt.Sprintf("%s (%s: %s)", safeName(d.Name), d.Reason, safe(d.Pattern))
}

func summary(verdicts []verdict) string {
	return fmt.Sprintf("%s: %s, %s", plural(len(verdicts), "skill"),
		plural(count(verdicts, skilldir.SeverityError), "error"), plural(count(verdicts, skilldir.SeverityWarning), "warning"))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// reportGitHub prints workflow commands, which GitHub shows as annotations at
// the lines.
func (a *app) reportGitHub(verdicts []verdict, _ validateFlags) error {
	for _, v := range verdicts {
		for _, d := range v.Diagnostics {
			place := ""
			if d.Line > 0 {
				place = fmt.Sprintf(",line=%d,col=%d", d.Line, d.Column)
			}
			// A file name of strange letters must not begin a command of its own.
			_, err := fmt.Fprintf(a.stdout, "::%s file=%s%s,title=%s::%s\n", d.Severity,
				githubProperty(filepath.ToSlash(workPath(filePath(v.dir, d)))), place, githubProperty(d.Rule), githubData(sentence(d)))
			if err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintln(a.stdout, summary(verdicts))
	return err
}

// githubData escapes the text of a workflow command, githubProperty a value in
// its head (actions/toolkit, command.ts).
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubData(s))
}

// workPath returns path relative to the working directory if it lies there;
// both services want paths relative to the repository.
func workPath(path string) string {
	if !filepath.IsAbs(path) {
		return path
	}
	work, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(work, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}
