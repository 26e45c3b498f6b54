// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/skillcask/skillcask/skills/internal/source"
)

// ErrUnknownRule says that a rule to be silenced does not exist, or that one to
// be allowed does not or would stop nothing.
var ErrUnknownRule = errors.New("unknown rule")

// ErrUnknownProfile says that a profile does not exist.
var ErrUnknownProfile = errors.New("unknown profile")

// ValidateOptions say how to validate. The zero value judges as packing does.
type ValidateOptions struct {
	// Profile says by whose rules. Default: [ProfileOCI].
	Profile Profile
	// Silence lists rules whose warnings are left out. Errors stay.
	Silence []string
	// Limits bound the skill.
	Limits
}

// Report is what validating found.
type Report struct {
	// Config is what would be told of the skill, as far as SKILL.md could be
	// understood.
	Config *SkillConfig
	// Requires are the references to other skills.
	Requires []string
	// Unknown has the keys of the front matter that the specification does not
	// know and that are not in Config. Lists and mappings are JSON.
	Unknown map[string]string
	// Diagnostics are all findings, sorted by file, place and rule. Of a rule
	// that has more than 100, the first 100 are listed, and one at the end says
	// how many there are besides.
	Diagnostics []Diagnostic
	// Dropped lists what would stay out of an artifact, sorted by name.
	Dropped []Dropped
}

// Err returns an [*InvalidError] if a finding is an error, else nil.
func (r *Report) Err() error {
	errs := slices.DeleteFunc(slices.Clone(r.Diagnostics), func(d Diagnostic) bool { return d.Severity != SeverityError })
	if len(errs) == 0 {
		return nil
	}
	return &InvalidError{Diagnostics: errs}
}

// Validate judges the skill in the directory dir by the rules that packing
// holds to, and by those of advice; see [Rules]. It writes nothing, follows no
// symbolic link, and reads no more than the beginning of each file. What only
// packing knows, how large the layer is and for which platforms, it can't judge:
// the warnings toolhive-layer and toolhive-platforms come with a [PackageResult].
//
// What is wrong with the directory, even that it does not exist, is in the
// report. Errors: [ErrUnknownRule], [ErrUnknownProfile], the error of ctx.
func Validate(ctx context.Context, dir string, opts ValidateOptions) (*Report, error) {
	src, err := source.Open(dir)
	if err != nil {
		// There is nothing to look at; options are checked all the same.
		src = &source.Dir{FS: noFS{err}, Label: dir}
	}
	defer src.Close()
	return validate(ctx, src, opts)
}

// ValidateFS judges the skill at the root of fsys. The name of its directory
// is not known and not judged. It is else as [Validate].
func ValidateFS(ctx context.Context, fsys fs.FS, opts ValidateOptions) (*Report, error) {
	return validate(ctx, source.FS(fsys), opts)
}

func validate(ctx context.Context, src *source.Dir, opts ValidateOptions) (*Report, error) {
	switch opts.Profile {
	case "":
		opts.Profile = ProfileOCI
	case ProfileOCI, ProfileAgentSkills:
	default:
		return nil, fmt.Errorf("%w %q: want %s or %s", ErrUnknownProfile, opts.Profile, ProfileOCI, ProfileAgentSkills)
	}
	s, err := look(ctx, src, scanOptions{
		limits:  opts.Limits.archive(),
		profile: opts.Profile,
		silence: opts.Silence,
		advice:  true,
	})
	if err != nil {
		return nil, err
	}
	return &Report{
		Config:      &s.meta.SkillConfig,
		Requires:    s.meta.requires,
		Unknown:     s.meta.unknown,
		Diagnostics: s.found.sorted(),
		Dropped:     s.dropped,
	}, nil
}

// silenced returns the rules as a set.
func silenced(rules []string) (map[string]bool, error) {
	set := make(map[string]bool, len(rules))
	for _, id := range rules {
		if rulesByID[id] == nil {
			hint := ""
			var known []string
			for _, rule := range Rules() {
				known = append(known, rule.ID)
			}
			if meant := nearest(id, known); meant != "" {
				hint = fmt.Sprintf(": did you mean %q?", meant)
			}
			return nil, fmt.Errorf("%w %q%s", ErrUnknownRule, id, hint)
		}
		set[id] = true
	}
	return set, nil
}

// refusedByPush are the rules whose findings are warnings when a directory is
// packed, and errors when it is pushed: what was published can't be taken back.
var refusedByPush = []string{"secret"}

// raised returns those of the rules refuse that allow does not list.
func raised(refuse, allow []string) (map[string]bool, error) {
	if _, err := silenced(allow); err != nil {
		return nil, err
	}
	for _, id := range allow {
		if !slices.Contains(refusedByPush, id) {
			return nil, fmt.Errorf("%w to allow: %q: it stops no push that packing takes; %s does", ErrUnknownRule, id, strings.Join(refusedByPush, ", "))
		}
	}
	set := make(map[string]bool, len(refuse))
	for _, id := range refuse {
		set[id] = !slices.Contains(allow, id)
	}
	return set, nil
}

// noFS is the file system of a directory that could not be opened.
type noFS struct{ err error }

func (f noFS) Open(string) (fs.File, error) { return nil, f.err }
