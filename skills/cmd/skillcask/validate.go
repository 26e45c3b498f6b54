// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// validateFlags are those of validate alone.
type validateFlags struct {
	limitFlags
	profile   string
	format    string
	silence   []string
	strict    bool
	recursive bool
	rules     bool
}

// verdict is what was found about one directory.
type verdict struct {
	dir string
	*skilldir.Report
}

// count returns how many findings of a severity there are.
func count(verdicts []verdict, severity skilldir.Severity) int {
	n := 0
	for _, v := range verdicts {
		for _, d := range v.Diagnostics {
			if d.Severity == severity {
				n++
			}
		}
	}
	return n
}

// statusOf returns the error that ends the command as its findings want. What
// was seen to be wrong is wrong, whatever could not be looked at.
func statusOf(verdicts []verdict, strict bool) error {
	var err error
	for _, v := range verdicts {
		for _, d := range v.Diagnostics {
			switch {
			case d.Severity != skilldir.SeverityError && !strict:
			case notSeen(v.dir, d):
				err = statusError(statusUnknown)
			default:
				return errDiffers
			}
		}
	}
	return err
}

func (a *app) validateCommand() *cobra.Command {
	var flags validateFlags
	cmd := &cobra.Command{
		Use:   "validate DIR...",
		Short: "Judge skill directories by the rules that packing holds to, and give advice",
		Long: `Judge skill directories by the rules that packing holds to, and give advice.

The exit status is 0 if there are no errors (with --strict, no warnings either),
1 if there are, and 3 if all of them are about what could not be read.`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case !flags.rules:
				return cobra.MinimumNArgs(1)(cmd, args)
			case len(args) > 0:
				return fmt.Errorf("--rules lists all rules: leave %q out", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.rules {
				return a.listRules()
			}
			a.json = a.json || flags.format == "json"
			print, err := a.reporter(flags)
			if err != nil {
				return err
			}
			verdicts, err := a.validate(cmd.Context(), args, flags)
			if err != nil {
				return err
			}
			a.progress.clear()
			if err := print(verdicts, flags); err != nil {
				return err
			}
			return statusOf(verdicts, flags.strict)
		},
	}
	flags.add(cmd)
	f := cmd.Flags()
	f.StringVar(&flags.profile, "profile", string(skilldir.ProfileOCI), "by whose rules: oci, what packing holds to, or agentskills, the specification's reference library")
	f.StringVar(&flags.format, "format", "text", "how to print: text, json, github (workflow annotations) or sarif (code scanning)")
	f.StringSliceVar(&flags.silence, "silence", nil, "rules whose warnings are left out, separated by commas")
	f.BoolVar(&flags.strict, "strict", false, "take warnings for errors")
	f.BoolVarP(&flags.recursive, "recursive", "r", false, "validate all skills below each DIR")
	f.BoolVar(&flags.rules, "rules", false, "list all rules instead")
	return cmd
}

// reporter returns what prints in the format that was asked for.
func (a *app) reporter(flags validateFlags) (func([]verdict, validateFlags) error, error) {
	if a.json && flags.format != "text" && flags.format != "json" {
		return nil, usageError{fmt.Errorf("--json and --format %s: want one of them", flags.format)}
	}
	switch {
	case a.json:
		return a.reportJSON, nil
	case flags.format == "text":
		return a.reportText, nil
	case flags.format == "github":
		return a.reportGitHub, nil
	case flags.format == "sarif":
		return a.reportSARIF, nil
	}
	return nil, usageError{fmt.Errorf("--format %q: want text, json, github or sarif", flags.format)}
}

// validate validates the directories, or those with a skill below them.
func (a *app) validate(ctx context.Context, dirs []string, flags validateFlags) ([]verdict, error) {
	if flags.recursive {
		var err error
		if dirs, err = findSkills(ctx, dirs); err != nil {
			return nil, err
		}
	}
	var verdicts []verdict
	for _, dir := range dirs {
		limits := flags.limits()
		report, err := skilldir.Validate(ctx, dir, skilldir.ValidateOptions{
			Profile: skilldir.Profile(flags.profile), Silence: flags.silence,
			MaxFiles: limits.MaxFiles, MaxBytes: limits.MaxBytes,
		})
		switch {
		case errors.Is(err, skilldir.ErrUnknownProfile):
			return nil, usageError{fmt.Errorf("--profile: %w", err)}
		case errors.Is(err, skilldir.ErrUnknownRule):
			return nil, usageError{fmt.Errorf("--silence: %w", err)}
		}
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, verdict{filepath.Clean(dir), report})
	}
	return verdicts, nil
}

// findSkills returns the directories below roots that hold a SKILL.md, in any
// case of its letters, so that a wrong one is reported. It does not look into
// skills, hidden directories or installed packages.
func findSkills(ctx context.Context, roots []string) ([]string, error) {
	var found []string
	for _, root := range roots {
		before := len(found)
		start := root
		if info, err := os.Lstat(root); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			start += string(filepath.Separator) // the walk would not follow it
		}
		err := filepath.WalkDir(start, func(path string, d fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			switch {
			case err != nil && path == start:
				found = append(found, root)
				return fs.SkipDir
			case err != nil: // validating it says why, and the others are judged too
				found = append(found, path)
				return fs.SkipDir
			case d.IsDir() && path != start && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
				return fs.SkipDir
			case !d.IsDir() && strings.EqualFold(d.Name(), skills.SkillFileName):
				found = append(found, filepath.Dir(path))
				return fs.SkipDir
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(found) == before {
			return nil, fmt.Errorf("%w: no directory in %s has one", skills.ErrSkillMDMissing, root)
		}
	}
	return outermost(found), nil
}

// outermost leaves out directories inside one that is in the list too, and
// those that are in it twice, however they are written.
func outermost(dirs []string) []string {
	in := make(map[string]bool, len(dirs))
	for _, dir := range dirs {
		in[absolute(dir)] = true
	}
	var out []string
	done := map[string]bool{}
	for _, dir := range dirs {
		at := absolute(dir)
		inside := done[at]
		done[at] = true
		for up := filepath.Dir(at); !inside && up != at; at, up = up, filepath.Dir(up) {
			inside = in[up]
		}
		if !inside {
			out = append(out, dir)
		}
	}
	return out
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return filepath.Clean(path) // there is no working directory
}

// listRules prints the table of rules.
func (a *app) listRules() error {
	if a.json {
		return a.printJSON(rulesOf())
	}
	severity := func(s skilldir.Severity) string {
		if s == "" {
			return "-"
		}
		return string(s)
	}
	fmt.Fprintf(a.stdout, "%-26s %-8s %-12s %s\n", "RULE", "OCI", "AGENTSKILLS", "FINDS")
	for _, r := range skilldir.Rules() {
		_, err := fmt.Fprintf(a.stdout, "%-26s %-8s %-12s %s (%s)\n", r.ID, severity(r.Severity(skilldir.ProfileOCI)), severity(r.Severity(skilldir.ProfileAgentSkills)), r.Summary, r.Example)
		if err != nil {
			return err
		}
	}
	return nil
}
