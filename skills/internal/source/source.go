// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package source reads a directory without leaving it: nothing that is opened
// through it lies outside, and what is opened is what was listed.
package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
)

// ErrInvalidSkillDir is declared here for package skilldir.
var ErrInvalidSkillDir = errors.New("invalid skill directory")

// Dir is a directory to read a skill from. Nothing that is reached through it
// lies outside the directory, whatever happens to the directory meanwhile.
type Dir struct {
	// FS has the files. To read one use [Dir.Open].
	FS fs.FS
	// Label names the directory in messages, Name is its last segment or ""
	// where it has none.
	Label, Name string

	root *os.Root // nil if FS is not of the operating system
}

// Error says why a directory can't be looked into. It wraps
// [ErrInvalidSkillDir].
type Error struct {
	Problem, Want string
	cause         error // nil if it is there and no directory
}

func (e *Error) Error() string {
	return fmt.Sprintf("%v: %s; %s", ErrInvalidSkillDir, e.Problem, e.Want)
}

func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{ErrInvalidSkillDir}
	}
	return []error{ErrInvalidSkillDir, e.cause}
}

// Open opens a directory of the operating system. Errors are an [*Error].
func Open(dir string) (*Dir, error) {
	// A fifo must not block.
	info, err := os.Stat(dir)
	var root *os.Root
	if err == nil && info.IsDir() {
		root, err = os.OpenRoot(dir)
	}
	if root == nil {
		e := &Error{Want: "name a directory with a SKILL.md"}
		if err != nil {
			e.cause = atomicfile.WithoutPath(err)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			e.Problem = dir + " does not exist"
		case err != nil:
			e.Problem = fmt.Sprintf("%s can't be read: %v", dir, e.cause)
		default:
			e.Problem = fmt.Sprintf("%s is %s, not a directory", dir, atomicfile.FileKind(info.Mode()))
		}
		return nil, e
	}
	d := &Dir{FS: root.FS(), root: root, Label: dir}
	if abs, err := filepath.Abs(dir); err == nil {
		d.Name = filepath.Base(abs)
	}
	return d, nil
}

// FS takes the root of a file system as the directory.
func FS(fsys fs.FS) *Dir {
	return &Dir{FS: fsys, Label: "file system"}
}

// Close closes a directory of the operating system.
func (d *Dir) Close() error {
	if d.root == nil {
		return nil
	}
	return d.root.Close()
}

// OnDisk reports whether the directory is one of the operating system.
func (d *Dir) OnDisk() bool { return d.root != nil }

// Open opens name, which was found to be as info says, and makes sure that it
// still is. Errors wrap [reproducible.ErrFileChanged], or are those of the file
// system.
func (d *Dir) Open(name string, info fs.FileInfo) (*File, error) {
	var file fs.File
	var err error
	if d.root != nil {
		// A fifo that took the file's place must not block.
		file, err = d.root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|atomicfile.OpenNonblock, 0)
	} else {
		file, err = d.FS.Open(name)
	}
	if err != nil {
		return nil, d.Vanished(err)
	}
	f := &File{File: file, size: info.Size(), modTime: info.ModTime()}
	now, err := file.Stat()
	switch {
	case err != nil:
	case now.Mode().Type() != info.Mode().Type():
		err = fmt.Errorf("%w: it became %s", reproducible.ErrFileChanged, atomicfile.FileKind(now.Mode()))
	case os.SameFile(info, info) && !os.SameFile(info, now): // not all file systems can tell
		err = fmt.Errorf("%w: another file took its place", reproducible.ErrFileChanged)
	case !now.IsDir():
		err = f.unchanged(now)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

// Vanished returns err with [reproducible.ErrFileChanged] if it says that a file
// that was listed is gone.
func (d *Dir) Vanished(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: it is gone", reproducible.ErrFileChanged)
	}
	return atomicfile.WithoutPath(err)
}

// File is an open file that knows how it was when it was found.
type File struct {
	fs.File
	size    int64
	modTime time.Time
}

// Read reads content; at its end it makes sure that it is what was there at
// the beginning.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if errors.Is(err, io.EOF) {
		now, serr := f.Stat()
		if serr == nil {
			serr = f.unchanged(now)
		}
		if serr != nil {
			return n, serr
		}
	}
	return n, err
}

func (f *File) unchanged(now fs.FileInfo) error {
	switch {
	case now.Size() != f.size:
		return fmt.Errorf("%w: it has %d bytes, it had %d", reproducible.ErrFileChanged, now.Size(), f.size)
	case !now.ModTime().Equal(f.modTime):
		return fmt.Errorf("%w: it was written to", reproducible.ErrFileChanged)
	}
	return nil
}
