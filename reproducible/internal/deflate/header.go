// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

// A header is the description of the two codes of a dynamic block, RFC 1951 section 3.2.7.
type header struct {
	nlit, ndist, nclen int
	code               code
	items              [numLit + numDist]uint16 // symbol | value of its extra bits<<8
	n                  int
	size               int // in bits, those of the block header not counted
}

// clenExtra is the number of extra bits of the symbols 16, 17 and 18.
var clenExtra = [numClen]uint8{16: 2, 17: 3, 18: 7}

// build lays out the header for the two codes.
func (h *header) build(lit, dist *code) {
	h.nlit, h.ndist = numLit, numDist
	for h.nlit > 257 && lit.lens[h.nlit-1] == 0 {
		h.nlit--
	}
	for h.ndist > 1 && dist.lens[h.ndist-1] == 0 {
		h.ndist--
	}
	var lens [numLit + numDist]uint8
	n := copy(lens[:], lit.lens[:h.nlit])
	n += copy(lens[n:], dist.lens[:h.ndist])
	var counts [numClen]uint32
	h.n = 0
	item := func(sym, extra int) {
		h.items[h.n] = uint16(sym | extra<<8)
		h.n++
		counts[sym]++
	}
	for i := 0; i < n; {
		l := lens[i]
		run := 1
		for i+run < n && lens[i+run] == l {
			run++
		}
		i += run
		if l == 0 {
			for ; run >= 11; run -= min(run, 138) {
				item(18, min(run, 138)-11)
			}
			if run >= 3 {
				item(17, run-3)
				run = 0
			}
		} else {
			item(int(l), 0)
			for run--; run >= 3; run -= min(run, 6) {
				item(16, min(run, 6)-3)
			}
		}
		for ; run > 0; run-- {
			item(int(l), 0)
		}
	}
	h.code.huffman(counts[:], 7)
	h.nclen = numClen
	for h.nclen > 4 && h.code.lens[clenOrder[h.nclen-1]] == 0 {
		h.nclen--
	}
	h.size = 5 + 5 + 4 + 3*h.nclen
	for s, c := range counts {
		h.size += int(c) * (int(h.code.lens[s]) + int(clenExtra[s]))
	}
}

// write appends the header.
func (h *header) write(b *bitWriter) {
	b.put(uint64(h.nlit-257)|uint64(h.ndist-1)<<5|uint64(h.nclen-4)<<10, 14)
	for _, s := range clenOrder[:h.nclen] {
		b.put(uint64(h.code.lens[s]), 3)
	}
	for _, it := range h.items[:h.n] {
		s := it & 255
		b.put(uint64(h.code.bits[s])|uint64(it>>8)<<h.code.lens[s], uint(h.code.lens[s]+clenExtra[s]))
	}
}
