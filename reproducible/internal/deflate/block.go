// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "encoding/binary"

// Block types, RFC 1951 section 3.2.3.
const (
	storedBlock  = 0
	fixedBlock   = 1
	dynamicBlock = 2
	maxStored    = 65535
)

var fixedLit, fixedDist = fixedCodes()

// fixedCodes are those of RFC 1951 section 3.2.6.
func fixedCodes() (lit, dist *code) {
	lit, dist = new(code), new(code)
	for s := range lit.lens {
		switch {
		case s < 144:
			lit.lens[s] = 8
		case s < 256:
			lit.lens[s] = 9
		case s < 280:
			lit.lens[s] = 7
		default:
			lit.lens[s] = 8
		}
	}
	for s := range 32 {
		dist.lens[s] = 5
	}
	lit.canonical(len(lit.lens))
	dist.canonical(32)
	return lit, dist
}

// storedBits is the size of n bytes in stored blocks after cnt bits of a byte.
func storedBits(cnt uint, n int) int {
	size := 8*n + 40*max(1, (n+maxStored-1)/maxStored)
	if cnt > 5 {
		size += 8
	}
	return size - int(cnt)
}

// stored writes p in stored blocks.
func (b *bitWriter) stored(p []byte, final bool) {
	b.reserve(len(p) + 5*(len(p)/maxStored+2))
	for first := true; first || len(p) > 0; first = false {
		n := min(len(p), maxStored)
		f := uint64(0)
		if final && n == len(p) {
			f = 1
		}
		b.put(f|storedBlock<<1, 3)
		b.align()
		b.put(uint64(n)|uint64(n^0xffff)<<16, 32)
		b.bytes(p[:n])
		p = p[n:]
	}
}

// bodyBits is the size of the tokens counted and the end of block.
//
//go:norace
func bodyBits(n *counts, lit, dist *code) int {
	size := 0
	for s, c := range n.lit {
		size += int(c) * int(lit.lens[s])
	}
	for s, c := range n.dist {
		size += int(c) * (int(dist.lens[s]) + int(distExtra[s]))
	}
	for s, x := range lengthExtra {
		size += int(n.lit[257+s]) * int(x)
	}
	return size
}

// flushBlock writes tokens[:n], which stand for the input from blockPos to p, as a block
// of the type that is smallest; of equal ones stored goes before fixed and fixed before
// dynamic.
func (e *encoder) flushBlock(w *window, n, p uint, final bool) {
	in := w[e.blockPos:p]
	e.blockPos = p
	e.block.lit[endOfBlock] = 1
	e.litCode.huffman(e.block.lit[:], 15)
	e.distCode.huffman(e.block.dist[:], 15)
	e.head.build(&e.litCode, &e.distCode)
	stored := storedBits(e.bits.cnt, len(in))
	fixed := 3 + bodyBits(&e.block, fixedLit, fixedDist)
	dynamic := 3 + e.head.size + bodyBits(&e.block, &e.litCode, &e.distCode)
	f := uint64(0)
	if final {
		f = 1
	}
	switch {
	case stored <= fixed && stored <= dynamic:
		e.bits.stored(in, final)
	case fixed <= dynamic:
		e.bits.reserve(fixed/8 + 16)
		e.bits.put(f|fixedBlock<<1, 3)
		e.body(e.tokens[:n], fixedLit, fixedDist)
	default:
		e.bits.reserve(dynamic/8 + 16)
		e.bits.put(f|dynamicBlock<<1, 3)
		e.head.write(&e.bits)
		e.body(e.tokens[:n], &e.litCode, &e.distCode)
	}
}

// body writes the tokens and the end of block.
//
//go:norace
func (e *encoder) body(tokens []uint32, lit, dist *code) {
	// One entry for each literal and each length, extra bits included: bits<<8 | number.
	t := &e.emit
	for s := range 256 {
		t.lit[s] = uint32(lit.bits[s])<<8 | uint32(lit.lens[s])
	}
	for l := range 256 {
		s := lengthSym[l]
		n := lit.lens[257+int(s)]
		v := uint32(lit.bits[257+int(s)]) | uint32(uint16(l)-lengthBase[s])<<n
		t.length[l] = v<<8 | uint32(n+lengthExtra[s])
	}
	for s := range numDist {
		t.dist[s] = distEntry{uint16(dist.bits[s]), distBase[s], dist.lens[s], distExtra[s] + dist.lens[s]}
	}
	out, n, acc, cnt := e.bits.out, e.bits.n, e.bits.acc, e.bits.cnt
	for _, tok := range tokens {
		if tok < matchFlag {
			x := t.lit[tok&255]
			acc |= uint64(x>>8) << (cnt & 63)
			cnt += uint(x & 255)
		} else {
			x := t.length[tok>>16&255]
			acc |= uint64(x>>8) << (cnt & 63)
			cnt += uint(x & 255)
			d := tok & 0x7fff
			y := &t.dist[distSym(d)&31]
			acc |= (uint64(y.code) | uint64(d-uint32(y.base))<<(y.len&63)) << (cnt & 63)
			cnt += uint(y.total)
		}
		binary.LittleEndian.PutUint64(out[n:], acc)
		n += int(cnt >> 3)
		acc >>= cnt & 56
		cnt &= 7
	}
	e.bits.n, e.bits.acc, e.bits.cnt = n, acc, cnt
	e.bits.put(uint64(lit.bits[endOfBlock]), uint(lit.lens[endOfBlock]))
}

type distEntry struct {
	code, base uint16
	len, total uint8
}

type emitTables struct {
	lit    [256]uint32
	length [256]uint32
	dist   [32]distEntry
}
