// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

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

// source is a directory to read a skill from. Nothing that is reached through
// it lies outside the directory, whatever happens to the directory meanwhile.
type source struct {
	fsys fs.FS
	root *os.Root // nil if fsys is not of the operating system
	// label names the directory in messages, name is its last segment or ""
	// where it has none.
	label, name string
}

// dirError says why a directory can't be looked into.
type dirError struct {
	problem, want string
	cause         error // nil if it is there and no directory
}

func (e *dirError) Error() string {
	return fmt.Sprintf("%v: %s; %s", ErrInvalidSkillDir, e.problem, e.want)
}

func (e *dirError) Unwrap() []error {
	if e.cause == nil {
		return []error{ErrInvalidSkillDir}
	}
	return []error{ErrInvalidSkillDir, e.cause}
}

// openDir opens a directory of the operating system. Errors are a [*dirError].
func openDir(dir string) (*source, error) {
	// A fifo must not block.
	info, err := os.Stat(dir)
	var root *os.Root
	if err == nil && info.IsDir() {
		root, err = os.OpenRoot(dir)
	}
	if root == nil {
		e := &dirError{want: "name a directory with a " + SkillFileName}
		if err != nil {
			e.cause = atomicfile.Bare(err)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			e.problem = dir + " does not exist"
		case err != nil:
			e.problem = fmt.Sprintf("%s can't be read: %v", dir, e.cause)
		default:
			e.problem = fmt.Sprintf("%s is %s, not a directory", dir, atomicfile.FileKind(info.Mode()))
		}
		return nil, e
	}
	s := &source{fsys: root.FS(), root: root, label: dir}
	if abs, err := filepath.Abs(dir); err == nil {
		s.name = filepath.Base(abs)
	}
	return s, nil
}

// openFS takes a file system as the directory.
func openFS(fsys fs.FS) *source {
	return &source{fsys: fsys, label: "file system"}
}

func (s *source) close() {
	if s.root != nil {
		s.root.Close()
	}
}

// open opens name, which was found to be as info says, and makes sure that it
// still is. Errors wrap [ErrInvalidSkillFile] or reproducible.ErrFileChanged.
func (s *source) open(name string, info fs.FileInfo) (*sourceFile, error) {
	var file fs.File
	var err error
	if s.root != nil {
		// A fifo that took the file's place must not block.
		file, err = s.root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|atomicfile.OpenNonblock, 0)
	} else {
		file, err = s.fsys.Open(name)
	}
	if err != nil {
		return nil, s.vanished(err)
	}
	f := &sourceFile{File: file, size: info.Size(), modTime: info.ModTime()}
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

// vanished tells a file that is gone or leads elsewhere from one that can't be
// read.
func (s *source) vanished(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: it is gone", reproducible.ErrFileChanged)
	}
	return atomicfile.Bare(err)
}

// sourceFile is an open file that knows how it was when it was found.
type sourceFile struct {
	fs.File
	size    int64
	modTime time.Time
}

// Read reads content; at its end it makes sure that it is what was there at
// the beginning.
func (f *sourceFile) Read(p []byte) (int, error) {
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

func (f *sourceFile) unchanged(now fs.FileInfo) error {
	switch {
	case now.Size() != f.size:
		return fmt.Errorf("%w: it has %d bytes, it had %d", reproducible.ErrFileChanged, now.Size(), f.size)
	case !now.ModTime().Equal(f.modTime):
		return fmt.Errorf("%w: it was written to", reproducible.ErrFileChanged)
	}
	return nil
}
