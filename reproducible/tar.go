// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"archive/tar"
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
// anything is written; [ErrEpoch]; [ErrFileChanged], with the file's name, for
// a content that does not have the size declared; the error of ctx; what Open,
// the content and w return. After an error, w holds part of an archive and
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
	tw := tar.NewWriter(counted)
	// One byte over the size shows a file that grew.
	buf := make([]byte, max(modeHeadSize, min(largest+1, 256<<10)))
	for _, f := range files {
		if err := writeFile(ctx, tw, f, epoch, buf); err != nil {
			return counted.n, err
		}
	}
	if err := ctx.Err(); err != nil {
		return counted.n, err
	}
	return counted.n, tw.Close()
}

// writeFile writes one entry.
func writeFile(ctx context.Context, tw *tar.Writer, f File, epoch time.Time, buf []byte) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	content, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	defer func() {
		if cerr := content.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("%s: %w", f.Name, cerr)
		}
	}()

	// The mode stands before the content, so the first bytes are read first.
	n, err := io.ReadAtLeast(content, buf, modeHeadSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	ended := err != nil
	header := tar.Header{
		Typeflag: tar.TypeReg,
		Name:     f.Name,
		Size:     f.Size,
		Mode:     int64(f.ModeFor(buf[:n])),
		ModTime:  epoch,
		Format:   tar.FormatPAX,
	}
	if err := tw.WriteHeader(&header); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	for left := f.Size; ; {
		if int64(n) > left {
			return fmt.Errorf("%s: %w: it has more than the %d bytes that it had", f.Name, ErrFileChanged, f.Size)
		}
		if _, err := tw.Write(buf[:n]); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		left -= int64(n)
		switch {
		case ended && left > 0:
			return fmt.Errorf("%s: %w: it has %d bytes, it had %d", f.Name, ErrFileChanged, f.Size-left, f.Size)
		case ended:
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err = content.Read(buf)
		if ended = errors.Is(err, io.EOF); err != nil && !ended {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
}

// countWriter counts what passes through it.
type countWriter struct {
	w io.Writer
	n int64
}

func (c *countWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
