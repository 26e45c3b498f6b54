// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

const (
	segmentSize  = 16384
	sampleStride = 7
	repeatStride = 16
	maxRepeats   = 8
)

// flat reports whether the bytes of the segment at p are so evenly spread that their
// coding could save hardly one part in 150: the sum of the squares of the counts of a
// sample is within 1/16 of what chance would give. A segment that is not whole is never
// flat.
//
//go:norace
func (w *window) flat(p, end uint) bool {
	if p+segmentSize > end {
		return false
	}
	var count [256]uint32
	n := uint64(0)
	for i := p; i < p+segmentSize; i += sampleStride {
		count[w[i&windowMask]]++
		n++
	}
	sum := uint64(0)
	for _, c := range count {
		sum += uint64(c) * uint64(c)
	}
	// Chance gives n*n/256 + n on average, but for a part in 256 of n.
	return sum <= (n*n+n*n/16)/256+n
}

// incompressible reports whether the segment at p is to be stored: it is flat, and of its
// strings hardly one was there before.
//
//go:norace
func (e *encoder) incompressible(w *window, p, end uint) bool {
	if !w.flat(p, end) {
		return false
	}
	e.extend(w, max(e.linked, p+segmentSize), e.end)
	repeats := 0
	for i := p; i < p+segmentSize; i += repeatStride {
		d := uint(e.link4[uint16(i)])
		if d != 0 && w.u32(i-d) == w.u32(i) {
			repeats++
		}
	}
	return repeats < maxRepeats
}
