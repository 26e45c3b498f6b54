// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/bounds"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// Excluded is a file or directory that stays out of an artifact.
type Excluded struct {
	// Name is relative to the skill directory. That of a directory ends with
	// "/" and stands for all that is in it.
	Name string `json:"name"`
	// Reason says why: "hidden", or the line of .skillignore that says so.
	Reason string `json:"reason"`
	// Pattern is what decided, in the syntax of .dockerignore.
	Pattern string `json:"pattern"`
}

// scanned is a skill directory whose files are known but not read.
type scanned struct {
	source   *source.Dir
	files    []scannedFile // sorted by bytes of the name
	excluded []Excluded    // likewise
	meta     *frontmatter
	listed   []string // the names of files, if there is a SKILL.md
	head     fileHead // of SKILL.md, which meta was read from
	found    findings
}

type scannedFile struct {
	name string
	info fs.FileInfo
}

// scanOptions say how to look at a directory.
type scanOptions struct {
	limits  reproducible.Limits
	profile Profile
	silence []string
	refuse  []string // rules whose warnings are errors
	advice  bool     // also apply the rules that read files
	exact   bool     // leave nothing out
}

// scanner walks a skill directory.
type scanner struct {
	*scanned
	limits   reproducible.Limits
	exact    bool
	ignore   *ignorer
	names    reproducible.NameSet
	misnamed map[string]bool // files whose names were refused
	dirs     int
	refused  int          // entries that are neither files nor directories
	skillMD  *scannedFile // one of files
	large    bool         // more bytes than the limit
	text     *skillText   // of SKILL.md
	begins   []byte       // its beginning, for advice
	index    *skillPaths
}

// errFull ends a walk at a limit that was reported.
var errFull = errors.New("limit reached")

// scanDir finds the files of a skill and applies all rules. The error is that of ctx or
// of opts; faults of the directory are findings.
func scanDir(ctx context.Context, src *source.Dir, opts scanOptions) (*scanned, error) {
	raised, err := ruleSet(opts.refuse)
	if err != nil {
		return nil, err
	}
	silence, err := ruleSet(opts.silence)
	if err != nil {
		return nil, err
	}
	s := &scanner{scanned: &scanned{source: src, meta: &frontmatter{}}, limits: opts.limits.WithDefaults(), exact: opts.exact, misnamed: map[string]bool{}}
	s.found.profile, s.found.silence, s.found.raised = opts.profile, silence, raised
	info, err := fs.Stat(src.FS, ".")
	var derr *source.Error
	switch {
	case errors.As(err, &derr):
		s.report("skill-directory", ".", derr.Problem, derr.Want)
		return s.scanned, nil
	case err != nil:
		s.report("skill-directory", ".", fmt.Sprintf("%s can't be read: %v", src.Label, atomicfile.WithoutPath(err)), "name a directory that can")
		return s.scanned, nil
	case !info.IsDir():
		s.report("skill-directory", ".", fmt.Sprintf("%s is not a directory", src.Label), "name the directory that holds "+SkillFileName)
		return s.scanned, nil
	}
	s.ignore = new(ignorer) // which leaves nothing out
	if !opts.exact {
		s.readIgnore()
	}
	err = s.walk(ctx, walkedDir{name: ".", info: info})
	slices.SortFunc(s.files, func(a, b scannedFile) int { return strings.Compare(a.name, b.name) })
	slices.SortFunc(s.excluded, func(a, b Excluded) int { return strings.Compare(a.Name, b.Name) })
	if errors.Is(err, errFull) {
		s.onlySkillMD(opts.advice)
		return s.scanned, nil
	}
	if err != nil {
		return nil, err
	}
	s.checkSize()
	// Names are compared in one order, so that findings do not depend on the
	// order in which the file system lists them.
	for _, f := range s.files {
		if err := s.names.Add(f.name); err != nil {
			s.reportName(f.name, err)
			s.misnamed[f.name] = true
		}
	}
	s.readSkillMD(opts.advice)
	s.checkLabels()
	if opts.advice {
		if err := s.advise(ctx); err != nil {
			return nil, err
		}
	}
	return s.scanned, nil
}

// readIgnore reads .skillignore if there is one.
func (s *scanner) readIgnore() {
	var r io.Reader
	info, err := fs.Lstat(s.source.FS, ignoreFileName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	case err != nil:
	case !info.Mode().IsRegular():
		s.reportKind(ignoreFileName, info.Mode())
	default:
		var f *source.File
		if f, err = s.source.Open(ignoreFileName, info); err == nil {
			defer f.Close()
			r = f
		}
	}
	if err == nil {
		var wrong []Diagnostic
		s.ignore, wrong, err = newIgnorer(r)
		for _, d := range wrong {
			s.found.add(d)
		}
	}
	if err != nil {
		s.reportUnreadable(ignoreFileName, err)
	}
}

