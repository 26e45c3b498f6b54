// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package chunks keeps content in memory in pieces, and computes digests.
package chunks

import (
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/opencontainers/go-digest"
)

const (
	minChunk = 512
	maxChunk = 1 << 20
)

// List is content in memory. It grows without being copied, and is not changed any
// more once a reader exists.
type List struct {
	list [][]byte
	size int64
}

// Of returns content that is there already.
func Of(content []byte) *List { return &List{[][]byte{content}, int64(len(content))} }

// Size returns how many bytes there are.
func (c *List) Size() int64 { return c.size }

// Append appends all that r holds and writes it to h as well.
func (c *List) Append(r io.Reader, h hash.Hash) error {
	write := h.Write
	for {
		last := len(c.list) - 1
		if last < 0 || len(c.list[last]) == cap(c.list[last]) {
			// Each chunk is as large as all before it, up to a limit.
			c.list = append(c.list, make([]byte, 0, min(max(c.size, minChunk), maxChunk)))
			if last++; last == asideFrom {
				var wait func()
				write, wait = hashAside(h)
				defer wait()
			}
		}
		b := c.list[last]
		n, err := r.Read(b[len(b):cap(b)])
		_, _ = write(b[len(b) : len(b)+n]) // a hash never fails
		c.list[last] = b[:len(b)+n]
		c.size += int64(n)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// asideFrom is the chunk from which it pays to compute the hash in another
// goroutine, while the next bytes arrive.
const asideFrom = 11

// hashAside hashes in a goroutine of its own, which ends with wait. The bytes that
// are written must not change.
func hashAside(h hash.Hash) (write func([]byte) (int, error), wait func()) {
	pieces, done := make(chan []byte, 16), make(chan struct{})
	go func() {
		defer close(done)
		for p := range pieces {
			h.Write(p)
		}
	}()
	write = func(p []byte) (int, error) {
		pieces <- p
		return len(p), nil
	}
	return write, func() {
		close(pieces)
		<-done
	}
}

// Cut removes what is behind the first size bytes.
func (c *List) Cut(size int64) {
	for c.size > size {
		last := len(c.list) - 1
		b := c.list[last]
		n := min(int64(len(b)), c.size-size)
		c.size -= n
		if c.list[last] = b[:int64(len(b))-n]; len(c.list[last]) == 0 {
			c.list = c.list[:last]
		}
	}
}

// WriteInto writes all of it into a hash.
func (c *List) WriteInto(h hash.Hash) {
	for _, b := range c.list {
		h.Write(b)
	}
}

// Digest computes the digest by any algorithm.
func (c *List) Digest(a digest.Algorithm) digest.Digest {
	h := a.Hash()
	c.WriteInto(h)
	return Encode(a, h)
}

// Sum is a.FromBytes without what go-digest spends on formatting: it is on the way of
// every push.
func Sum(a digest.Algorithm, content []byte) digest.Digest {
	h := a.Hash()
	h.Write(content)
	return Encode(a, h)
}

// Encode is the digest that a hash has come to.
func Encode(a digest.Algorithm, h hash.Hash) digest.Digest {
	var buf [len("sha512:") + 2*sha512.Size]byte
	var raw [sha512.Size]byte
	b := append(append(buf[:0], a...), ':')
	return digest.Digest(hex.AppendEncode(b, h.Sum(raw[:0])))
}

// Open returns a reader. io.Copy hands the pieces to the writer uncopied.
func (c *List) Open() io.ReadSeekCloser { return &reader{c: c} }

type reader struct {
	c     *List
	chunk int // index of the current chunk
	off   int // offset in it
}

func (r *reader) Read(p []byte) (int, error) {
	for r.chunk < len(r.c.list) {
		if b := r.c.list[r.chunk][r.off:]; len(b) > 0 {
			n := copy(p, b)
			r.off += n
			return n, nil
		}
		r.chunk, r.off = r.chunk+1, 0
	}
	return 0, io.EOF
}

func (r *reader) WriteTo(w io.Writer) (total int64, err error) {
	for ; r.chunk < len(r.c.list); r.chunk, r.off = r.chunk+1, 0 {
		n, err := w.Write(r.c.list[r.chunk][r.off:])
		total += int64(n)
		if err != nil {
			r.off += n
			return total, err
		}
	}
	return total, nil
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekEnd:
		offset += r.c.size
	default:
		pos := int64(r.off)
		for _, b := range r.c.list[:r.chunk] {
			pos += int64(len(b))
		}
		offset += pos
	}
	if offset < 0 {
		return 0, errors.New("seek to before the start")
	}
	rest := offset
	for r.chunk = 0; r.chunk < len(r.c.list) && rest >= int64(len(r.c.list[r.chunk])); r.chunk++ {
		rest -= int64(len(r.c.list[r.chunk]))
	}
	r.off = 0
	if r.chunk < len(r.c.list) {
		r.off = int(rest)
	}
	return offset, nil
}

func (r *reader) Close() error { return nil }
