// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"archive/tar"
	"bytes"
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
	// ErrAmbiguous says that two programs that read an archive would see two
	// archives: more follows its end, or an entry has two descriptions.
	ErrAmbiguous = errors.New("ambiguous archive")
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
// skipped, and so is the global header that git archive begins with, which
// holds a comment. It reads any tar that the standard library reads, not only
// those of [WriteTar], unless other programs could read something else in it:
// the archive ends where its end is marked or with the input, and only zeros
// follow; an entry has at most one extended header; a directory has no content.
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
// Like other programs, Next accepts an archive truncated between two files; only a
// digest or gzip's trailer shows that. After an error there is no next file.
//
// Errors: a [*NameError], [ErrFileType], [ErrTooManyFiles], [ErrTooLarge] and
// [ErrAmbiguous], with the name of the file where there is one; [tar.ErrHeader]
// and others for what is no archive.
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
			err = r.atEnd()
		}
		if err == io.EOF {
			return Entry{}, io.EOF
		}
		if err != nil {
			return Entry{}, fmt.Errorf("archive after %d files: %w", r.files, err)
		}
		switch header.Typeflag {
		case tar.TypeXGlobalHeader:
			err = r.global(header)
		case tar.TypeDir:
			err = r.directory(header)
		default:
			return r.entry(header)
		}
		if err != nil {
			return Entry{}, err
		}
	}
}

// atEnd reads what follows the end of the archive, which is zeros at most, and
// returns io.EOF.
func (r *Reader) atEnd() error {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.in.Read(buf)
		if len(bytes.TrimLeft(buf[:n], "\x00")) > 0 {
			return fmt.Errorf("%w: more than zeros after its end; some programs read on there", ErrAmbiguous)
		}
		if err != nil {
			return err
		}
	}
}

// global checks a global header. One that holds more than a comment would say
// something of the files after it, to programs that heed it.
func (r *Reader) global(header *tar.Header) error {
	for key := range header.PAXRecords {
		if key != "comment" {
			return r.refuseType(header.Name, header)
		}
	}
	// The standard library forgets an extended header that stands before it.
	meta := r.in.header
	if meta.typeflag() != tar.TypeXGlobalHeader || meta.at != 0 || r.in.n != meta.contentEnd() {
		return fmt.Errorf("%q: %w: a global header that is not at the beginning of the archive", shorten(header.Name), ErrAmbiguous)
	}
	r.in.watch(meta.end())
	return nil
}

// checkHeaders refuses an entry with two descriptions. The standard library
// forgets one of two extended headers, others add them up. Where the next
// header is depends on size.
func (r *Reader) checkHeaders(header *tar.Header, size int64) error {
	meta := r.in.header
	if r.in.n != meta.at+blockSize && r.in.n != meta.end()+blockSize {
		return fmt.Errorf("%q: %w: it has more than one extended header, and programs differ on which counts", shorten(header.Name), ErrAmbiguous)
	}
	if path, ok := header.PAXRecords["path"]; ok && path != header.Name {
		return fmt.Errorf("%q: %w: it is also called %q", shorten(header.Name), ErrAmbiguous, shorten(path))
	}
	r.in.watch(r.in.n + size + padding(size))
	return nil
}

// directory checks an entry that Next skips.
func (r *Reader) directory(header *tar.Header) error {
	if r.other++; r.other > r.limits.Files {
		return fmt.Errorf("%q: %w: at most %d directories", shorten(header.Name), ErrTooManyFiles, r.limits.Files)
	}
	if header.Size != 0 {
		return fmt.Errorf("%q: %w: a directory of %d bytes, which some programs pass over and others read", shorten(header.Name), ErrAmbiguous, header.Size)
	}
	if err := r.checkHeaders(header, 0); err != nil {
		return err
	}
	name := strings.TrimPrefix(strings.TrimSuffix(header.Name, "/"), "./")
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
		return Entry{}, r.refuseType(name, header)
	}
	if r.files++; r.files > r.limits.Files {
		return Entry{}, fmt.Errorf("%q: %w: at most %d", shorten(name), ErrTooManyFiles, r.limits.Files)
	}
	if header.Size < 0 || header.Size > r.limits.Bytes-r.bytes {
		return Entry{}, fmt.Errorf("%q: %w: at most %d bytes in all files", shorten(name), ErrTooLarge, r.limits.Bytes)
	}
	r.bytes += header.Size
	if err := r.checkHeaders(header, header.Size); err != nil {
		return Entry{}, err
	}
	if err := r.names.Add(name); err != nil {
		return Entry{}, err
	}
	mode := modePlain
	if header.Mode&0o111 != 0 {
		mode = modeExecutable
	}
	return Entry{Name: name, Size: header.Size, Mode: mode}, nil
}

// refuseType returns the error of an entry that is no file.
func (r *Reader) refuseType(name string, header *tar.Header) error {
	return fmt.Errorf("%q: %w: archives hold regular files only, this is %s", shorten(name), ErrFileType, typeName(header.Typeflag))
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
