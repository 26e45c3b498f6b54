// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

// An encoder holds what one chunk needs while it is encoded.
//
// From job.run on, one goroutine has the window, the output and the encoder to itself. So
// the innermost loops are marked go:norace: they would take ten times as long and show
// the race detector nothing. In their place [owned] shows it all of the two buffers, once
// for each chunk.
type encoder struct {
	links
	bits      bitWriter
	tokens    [tokenMask + 1]uint32
	numTokens uint
	unitStart uint // tokens of the block without the last unit
	unitPos   uint // position that they reach
	blockPos  uint // position at which the block begins
	blockCost uint64
	end       uint
	block     counts
	unit      counts
	litCode   code
	distCode  code
	head      header
	emit      emitTables
}

func newEncoder() *encoder { return new(encoder) }

// encode returns the DEFLATE blocks of w[start:end], using the room in out; w[:start] is
// the dictionary. They end at a byte boundary. If they are larger than stored blocks
// would be, stored blocks it is.
func (e *encoder) encode(out []byte, w *window, start, end int, last bool) []byte {
	in := w[start:end]
	e.bits = bitWriter{out: out[:cap(out)]}
	e.reset()
	e.end = uint(end)
	e.extend(w, uint(start), e.end)
	e.regions(w, uint(start), e.end, last)
	switch {
	case last:
		e.bits.align()
	case e.bits.cnt > 0:
		e.bits.stored(nil, false)
	}
	if len(in) > 0 && 8*e.bits.n > storedBits(0, len(in)) {
		e.bits.n = 0
		e.bits.stored(in, last)
	}
	out, e.bits.out = e.bits.out[:e.bits.n], nil
	return out
}

// regions cuts the chunk into runs of segments that are stored unseen and regions that
// are compressed.
func (e *encoder) regions(w *window, start, end uint, last bool) {
	stored := start // what is between stored and p waits to be stored
	p := start
	for p < end {
		if e.incompressible(w, p, end) {
			p += segmentSize
			continue
		}
		if stored < p {
			e.bits.stored(w[stored:p], false)
		}
		q := min(p+segmentSize, end)
		for q < end && !w.flat(q, end) {
			q = min(q+segmentSize, end)
		}
		e.region(w, p, q, last && q == end)
		p, stored = q, q
	}
	switch {
	case stored < end:
		e.bits.stored(w[stored:end], last)
	case start == end:
		e.region(w, start, end, last) // the empty input
	}
}

// region writes [start, end) in blocks of its own.
func (e *encoder) region(w *window, start, end uint, final bool) {
	e.numTokens, e.unitStart = 0, 0
	e.blockPos, e.unitPos = start, start
	e.block = counts{}
	e.parse(w, start, end)
	e.endUnit(w, end)
	e.flushBlock(w, e.numTokens, end, final)
}
