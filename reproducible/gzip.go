// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/skillcask/skillcask/reproducible/internal/deflate"
)

// gzipHeader is the member header of RFC 1952, section 2.3: DEFLATE, no flags,
// no time, no extra flags, unknown operating system. So nothing varies.
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

var errGzipClosed = errors.New("write to a closed gzip writer")

// GzipWriter compresses a stream into one gzip member (RFC 1952). It works on
// several processors and holds a few MiB for each, whatever the length.
type GzipWriter struct {
	w       io.Writer
	deflate *deflate.Writer
	crc     uint32
	size    uint32 // modulo 2^32, as the trailer wants it
	started bool
	closed  bool
	err     error
}

// NewGzipWriter is [Compressor.Gzip] of a Compressor that uses all processors.
func NewGzipWriter(w io.Writer) *GzipWriter { return Compressor{}.Gzip(w) }

// Write compresses p. It returns an error of the writer below, which may stem
// from an earlier Write.
func (z *GzipWriter) Write(p []byte) (int, error) {
	if z.closed {
		return 0, errGzipClosed
	}
	if err := z.start(); err != nil {
		return 0, err
	}
	n, err := z.deflate.Write(p)
	z.crc = crc32.Update(z.crc, crc32.IEEETable, p[:n])
	z.size += uint32(n)
	z.err = err
	return n, err
}

// Close writes what is left and the trailer. It does not close the writer
// below. After an error of Write or of the writer below it returns that error
// and writes nothing more. A second Close does nothing.
func (z *GzipWriter) Close() error {
	if z.closed {
		return z.err
	}
	z.closed = true
	if err := z.start(); err != nil {
		z.deflate.Abort()
		return err
	}
	if z.err = z.deflate.Close(); z.err != nil {
		return z.err
	}
	var trailer [8]byte
	binary.LittleEndian.PutUint32(trailer[:4], z.crc)
	binary.LittleEndian.PutUint32(trailer[4:], z.size)
	z.err = z.writeAll(trailer[:])
	return z.err
}

// start writes the header once and returns an earlier error.
func (z *GzipWriter) start() error {
	if !z.started && z.err == nil {
		z.started = true
		z.err = z.writeAll([]byte(gzipHeader))
	}
	return z.err
}

// writeAll writes to the writer below.
func (z *GzipWriter) writeAll(p []byte) error {
	n, err := z.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return err
}
