// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/bounds"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// maxDifferences bounds the differences that are listed.
const maxDifferences = 1000

// differences keeps the first by name of those that are added.
type differences struct {
	kept  []Difference
	count int
}

func (d *differences) add(kind DifferenceKind, name, format string, args ...any) {
	d.count++
	d.kept = append(d.kept, Difference{kind, name, fmt.Sprintf(format, args...)})
	if len(d.kept) >= 2*maxDifferences {
		d.cut()
	}
}

func (d *differences) cut() {
	slices.SortFunc(d.kept, func(a, b Difference) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	if len(d.kept) > maxDifferences {
		clear(d.kept[maxDifferences:])
		d.kept = d.kept[:maxDifferences]
	}
}

// list returns those that are kept and how many are not.
func (d *differences) list() (kept []Difference, more int) {
	d.cut()
	return d.kept, d.count - len(d.kept)
}

// errStopped ends a walk that has found too much.
var errStopped = errors.New("stopped")

// foundFile is an entry of the directory.
type foundFile struct {
	name string
	info fs.FileInfo
}

// checker compares a directory with the files of an artifact. It looks into the
// directories of the artifact alone, so that their depth and number are bounded.
type checker struct {
	source  *source.Dir
	files   map[string]FileInfo // of the artifact
	dirs    map[string]bool     // that they lie in
	there   []foundFile         // the regular ones of files that are in the directory
	seen    map[string]bool     // those of files in whose place anything stands
	extra   int                 // entries that the artifact lacks
	most    int                 // of extra
	stopped bool
	found   differences
}

func newChecker(src *source.Dir, files []FileInfo, most int) *checker {
	c := &checker{source: src, files: make(map[string]FileInfo, len(files)), dirs: map[string]bool{}, seen: map[string]bool{}, most: most}
	for _, f := range files {
		c.files[f.Name] = f
		for dir := path.Dir(f.Name); dir != "." && !c.dirs[dir]; dir = path.Dir(dir) {
			c.dirs[dir] = true
		}
	}
	return c
}

func (c *checker) run(ctx context.Context) error {
	info, err := fs.Stat(c.source.FS, ".")
	if err == nil {
		err = c.walk(ctx, ".", info)
	}
	if err != nil && !errors.Is(err, errStopped) {
		return err
	}
	slices.SortFunc(c.there, func(a, b foundFile) int { return strings.Compare(a.name, b.name) })
	for _, f := range c.there {
		if err := c.compare(ctx, f); err != nil {
			return checkError(f.name, err)
		}
	}
	if c.stopped { // what was not seen may be there
		return nil
	}
	for name, f := range c.files {
		if !c.seen[name] {
			c.found.add(DifferenceMissing, name, "the artifact has a file of %d bytes", f.Size)
		}
	}
	return nil
}

// walk compares the names in a directory, and in those below it.
func (c *checker) walk(ctx context.Context, name string, info fs.FileInfo) error {
	dirs, err := c.list(ctx, name, info)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if err := c.walk(ctx, d.name, d.info); err != nil {
			return err
		}
	}
	return nil
}

// list compares the names in a directory and returns the directories that the
// artifact has too.
func (c *checker) list(ctx context.Context, name string, info fs.FileInfo) (dirs []foundFile, err error) {
	dir, err := c.source.Open(name, info)
	if err != nil {
		return nil, checkError(name, err)
	}
	defer dir.Close()
	lister, ok := dir.File.(fs.ReadDirFile)
	if !ok {
		return nil, checkError(name, errors.New("its file system can't list directories"))
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// In parts, so that a directory without end ends at the limit.
		entries, err := lister.ReadDir(256)
		for _, entry := range entries {
			d, err := c.entry(name, entry)
			if err != nil {
				return nil, err
			}
			if d != nil {
				dirs = append(dirs, *d)
			}
		}
		if errors.Is(err, io.EOF) {
			return dirs, nil
		}
		if err != nil {
			return nil, checkError(name, atomicfile.WithoutPath(err))
		}
	}
}

// entry compares one name. It returns a directory that the artifact has too.
func (c *checker) entry(dir string, entry fs.DirEntry) (*foundFile, error) {
	name := path.Join(dir, entry.Name())
	_, file := c.files[name]
	if !file && !c.dirs[name] {
		return nil, c.surplus(name, entry)
	}
	info, err := entry.Info()
	if err != nil {
		return nil, checkError(name, c.source.Vanished(err))
	}
	switch mode := info.Mode(); {
	case file && mode.IsRegular():
		c.seen[name] = true
		c.there = append(c.there, foundFile{name, info})
	case file:
		c.seen[name] = true
		c.found.add(DifferenceType, name, "it is %s; the artifact has a file", atomicfile.FileKind(mode))
	case mode.IsDir():
		return &foundFile{name, info}, nil
	default:
		c.found.add(DifferenceType, name, "it is %s; the artifact has a directory", atomicfile.FileKind(mode))
	}
	return nil, nil
}

// surplus notes what the artifact lacks. What is in a directory counts as one
// with it.
func (c *checker) surplus(name string, entry fs.DirEntry) error {
	if c.extra++; c.extra > c.most {
		c.stopped = true
		return errStopped
	}
	if entry.IsDir() {
		name += "/"
	}
	c.found.add(DifferenceExtra, name, "it is %s", atomicfile.FileKind(entry.Type()))
	return nil
}

// compare compares mode and content of a file.
func (c *checker) compare(ctx context.Context, f foundFile) error {
	want := c.files[f.name]
	if mode := f.info.Mode(); runtime.GOOS != "windows" && mode&0o100 != want.Mode&0o100 {
		c.found.add(DifferenceMode, f.name, "it has mode %04o; in the artifact it has %04o", mode.Perm(), want.Mode.Perm())
	}
	if size := f.info.Size(); size != want.Size {
		c.found.add(DifferenceContent, f.name, "it has %d bytes; in the artifact it has %d", size, want.Size)
		return nil
	}
	file, err := c.source.Open(f.name, f.info)
	if err != nil {
		return err
	}
	defer file.Close()
	digester := digest.Canonical.Digester()
	// A file may have more than it says.
	if _, err := io.Copy(digester.Hash(), oci.ContextReader(ctx, io.LimitReader(file, bounds.Add(want.Size, 1)))); err != nil {
		return err
	}
	if got := digester.Digest(); got != want.Digest {
		c.found.add(DifferenceContent, f.name, "it is %s; in the artifact it is %s", got, want.Digest)
	}
	return nil
}

// checkError says what could not be compared. What was found and is another
// thing now was changed: os.Root refuses a link that leads out without a number
// of the system's.
func checkError(name string, err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case !errors.Is(err, reproducible.ErrFileChanged) && errors.As(err, new(syscall.Errno)):
		return fmt.Errorf("%w: %s: it can't be read: %w", ErrInvalidSkillFile, name, atomicfile.WithoutPath(err))
	case !errors.Is(err, reproducible.ErrFileChanged):
		err = fmt.Errorf("%w: %w", reproducible.ErrFileChanged, atomicfile.WithoutPath(err))
	}
	return fmt.Errorf("%w: %s: %w; check again when nothing writes to it", ErrInvalidSkillFile, name, err)
}
