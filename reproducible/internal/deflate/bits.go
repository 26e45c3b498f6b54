// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "encoding/binary"

// maxGrown is what the output of a chunk can need, but for freaks, which are discarded.
const maxGrown = windowSize + windowSize/64

// bitWriter packs bits as RFC 1951 section 3.1.1 says: from the least significant bit of
// each byte upwards.
type bitWriter struct {
	out []byte // out[:n] is complete; there is room for what comes
	n   int
	acc uint64
	cnt uint // bits in acc, at most 7 between calls
}

// reserve makes room for size more bytes.
func (b *bitWriter) reserve(size int) {
	need := b.n + size + 16
	if need <= len(b.out) {
		return
	}
	grown := make([]byte, max(need, min(2*len(b.out), maxGrown)))
	copy(grown, b.out[:b.n])
	b.out = grown
}

// put appends the n low bits of v; n is at most 56 and the rest of v is zero.
//
//go:norace
func (b *bitWriter) put(v uint64, n uint) {
	b.acc |= v << b.cnt
	b.cnt += n
	binary.LittleEndian.PutUint64(b.out[b.n:], b.acc)
	b.n += int(b.cnt >> 3)
	b.acc >>= b.cnt &^ 7
	b.cnt &= 7
}

// align pads with zero bits to a byte.
func (b *bitWriter) align() {
	if b.cnt > 0 {
		b.put(0, 8-b.cnt)
	}
}

// bytes appends p at a byte boundary.
func (b *bitWriter) bytes(p []byte) {
	b.n += copy(b.out[b.n:], p)
}
