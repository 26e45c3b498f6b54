// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// ValidateOptions say how to validate. The zero value applies the rules of packing.
type ValidateOptions struct {
	// Profile selects the rules. Default: [ProfileOCI].
	Profile Profile
	// Silence lists rules whose warnings are left out. Errors stay.
	Silence []string
	// MaxFiles is how many files a skill may have. Default: 1,000.
	MaxFiles int
	// MaxBytes is how many bytes they may have in all. Default: 95 MiB.
	MaxBytes int64
}

// Report is what validating found.
type Report struct {
	// Frontmatter is that of SKILL.md, as far as it could be understood.
	Frontmatter Frontmatter
	// Files are the names of what would be in an artifact, SKILL.md included,
	// sorted by bytes; none if there is no SKILL.md.
	Files []string
	// Diagnostics are all findings, sorted by file, place and rule. At most 100 of one
	// rule are listed; one more says how many were left out.
	Diagnostics []Diagnostic
	// Excluded lists what would stay out of an artifact, sorted by name.
	Excluded []Excluded
}

// Err returns an [*InvalidError] if a finding is an error, else nil.
func (r *Report) Err() error {
	errs := slices.DeleteFunc(slices.Clone(r.Diagnostics), func(d Diagnostic) bool { return d.Severity != SeverityError })
	if len(errs) == 0 {
		return nil
	}
	return &InvalidError{Diagnostics: errs}
}

// Validate checks the skill in the directory dir against the rules that packing enforces,
// and against advice; see [Rules]. It writes nothing, follows no symbolic link, and reads
// no more than the beginning of each file. It knows neither the layer's size nor the
// platforms: the warnings toolhive-layer and toolhive-platforms come from
// [Skill.CheckArtifact].
//
// A fault of the directory, even that it does not exist, is in the report. Errors:
// [ErrUnknownRule], [ErrUnknownProfile], the error of ctx.
func Validate(ctx context.Context, dir string, opts ValidateOptions) (*Report, error) {
	src, err := source.Open(dir)
	if err != nil {
		// There is nothing to look at; options are checked all the same.
		src = &source.Dir{FS: noFS{err}, Label: dir}
	}
	defer src.Close()
	return validate(ctx, src, opts)
}

// ValidateFS judges the skill at the root of fsys. The directory's name is unknown and
// not checked. Otherwise it is like [Validate].
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
	s, err := scanDir(ctx, src, scanOptions{
		limits:  reproducible.Limits{Files: opts.MaxFiles, Bytes: opts.MaxBytes},
		profile: opts.Profile,
		silence: opts.Silence,
		advice:  true,
	})
	if err != nil {
		return nil, err
	}
	return &Report{
		Frontmatter: s.meta.Frontmatter,
		Files:       s.listed,
		Diagnostics: s.found.sorted(),
		Excluded:    s.excluded,
	}, nil
}

// noFS is the file system of a directory that could not be opened.
type noFS struct{ err error }

func (f noFS) Open(string) (fs.File, error) { return nil, f.err }
