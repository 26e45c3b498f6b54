// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

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
)

// Dropped is a file or directory that stayed out of an artifact.
type Dropped struct {
	// Name is relative to the skill directory. That of a directory ends with "/".
	Name string `json:"name"`
	// Reason says why.
	Reason string `json:"reason"`
}

// scanned is a skill directory whose files are known but not read.
type scanned struct {
	source  *source
	files   []scannedFile // sorted by bytes of the name
	dropped []Dropped
	meta    *frontmatter
	found   findings
}

type scannedFile struct {
	name string
	info fs.FileInfo
}

// scanner walks a skill directory.
type scanner struct {
	*scanned
	limits  reproducible.Limits
	ignore  *ignorer
	names   reproducible.NameSet
	dirs    int
	bytes   int64
	skillMD fs.FileInfo
}

// dirsPerFile bounds the directories of a skill to so many for each file that
// the limit allows.
const dirsPerFile = 10

// scan finds the files of a skill and parses its SKILL.md.
func scan(ctx context.Context, src *source, limits reproducible.Limits) (*scanned, error) {
	s := &scanner{scanned: &scanned{source: src}, limits: limits.WithDefaults()}
	if err := s.readIgnore(); err != nil {
		return nil, err
	}
	info, err := fs.Stat(src.fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalidSkillDir, src.label, bare(err))
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%w: %s is no directory; name the directory that holds %s", ErrInvalidSkillDir, src.label, SkillFileName)
	}
	if err := s.walk(ctx, ".", info, false); err != nil {
		return nil, err
	}
	slices.SortFunc(s.files, func(a, b scannedFile) int { return strings.Compare(a.name, b.name) })
	slices.SortFunc(s.dropped, func(a, b Dropped) int { return strings.Compare(a.Name, b.Name) })
	// Names are compared in one order, so that findings do not depend on the
	// order in which the file system lists them.
	for _, f := range s.files {
		if err := s.names.Add(f.name); err != nil {
			s.refuseName(err)
		}
	}
	if err := s.readSkillMD(); err != nil {
		return nil, err
	}
	return s.scanned, s.found.err()
}

// readIgnore reads .skillignore if there is one.
func (s *scanner) readIgnore() error {
	info, err := fs.Lstat(s.source.fsys, ignoreFileName)
	if errors.Is(err, fs.ErrNotExist) {
		s.ignore, err = newIgnorer(nil)
		return err
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it is %s; make it a regular file", fileKind(info.Mode()))
	}
	if err == nil {
		var f *sourceFile
		if f, err = s.source.open(ignoreFileName, info); err == nil {
			defer f.Close()
			s.ignore, err = newIgnorer(f)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrInvalidSkillFile, ignoreFileName, bare(err))
	}
	return nil
}

// walk looks into the directory dir. ignored says that it lies in an ignored
// one and is walked only for what a "!" pattern brings back.
func (s *scanner) walk(ctx context.Context, dir string, info fs.FileInfo, ignored bool) error {
	if s.dirs++; s.dirs > s.limits.Files*dirsPerFile {
		return fmt.Errorf("%w: %s: it has more than %d directories; leave some out with a %s", ErrTooManyFiles, s.source.label, s.limits.Files*dirsPerFile, ignoreFileName)
	}
	dirs, err := s.list(ctx, dir, info, ignored)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		ignored, err := s.ignore.ignored(d.name)
		if err != nil {
			return err
		}
		if err := s.walk(ctx, d.name, d.info, ignored); err != nil {
			return err
		}
	}
	return nil
}

// list looks at all entries of dir and returns those that are directories to
// be walked.
func (s *scanner) list(ctx context.Context, dir string, info fs.FileInfo, ignored bool) ([]scannedFile, error) {
	f, err := s.source.open(dir, info)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalidSkillFile, dir, err)
	}
	defer f.Close()
	lister, ok := f.File.(fs.ReadDirFile)
	if !ok {
		return nil, fmt.Errorf("%w: %s: its file system can't list directories", ErrInvalidSkillDir, dir)
	}
	var dirs []scannedFile
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// In parts, so that a directory without end ends at the limits.
		entries, err := lister.ReadDir(256)
		for _, entry := range entries {
			d, err := s.entry(dir, entry, ignored)
			if err != nil {
				return nil, err
			}
			if d != nil {
				dirs = append(dirs, *d)
			}
		}
		if len(dirs) > s.limits.Files*dirsPerFile {
			return nil, fmt.Errorf("%w: %s: it has more than %d directories; leave some out with a %s", ErrTooManyFiles, path.Join(s.source.label, dir), s.limits.Files*dirsPerFile, ignoreFileName)
		}
		if errors.Is(err, io.EOF) {
			return dirs, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrInvalidSkillFile, dir, bare(err))
		}
	}
}

