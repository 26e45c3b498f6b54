// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
)

// gzipReader reads the one member of a gzip stream.
type gzipReader struct {
	in     *bufio.Reader
	member *gzip.Reader
	err    error
}

// NewGzipReader returns a reader of what the gzip stream in holds. The stream
// must be exactly one member (RFC 1952): readers differ on whether a second
// member, or anything else after the first, belongs to the content.
//
// It may read in further than the content that was asked for; where the content
// ends, in has been read to its own end. Errors of NewGzipReader and of Read:
// [ErrAmbiguous] if in does not end with the member; those of the compress/gzip
// package and of in.
func NewGzipReader(in io.Reader) (io.Reader, error) {
	z := &gzipReader{in: bufio.NewReader(in)}
	// What is an io.ByteReader is not read beyond the member.
	member, err := gzip.NewReader(z.in)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	z.member = member
	return z, nil
}

// Read implements [io.Reader].
func (z *gzipReader) Read(p []byte) (int, error) {
	if z.err != nil {
		return 0, z.err
	}
	n, err := z.member.Read(p)
	if err == io.EOF {
		err = z.atEnd()
	}
	z.err = err
	return n, err
}

// atEnd returns io.EOF if the stream ends where the member does.
func (z *gzipReader) atEnd() error {
	switch _, err := z.in.ReadByte(); err {
	case nil:
		return fmt.Errorf("%w: bytes after the end of the gzip member; readers differ on whether they belong to it", ErrAmbiguous)
	default:
		return err
	}
}
