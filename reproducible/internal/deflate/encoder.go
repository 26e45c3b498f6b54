// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

// An encoder holds what one chunk needs while it is encoded.
type encoder struct {
	links
	bits      bitWriter
	tokens    [tokenMask + 1]uint32
	numTokens uint32
	unitStart uint32 // tokens of the block without the last unit
	unitPos   uint32 // position that they reach
	blockPos  uint32 // position at which the block begins
	blockCost uint64
	end       uint32
	block     counts
	unit      counts
	litCode   code
	distCode  code
	head      header
	emit      emitTables
}

func newEncoder() *encoder { return new(encoder) }

// encode appends the DEFLATE blocks of w[start:end] to out; w[:start] is the dictionary. If the chunk is not the last, they end at
// a byte boundary.
func (e *encoder) encode(out []byte, w *window, start, end int, last bool) []byte {
	e.bits = bitWriter{out: out[:cap(out)]}
	e.reset()
	e.end = uint32(end)
	e.region(w, uint32(start), uint32(end), last)
	if last {
		e.bits.align()
	} else if e.bits.cnt > 0 {
		e.bits.stored(nil, false)
	}
	return e.bits.out[:e.bits.n]
}

// region writes [start, end) in blocks of its own.
func (e *encoder) region(w *window, start, end uint32, final bool) {
	e.numTokens, e.unitStart = 0, 0
	e.blockPos, e.unitPos = start, start
	e.block = counts{}
	e.extend(w, start, e.end)
	e.parse(w, start, end)
	e.endUnit(w, end)
	e.flushBlock(w, e.numTokens, end, final)
}
