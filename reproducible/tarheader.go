// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"strconv"
	"strings"
)

// Headers are made here and not by archive/tar: a release of Go that wrote
// another one would change every digest. Where an archive could be written in
// many ways, what follows is the way of FORMAT.md, "Tar archive".

const (
	blockSize    = 512
	fieldName    = 100 // the length of the field "name", in bytes
	fieldPrefix  = 155
	maxOctal     = 1<<33 - 1 // the greatest number that 11 octal digits hold
	trailerSize  = 2 * blockSize
	extendedName = "PaxHeaders.0/"
)

// block is one block of an archive.
type block [blockSize]byte

// tarEntry is what the headers of an entry say.
type tarEntry struct {
	name  string
	size  int64
	epoch int64 // seconds since 1970
	mode  int64
}

// headers returns the extended header, if the entry needs one, and the header.
func (e tarEntry) headers() []byte {
	ascii := asciiOnly(e.name)
	var records []byte
	if e.epoch > maxOctal {
		records = appendRecord(records, "mtime", strconv.FormatInt(e.epoch, 10))
	}
	size := ""
	if e.size > maxOctal {
		size = strconv.FormatInt(e.size, 10)
	}
	slash := -1
	if len(e.name) > fieldName && ascii == e.name && records == nil && size == "" {
		slash = splitAt(e.name)
	}
	if ascii != e.name || len(e.name) > fieldName && slash < 0 {
		records = appendRecord(records, "path", e.name)
	}
	if size != "" {
		records = appendRecord(records, "size", size)
	}

	var out []byte
	if records != nil {
		out = extendedHeader(e.name, len(records))
		out = append(out, records...)
		out = append(out, make([]byte, padding(int64(len(records))))...)
	}
	var b block
	if slash >= 0 {
		copy(b[0:], e.name[slash+1:])
		copy(b[345:], e.name[:slash])
	} else {
		copy(b[0:], shortName(ascii))
	}
	b.octal(329, 7, 0) // devmajor
	b.octal(337, 7, 0) // devminor
	b.finish(e.mode, inOctal(e.size), inOctal(e.epoch), '0')
	return append(out, b[:]...)
}

// extendedHeader returns the header of records that belong to the file name.
func extendedHeader(name string, size int) []byte {
	slash := strings.LastIndexByte(name, '/') + 1
	own := asciiOnly(name[:slash] + extendedName + name[slash:])
	own = strings.TrimRight(own[:min(fieldName, len(own))], "/")
	var b block
	copy(b[0:], own)
	b.finish(0, int64(size), 0, 'x')
	return b[:]
}

// finish fills in what all headers have.
func (b *block) finish(mode, size, mtime int64, typeflag byte) {
	b.octal(100, 7, mode)
	b.octal(108, 7, 0) // uid
	b.octal(116, 7, 0) // gid
	b.octal(124, 11, size)
	b.octal(136, 11, mtime)
	b[156] = typeflag
	copy(b[257:], "ustar\x0000")
	copy(b[148:], "        ")
	var sum int64
	for _, c := range b {
		sum += int64(c)
	}
	b.octal(148, 6, sum)
	b[154] = 0
}

// octal writes n in so many digits at offset.
func (b *block) octal(offset, digits int, n int64) {
	for i := offset + digits - 1; i >= offset; i-- {
		b[i] = '0' + byte(n&7)
		n >>= 3
	}
}

// inOctal returns what stands in a header for a number that a record may say.
func inOctal(n int64) int64 {
	if n > maxOctal {
		return 0
	}
	return n
}

// splitAt returns the index of the slash at which a name is split between the
// fields "prefix" and "name", or -1.
func splitAt(name string) int {
	i := strings.LastIndexByte(name[:min(fieldPrefix+1, len(name))], '/')
	if rest := len(name) - i - 1; i <= 0 || rest < 1 || rest > fieldName {
		return -1
	}
	return i
}

// shortName returns what stands in the field "name" of a name that is not
// split, ascii being what it has of ASCII.
func shortName(ascii string) string {
	if len(ascii) <= fieldName {
		return ascii
	}
	short := []byte(ascii[:fieldName])
	if short[fieldName-1] == '/' {
		// A reader of old takes such an entry for a directory.
		short[len(strings.TrimRight(string(short[:fieldName-1]), "/"))] = 0
	}
	return string(short)
}

// asciiOnly leaves out the bytes of 0x80 and above.
func asciiOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x80 { // in UTF-8 all bytes of such a character are
			return -1
		}
		return r
	}, s)
}

// appendRecord appends a record of an extended header, which begins with its
// own length.
func appendRecord(to []byte, key, value string) []byte {
	const around = len(" =\n")
	size := around + len(key) + len(value)
	size += len(strconv.Itoa(size))
	if n := around + len(key) + len(value) + len(strconv.Itoa(size)); n > size {
		size = n // the length itself made it a digit longer
	}
	to = strconv.AppendInt(to, int64(size), 10)
	to = append(to, ' ')
	to = append(to, key...)
	to = append(to, '=')
	to = append(to, value...)
	return append(to, '\n')
}

// padding returns how many NULs fill up size bytes to whole blocks.
func padding(size int64) int64 { return -size & (blockSize - 1) }
