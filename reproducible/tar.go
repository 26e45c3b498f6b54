// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// ErrFileChanged is wrapped by the error of [WriteTar] for a file whose content
// is longer or shorter than the size declared.
var ErrFileChanged = errors.New("file changed while it was read")

// File is a regular file that goes into an archive.
type File struct {
	// Name is the path in the archive; see [CheckName].
	Name string
	// Size is the length of the content in bytes.
	Size int64
	// Mode is what the archive records: any executable bit gives 0755, none
	// gives 0644. 0, the default, lets the content decide; see [ModeOf].
	Mode fs.FileMode
	// Open returns the content, exactly Size bytes. It is called once, when
	// the file's turn comes, and the result is closed before the next is opened.
	Open func() (io.ReadCloser, error)
}

// ModeFor returns the mode that the archive records for a file whose content
// begins with head: 0644 or 0755. See [ModeOf] for how much of it counts.
func (f File) ModeFor(head []byte) fs.FileMode {
	switch {
	case f.Mode == 0:
		return ModeOf(head)
	case f.Mode&0o111 != 0:
		return modeExecutable
	}
	return modePlain
}

// WriteTar writes the archive of files to w, in the order of the bytes of
// their names whatever the order given, and returns how many bytes it wrote.
// Every entry is a regular file owned by 0:0 whose modification time is epoch;
// see [NormalizeEpoch]. There are no entries for directories.
//
// Errors: a [*NameError] for a name that [NameSet] refuses, found before
// anything is written; [ErrEpoch]; with the file's name, [ErrFileChanged] for a
// content that does not have the size declared, [io.ErrNoProgress] for one that
// returns nothing again and again, and what Open, the content and w return; the
// error of ctx. After an error, w holds part of an archive and
// should be thrown away.
func WriteTar(ctx context.Context, w io.Writer, files []File, epoch time.Time) (int64, error) {
	epoch, err := NormalizeEpoch(epoch)
	if err != nil {
		return 0, err
	}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	var names NameSet
	var largest int64
	for _, f := range files {
		if err := names.Add(f.Name); err != nil {
			return 0, err
		}
		if f.Size < 0 {
			return 0, fmt.Errorf("%s: negative size %d", f.Name, f.Size)
		}
		largest = max(largest, f.Size)
	}
	counted := &countWriter{w: w}
	// One byte over the size shows a file that grew.
	buf := make([]byte, max(modeHeadSize, min(largest, 256<<10-1)+1))
	for _, f := range files {
		if err := writeFile(ctx, counted, f, epoch.Unix(), buf); err != nil {
			return counted.n, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return counted.n, err
	}
	_, err = counted.Write(make([]byte, trailerSize))
	return counted.n, err
}

// writeFile writes one entry.
func writeFile(ctx context.Context, w io.Writer, f File, epoch int64, buf []byte) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	content, err := f.Open()
	if err != nil {
		return err
	}
	defer func() {
		if cerr := content.Close(); err == nil {
			err = cerr
		}
	}()

	// The mode stands before the content, so the first bytes are read first.
	n, ended, err := readAtLeast(ctx, content, buf, modeHeadSize)
	if err != nil {
		return err
	}
	entry := tarEntry{name: f.Name, size: f.Size, epoch: epoch, mode: int64(f.ModeFor(buf[:n]))}
	if _, err := w.Write(entry.headers()); err != nil {
		return err
	}
	for left := f.Size; ; {
		if int64(n) > left {
			return fmt.Errorf("%w: it has more than the %d bytes that it had", ErrFileChanged, f.Size)
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		left -= int64(n)
		switch {
		case ended && left > 0:
			return fmt.Errorf("%w: it has %d bytes, it had %d", ErrFileChanged, f.Size-left, f.Size)
		case ended:
			_, err := w.Write(make([]byte, padding(f.Size)))
			return err
		}
		if n, ended, err = readAtLeast(ctx, content, buf, 1); err != nil {
			return err
		}
	}
}

// maxEmptyReads is how many reads without a byte or an error are too many.
const maxEmptyReads = 100

// readAtLeast reads atLeast bytes or more into buf, fewer only if r has ended.
// It differs from [io.ReadAtLeast] in that it heeds ctx, and in that an error
// of r which only looks like an end, such as [io.ErrUnexpectedEOF], is one.
func readAtLeast(ctx context.Context, r io.Reader, buf []byte, atLeast int) (n int, ended bool, err error) {
	for empty := 0; n < atLeast && !ended; {
		if err := ctx.Err(); err != nil {
			return n, false, err
		}
		m, err := r.Read(buf[n:])
		n += m
		switch {
		case err == io.EOF:
			ended = true
		case err != nil:
			return n, false, err
		case m > 0:
			empty = 0
		default:
			if empty++; empty == maxEmptyReads {
				return n, false, io.ErrNoProgress
			}
		}
	}
	return n, ended, nil
}

// countWriter counts what passes through it.
type countWriter struct {
	w io.Writer
	n int64
}

func (c *countWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}