// walkedDir is a directory to be looked into.
type walkedDir struct {
	name    string
	info    fs.FileInfo
	verdict verdict // of .skillignore
}

// walk looks into the directory dir.
func (s *scanner) walk(ctx context.Context, dir walkedDir) error {
	if s.dirs++; s.dirs > bounds.Extra(s.limits.Files) {
		return s.reportFull(fmt.Sprintf("more than %d directories", bounds.Extra(s.limits.Files)), "leave some out with a "+s.ignoreFile())
	}
	dirs, err := s.list(ctx, dir)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if err := s.walk(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// list looks at all entries of dir and returns those that are directories to
// be walked, sorted.
func (s *scanner) list(ctx context.Context, dir walkedDir) ([]walkedDir, error) {
	f, err := s.source.Open(dir.name, dir.info)
	if err != nil {
		s.reportUnreadable(dir.name, err)
		return nil, nil
	}
	defer f.Close()
	lister, ok := f.File.(fs.ReadDirFile)
	if !ok {
		s.reportUnreadable(dir.name, errors.New("its file system can't list directories"))
		return nil, nil
	}
	var dirs []walkedDir
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// In parts, so that a directory without end ends at the limits.
		entries, err := lister.ReadDir(256)
		for _, entry := range entries {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			d, err := s.entry(dir, entry)
			if err != nil {
				return nil, err
			}
			if d != nil {
				dirs = append(dirs, *d)
			}
		}
		if len(dirs) > bounds.Extra(s.limits.Files) {
			return nil, s.reportFull(fmt.Sprintf("more than %d directories", bounds.Extra(s.limits.Files)), "leave some out with a "+s.ignoreFile())
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				s.reportUnreadable(dir.name, atomicfile.WithoutPath(err))
			}
			slices.SortFunc(dirs, func(a, b walkedDir) int { return strings.Compare(a.name, b.name) })
			return dirs, nil
		}
	}
}

// maxDepth is where a walk ends; names that deep are refused anyway.
const maxDepth = 100

// entry looks at one entry of a directory and returns it if it is a directory
// to be walked.
func (s *scanner) entry(dir walkedDir, entry fs.DirEntry) (*walkedDir, error) {
	name := path.Join(dir.name, entry.Name())
	if base := entry.Name(); base == "" || base == "." || base == ".." || strings.Contains(base, "/") {
		// path.Join would lead elsewhere.
		s.report("file-name-segment", dir.name, fmt.Sprintf("its file system lists an entry %q", base), "the entries of a directory are single segments")
		return nil, nil
	}
	verdict, err := s.ignore.judge(name, dir.verdict)
	if err != nil {
		return nil, err
	}
	if pattern := s.ignore.drops(name, verdict); pattern != nil && (!entry.IsDir() || !s.ignore.mayReturn(name)) {
		return nil, s.drop(name, entry.IsDir(), pattern)
	}
	info, err := entry.Info()
	if err != nil {
		s.reportUnreadable(name, s.source.Vanished(err))
		return nil, nil
	}
	switch mode := info.Mode(); {
	case mode.IsDir() && strings.Count(name, "/") >= maxDepth:
		s.report("tree-depth", name, fmt.Sprintf("directories are more than %d deep", maxDepth), "nest less, or leave them out with a "+s.ignoreFile())
		return nil, nil
	case mode.IsDir() && !s.reachable(name):
		return nil, nil
	case mode.IsDir():
		return &walkedDir{name, info, verdict}, nil
	case !mode.IsRegular():
		s.refused++
		s.reportKind(name, mode)
	default:
		s.files = append(s.files, scannedFile{name, info})
	}
	if len(s.files)+s.refused > s.limits.Files {
		return nil, s.reportFull(fmt.Sprintf("more than %d files", s.limits.Files), fmt.Sprintf("leave some out with a %s or raise the limit", s.ignoreFile()))
	}
	return nil, nil
}

// reachable refuses a directory whose name no file system interface can open,
// once instead of for each file in it.
func (s *scanner) reachable(dir string) bool {
	if s.source.OnDisk() || fs.ValidPath(dir) {
		return true
	}
	s.reportName(dir, reproducible.CheckName(dir))
	return false
}

// drop notes what a pattern leaves out.
func (s *scanner) drop(name string, dir bool, pattern *ignorePattern) error {
	d := Excluded{Name: name, Reason: "hidden", Pattern: pattern.String()}
	if pattern.line > 0 {
		d.Reason = fmt.Sprintf("%s line %d", ignoreFileName, pattern.line)
	}
	if dir {
		d.Name += "/"
	}
	s.excluded = append(s.excluded, d)
	if most := bounds.Extra(s.limits.Files); len(s.excluded) > most {
		return s.reportFull(fmt.Sprintf("more than %d files that are left out", most), "move them out, or name their directory in "+ignoreFileName)
	}
	return nil
}