// entry looks at one entry of a directory and returns it if it is a directory
// to be walked.
func (s *scanner) entry(dir string, entry fs.DirEntry, parentIgnored bool) (*scannedFile, error) {
	name := path.Join(dir, entry.Name())
	if strings.Count(name, "/") > maxDepth {
		return nil, fmt.Errorf("%w: %s: directories are more than %d deep", ErrInvalidSkillFile, name, maxDepth)
	}
	ignored, err := s.ignore.ignored(name)
	if err != nil {
		return nil, err
	}
	if ignored && (!entry.IsDir() || !s.ignore.mayReturn(name)) {
		if !parentIgnored {
			s.drop(name, entry.IsDir())
		}
		return nil, nil
	}
	info, err := entry.Info()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalidSkillFile, name, s.source.vanished(err))
	}
	mode := info.Mode()
	switch {
	case mode.IsDir():
		return &scannedFile{name, info}, nil
	case !mode.IsRegular():
		s.found.add(Diagnostic{Rule: ruleOfKind(mode), File: name, sentinel: ErrInvalidSkillFile,
			Message: fmt.Sprintf("it is %s", fileKind(mode)),
			Hint:    fmt.Sprintf("a skill holds regular files only: replace it by a copy, or name it in %s", ignoreFileName)})
		if s.found.errors >= maxDiagnostics {
			return nil, s.found.err()
		}
		return nil, nil
	}
	return nil, s.file(name, info)
}

// maxDepth is where a walk ends; names that deep are refused anyway.
const maxDepth = 100

// file takes in a regular file, within the limits.
func (s *scanner) file(name string, info fs.FileInfo) error {
	if len(s.files) >= s.limits.Files {
		return fmt.Errorf("%w: %s: it has more than %d files; leave some out with a %s or raise the limit",
			ErrTooManyFiles, s.source.label, s.limits.Files, ignoreFileName)
	}
	if info.Size() > s.limits.Bytes-s.bytes {
		return fmt.Errorf("%w: %s: with its %d bytes the skill has more than the %d bytes allowed; leave some files out with a %s or raise the limit",
			ErrSkillTooLarge, name, info.Size(), s.limits.Bytes, ignoreFileName)
	}
	s.bytes += info.Size()
	s.files = append(s.files, scannedFile{name, info})
	if name == SkillFileName {
		s.skillMD = info
	}
	return nil
}

func (s *scanner) drop(name string, dir bool) {
	reason := "a pattern of " + ignoreFileName
	if strings.HasPrefix(path.Base(name), ".") {
		reason = "hidden"
	}
	if dir {
		name += "/"
	}
	if len(s.dropped) < s.limits.Files {
		s.dropped = append(s.dropped, Dropped{Name: name, Reason: reason})
	}
}

func (s *scanner) refuseName(err error) {
	var nerr *reproducible.NameError
	if !errors.As(err, &nerr) {
		return
	}
	s.found.add(Diagnostic{Rule: nerr.Rule, File: strings.ToValidUTF8(nerr.Name, "\ufffd"), sentinel: ErrInvalidSkillFile,
		Message: fmt.Sprintf("the file name %q is not portable", nerr.Name), Hint: nerr.Want})
}

// ruleOfKind returns the rule that refuses a file of such a mode.
func ruleOfKind(mode fs.FileMode) string {
	if mode&fs.ModeSymlink != 0 {
		return "symlink"
	}
	return "special-file"
}

// readSkillMD parses SKILL.md.
func (s *scanner) readSkillMD() error {
	if s.skillMD == nil {
		if s.found.errors > 0 { // one of which may be about SKILL.md itself
			return nil
		}
		hint := "add one at its root"
		for _, f := range s.files {
			if strings.EqualFold(f.name, SkillFileName) {
				hint = fmt.Sprintf("rename %s", f.name)
			}
		}
		return fmt.Errorf("%w: %s has no file %s; %s", ErrSkillMDMissing, s.source.label, SkillFileName, hint)
	}
	f, err := s.source.open(SkillFileName, s.skillMD)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrInvalidSkillFile, SkillFileName, err)
	}
	defer f.Close()
	block, err := readFrontmatter(f)
	if err != nil {
		s.found.add(Diagnostic{Rule: "frontmatter-fence", File: SkillFileName, Line: 1, Column: 1, Message: err.Error(), sentinel: ErrInvalidFrontmatter})
		s.meta = &frontmatter{}
		return nil
	}
	s.meta = parseFrontmatter(block, &s.found)
	for _, f := range s.files {
		s.meta.Files = append(s.meta.Files, f.name)
	}
	if s.source.name != "" && s.meta.Name != "" && s.source.name != s.meta.Name {
		s.found.add(Diagnostic{Rule: "name-directory", File: SkillFileName, Line: 1, Column: 1,
			Message: fmt.Sprintf("the name %q differs from the directory's, %q", s.meta.Name, s.source.name), Hint: "rename one"})
	}
	return nil
}
