// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/bounds"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// FileOptions say how to take a skill's files. The zero value is the usual case.
type FileOptions struct {
	// ModesFromFS takes the owner's executable bit of each file for its mode. By
	// default the content decides; see [reproducible.ModeOf].
	ModesFromFS bool
	// Progress, if not nil, is called as files are read, with the bytes read of
	// all files and the bytes that they have.
	Progress func(done, total int64)
}

// Files returns the skill's files, sorted by bytes of the name. They can be read until
// the [Dir] is closed. Reading one that changed since it was scanned, such as a SKILL.md
// with another front matter, returns an error that wraps [reproducible.ErrFileChanged];
// one that can't be read, [ErrInvalidSkillFile].
func (s *Skill) Files(opts FileOptions) []reproducible.File {
	var total, done int64
	for _, f := range s.files {
		total = bounds.Add(total, f.info.Size())
	}
	files := make([]reproducible.File, len(s.files))
	for i, f := range s.files {
		files[i] = reproducible.File{
			Name: f.name,
			Size: f.info.Size(),
			Open: func() (io.ReadCloser, error) {
				file, err := s.source.Open(f.name, f.info)
				if err != nil {
					return nil, unreadable(err)
				}
				packed := &packedFile{File: file, report: func(n int) {
					if done += int64(n); opts.Progress != nil {
						opts.Progress(min(done, total), total)
					}
				}}
				if f.name == SkillFileName {
					packed.head = newHeadCheck(s.head)
				}
				return packed, nil
			},
		}
		if opts.ModesFromFS {
			// The owner's bit alone counts; plain files need a bit that says so.
			files[i].Mode = 0o444 | f.info.Mode()&0o100
		}
	}
	return files
}

// packedFile is a file that is read into the layer.
type packedFile struct {
	*source.File
	report func(n int)
	head   *headCheck // of SKILL.md, else nil
}

func (p *packedFile) Read(b []byte) (int, error) {
	n, err := p.File.Read(b)
	p.report(n)
	if p.head != nil && !p.head.pass(b[:n]) {
		return 0, fmt.Errorf("%w: its front matter is not what it was when it was checked", reproducible.ErrFileChanged)
	}
	return n, unreadable(err)
}

// headCheck compares the beginning of SKILL.md, as it enters the layer, with what the
// labels were made of. Size and time of the file don't show it: not every file system has
// times.
type headCheck struct {
	want fileHead
	left int64
	hash hash.Hash
}

func newHeadCheck(want fileHead) *headCheck {
	return &headCheck{want, want.size, sha256.New()}
}

// pass takes the next bytes and reports whether the file may be the same still.
func (h *headCheck) pass(b []byte) bool {
	if h.left == 0 {
		return true
	}
	n := min(h.left, int64(len(b)))
	h.hash.Write(b[:n])
	h.left -= n
	return h.left > 0 || [sha256.Size]byte(h.hash.Sum(nil)) == h.want.digest
}

// unreadableError is the error of a file that can't be read.
type unreadableError struct{ cause error }

func (e *unreadableError) Error() string {
	return fmt.Sprintf("it can't be read: %v; make it readable", atomicfile.WithoutPath(e.cause))
}

func (e *unreadableError) Unwrap() []error { return []error{ErrInvalidSkillFile, e.cause} }

// unreadable gives the error of a file that can't be read its sentinel.
func unreadable(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, reproducible.ErrFileChanged) {
		return err
	}
	return &unreadableError{err}
}
