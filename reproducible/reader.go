// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
)

// Limits bound what a [Reader] takes. A field that is 0 has its default.
type Limits struct {
	// Files is how many files an archive may have. Default 1,000.
	Files int
	// Bytes is how many bytes all files together may have. Default 95 MiB.
	Bytes int64
}

// Defaults of Limits.
const (
	DefaultMaxFiles = 1000
	DefaultMaxBytes = 95 << 20
)

// WithDefaults returns l with defaults in place of fields that are 0 or less.
func (l Limits) WithDefaults() Limits {
	if l.Files <= 0 {
		l.Files = DefaultMaxFiles
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultMaxBytes
	}
	return l
}

// Errors that a [Reader] returns, besides those of the archive/tar package.
var (
	// ErrTooManyFiles says that an archive has more files than the limit.
	ErrTooManyFiles = errors.New("too many files")
	// ErrTooLarge says that the files of an archive, or the archive itself,
	// have more bytes than the limit.
	ErrTooLarge = errors.New("archive too large")
	// ErrFileType says that an entry is neither a regular file nor a directory.
	ErrFileType = errors.New("not a regular file")
)

// perFile is what headers and padding may take for each file, in bytes; a
// name of the greatest length needs less.
const perFile = 8 << 10

// Entry is a file of an archive.
type Entry struct {
	Name string      // passes CheckName
	Size int64       // in bytes
	Mode fs.FileMode // 0644 or 0755
}

// Reader reads a tar archive of unknown origin. It hands out regular files
// whose names a [NameSet] takes, and refuses all else: links, devices, names
// that lead elsewhere, more than the limits. Entries for directories are
// skipped. It reads any tar that the standard library reads, not only those of
// [WriteTar].
type Reader struct {
	in     *limitReader
	tar    *tar.Reader
	limits Limits
	names  NameSet
	files  int
	other  int
	bytes  int64
	err    error // that of Next, once it had one
}

// NewReader returns a reader of the uncompressed archive in.
func NewReader(in io.Reader, limits Limits) *Reader {
	limits = limits.WithDefaults()
	lr := &limitReader{r: in, left: limits.archiveBytes()}
	return &Reader{in: lr, tar: tar.NewReader(lr), limits: limits}
}

// archiveBytes returns how long an archive within the limits can be.
func (l Limits) archiveBytes() int64 {
	if int64(l.Files) > (math.MaxInt64-1<<20)/perFile {
		return math.MaxInt64
	}
	headers := int64(l.Files)*perFile + 1<<20
	return headers + min(l.Bytes, math.MaxInt64-headers)
}

// Next moves to the next file. At the end of the archive it reads in to its
// own end, so that whoever digests in has seen all of it, and returns [io.EOF].
// What follows the end of the archive is not looked at. As other programs do,
// Next takes an archive for whole that breaks off between two files; a digest
// or gzip's trailer tells more. After an error there is no next file.
//
// Errors: a [*NameError], [ErrFileType], [ErrTooManyFiles], [ErrTooLarge], each
// with the name of the file; [tar.ErrHeader] and others for what is no archive.
func (r *Reader) Next() (Entry, error) {
	if r.err != nil {
		return Entry{}, r.err
	}
	entry, err := r.next()
	if err != nil {
		r.err = err
		return Entry{}, err
	}
	return entry, nil
}

func (r *Reader) next() (Entry, error) {
	for {
		header, err := r.tar.Next()
		if err == io.EOF {
			if _, err := io.Copy(io.Discard, r.in); err != nil {
				return Entry{}, fmt.Errorf("archive after %d files: %w", r.files, err)
			}
			return Entry{}, io.EOF
		}
		if err != nil {
			return Entry{}, fmt.Errorf("archive after %d files: %w", r.files, err)
		}
		if header.Typeflag != tar.TypeDir {
			return r.entry(header)
		}
		if err := r.directory(header.Name); err != nil {
			return Entry{}, err
		}
	}
}

// directory checks an entry that Next skips.
func (r *Reader) directory(name string) error {
	if r.other++; r.other > r.limits.Files {
		return fmt.Errorf("%q: %w: at most %d directories", shorten(name), ErrTooManyFiles, r.limits.Files)
	}
	name = strings.TrimPrefix(strings.TrimSuffix(name, "/"), "./")
	if name == "." {
		return nil
	}
	return CheckName(name)
}

// entry checks the header of a file.
func (r *Reader) entry(header *tar.Header) (Entry, error) {
	// Tools that archive "." begin every name with "./".
	name := strings.TrimPrefix(header.Name, "./")
	if header.Typeflag != tar.TypeReg || isSparse(header) {
		return Entry{}, fmt.Errorf("%q: %w: archives hold regular files only, this is %s", shorten(name), ErrFileType, typeName(header.Typeflag))
	}
	if r.files++; r.files > r.limits.Files {
		return Entry{}, fmt.Errorf("%q: %w: at most %d", shorten(name), ErrTooManyFiles, r.limits.Files)
	}
	if header.Size < 0 || header.Size > r.limits.Bytes-r.bytes {
		return Entry{}, fmt.Errorf("%q: %w: at most %d bytes in all files", shorten(name), ErrTooLarge, r.limits.Bytes)
	}
	r.bytes += header.Size
	if err := r.names.Add(name); err != nil {
		return Entry{}, err
	}
	mode := modePlain
	if header.Mode&0o111 != 0 {
		mode = modeExecutable
	}
	return Entry{Name: name, Size: header.Size, Mode: mode}, nil
}

// Read reads the content of the file that Next moved to. After an error of
// Next it returns that error.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	return r.tar.Read(p)
}

// isSparse reports whether header is of a sparse file, whose content in the
// archive is not what would be read.
func isSparse(header *tar.Header) bool {
	for key := range header.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// typeName names a type of POSIX.1-2024, pax, "ustar Interchange Format".
func typeName(flag byte) string {
	switch flag {
	case tar.TypeReg, tar.TypeGNUSparse:
		return "a sparse file"
	case tar.TypeLink:
		return "a hard link"
	case tar.TypeSymlink:
		return "a symbolic link"
	case tar.TypeChar, tar.TypeBlock:
		return "a device"
	case tar.TypeFifo:
		return "a fifo"
	case tar.TypeXGlobalHeader:
		return "a global header, which other programs apply to the files after it"
	}
	return fmt.Sprintf("of type %q", flag)
}

// shorten cuts a name that has not been checked, for a message: it can have
// a MiB.
func shorten(name string) string {
	if len(name) > maxNameBytes {
		return name[:maxNameBytes] + "..."
	}
	return name
}

// limitReader is an io.LimitedReader whose end is an error of its own.
type limitReader struct {
	r    io.Reader
	left int64
}

func (l *limitReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		// Only more content is too much.
		var one [1]byte
		n, err := l.r.Read(one[:])
		if n > 0 {
			return 0, fmt.Errorf("%w: its headers and padding are out of proportion", ErrTooLarge)
		}
		return 0, err
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}
