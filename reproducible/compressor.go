// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"io"

	"github.com/skillcask/skillcask/reproducible/internal/deflate"
)

// Compressor makes compressing writers. Its zero value uses all processors.
type Compressor struct {
	// Workers is how many goroutines compress at the same time, each with a few
	// MiB. 0, the default, is as many as [runtime.GOMAXPROCS] says; there are never
	// more than 8. It makes no difference to the bytes.
	Workers int
}

// Gzip returns a writer that compresses to w into one gzip member. Close must be
// called, even after an error: it ends the goroutines that compress.
func (c Compressor) Gzip(w io.Writer) *GzipWriter {
	return &GzipWriter{w: w, deflate: deflate.NewWriter(w, c.Workers)}
}

// Deflate returns a writer that compresses to w into a raw DEFLATE stream
// (RFC 1951), for formats that have headers of their own. It is a
// [archive/zip.Compressor]:
//
//	zw.RegisterCompressor(zip.Deflate, reproducible.Compressor{}.Deflate)
//
// That makes the contents of a zip file reproducible; its headers are those of
// archive/zip and of whoever fills them. Close ends the stream and does not close
// w. The error is always nil.
func (c Compressor) Deflate(w io.Writer) (io.WriteCloser, error) {
	return deflate.NewWriter(w, c.Workers), nil
}
