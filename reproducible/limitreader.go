// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// limitReader is an io.LimitedReader whose end is an error of its own. It
// remembers one block of what passes.
type limitReader struct {
	r      io.Reader
	left   int64
	n      int64 // bytes that have passed
	header watchedBlock
}

// watchedBlock is the first header of an entry: its own, or an extended one.
type watchedBlock struct {
	block
	at int64 // where it begins
}

// watch says where the block to be remembered begins.
func (l *limitReader) watch(at int64) { l.header = watchedBlock{at: at} }

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
	l.header.pass(p[:n], l.n)
	l.n += int64(n)
	return n, err
}

// pass keeps what of p, which stands at offset, belongs to the block.
func (b *watchedBlock) pass(p []byte, offset int64) {
	if skip := b.at - offset; skip > 0 {
		p = p[min(skip, int64(len(p))):]
		offset = b.at
	}
	if into := offset - b.at; into < blockSize {
		copy(b.block[into:], p)
	}
}

func (b *watchedBlock) typeflag() byte { return b.block[156] }

// contentEnd returns where the content of the header ends, which for an
// extended header are its records, and end where the next block begins. Sizes
// that nobody writes so count as none, so that nothing stands where it should.
func (b *watchedBlock) contentEnd() int64 {
	field := strings.Trim(string(b.block[124:136]), " \x00")
	size, err := strconv.ParseInt(field, 8, 64)
	if err != nil || size < 0 {
		size = 0
	}
	return b.at + blockSize + size
}

func (b *watchedBlock) end() int64 {
	end := b.contentEnd()
	return end + padding(end)
}
