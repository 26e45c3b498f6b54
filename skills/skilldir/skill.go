// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"io/fs"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// SkillFileName is the file at the root of every skill that describes it.
const SkillFileName = "SKILL.md"

// Dir is a skill's directory. Nothing outside of it is read, even if a symbolic link
// is put in meanwhile.
type Dir struct{ source *source.Dir }

// Open opens a directory of the operating system, which may be a symbolic link. An
// error wraps [ErrInvalidSkillDir].
func Open(dir string) (*Dir, error) {
	opened, err := source.Open(dir)
	if err != nil {
		return nil, err
	}
	return &Dir{opened}, nil
}

// OpenFS takes the root of fsys, such as an embed.FS or a zip archive, as the
// directory. It has no name that the skill's could be compared with.
func OpenFS(fsys fs.FS) *Dir { return &Dir{source.FS(fsys)} }

// Close closes the directory: the files of its [Skill] can't be read any more.
func (d *Dir) Close() error { return d.source.Close() }

// ScanOptions say how to look at a directory. The zero value finds what packing
// takes, and gives no advice.
type ScanOptions struct {
	// ExactFiles leaves nothing out: hidden files are taken too, and a .skillignore
	// is a file like any other.
	ExactFiles bool
	// Advice also applies the rules that read the beginning of each file.
	Advice bool
	// Silence lists rules whose warnings are left out. Errors stay.
	Silence []string
	// Refuse lists rules whose warnings are errors.
	Refuse []string
	// MaxFiles is how many files a skill may have. Default: 1,000.
	MaxFiles int
	// MaxBytes is how many bytes they may have in all. Default: 95 MiB.
	MaxBytes int64
}

// Skill is a directory that can be packed.
type Skill struct {
	// Frontmatter is that of its SKILL.md.
	Frontmatter Frontmatter
	// Names are those of the files, SKILL.md included, sorted by bytes.
	Names []string
	// Excluded lists the files left out, sorted by name.
	Excluded []Excluded

	source *source.Dir
	files  []scannedFile
	head   fileHead // of SKILL.md
	found  findings
}

// Scan finds the files of a skill and checks them against the rules of [ProfileOCI]. If
// one of them refuses the skill the error is an [*InvalidError]. Other errors:
// [ErrUnknownRule], the error of ctx.
func (d *Dir) Scan(ctx context.Context, opts ScanOptions) (*Skill, error) {
	s, err := scanDir(ctx, d.source, scanOptions{
		limits:  reproducible.Limits{Files: opts.MaxFiles, Bytes: opts.MaxBytes},
		silence: opts.Silence,
		refuse:  opts.Refuse,
		advice:  opts.Advice,
		exact:   opts.ExactFiles,
	})
	if err != nil {
		return nil, err
	}
	if err := s.found.err(); err != nil {
		return nil, err
	}
	return &Skill{
		Frontmatter: s.meta.Frontmatter,
		Names:       s.listed,
		Excluded:    s.excluded,
		source:      s.source,
		files:       s.files,
		head:        s.head,
		found:       s.found,
	}, nil
}

// Warnings returns the findings, none of which is an error, sorted by place and
// rule.
func (s *Skill) Warnings() []Diagnostic { return s.found.of(SeverityWarning) }

// CheckArtifact adds the warnings that depend on the packed artifact: on its number of
// platforms and the size of its layer.
func (s *Skill) CheckArtifact(platforms int, layerBytes int64) {
	s.found.checkToolHiveArtifact(platforms, layerBytes)
}
