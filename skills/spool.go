// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much a spool holds in memory before it takes to a file, in
// bytes. Tests have it smaller.
var spoolMemory = 1 << 20

// spool takes a stream whose digest is known only at its end. A short one stays in
// memory, a longer one goes to a temporary file that is unlinked as soon as possible.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	named  bool // the file still has its name
	size   int64
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.memory.Len()+len(p) > spoolMemory {
		file, err := os.CreateTemp("", "skillcask-*")
		if err != nil {
			return 0, fmt.Errorf("temporary file for the layer: %w; set TMPDIR to a directory with room", err)
		}
		// Where an open file can lose its name, nothing remains of it even
		// after a kill; elsewhere close removes it.
		s.named = os.Remove(file.Name()) != nil
		s.file = file
		if _, err := s.memory.WriteTo(file); err != nil {
			return 0, fmt.Errorf("temporary file for the layer: %w; set TMPDIR to a directory with room", err)
		}
		s.memory = bytes.Buffer{}
	}
	var n int
	var err error
	if s.file != nil {
		if n, err = s.file.Write(p); err != nil {
			err = fmt.Errorf("temporary file for the layer: %w; set TMPDIR to a directory with room", err)
		}
	} else {
		n, err = s.memory.Write(p)
	}
	s.size += int64(n)
	return n, err
}

// reader returns a reader of all that was written, from the beginning.
func (s *spool) reader() io.ReadCloser {
	if s.file != nil {
		return sectionCloser{io.NewSectionReader(s.file, 0, s.size)}
	}
	return sectionCloser{io.NewSectionReader(bytes.NewReader(s.memory.Bytes()), 0, s.size)}
}

// sectionCloser is a body that can be sent again; see rewindingClient. close of
// the spool closes what is below.
type sectionCloser struct{ *io.SectionReader }

func (sectionCloser) Close() error { return nil }

func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
	}
	if s.named { // another's file may have a name that was given up
		os.Remove(s.file.Name())
	}
}
