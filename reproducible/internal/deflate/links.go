// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "encoding/binary"

const (
	dictSize   = 32768
	windowSize = 1 << 20 // dictionary and chunk together
	windowMask = windowSize - 1
	chunkSize  = windowSize - dictSize

	hashBits = 15
	hash3Mul = 0x9E3779B1
	hash4Mul = 0x9E3779B1
	hash5Mul = 0x9E3779B185EBCA87

	linkStep = 16384 // so many positions are linked at a time, ahead of the search
	linkSize = 65536
)

// A window holds a chunk and before it its dictionary. The bytes behind them are there to be loaded, never to be looked at.
type window [windowSize + 16]byte

func (w *window) u32(i uint32) uint32 {
	i &= windowMask
	return binary.LittleEndian.Uint32(w[i : i+4])
}

func (w *window) u64(i uint32) uint64 {
	i &= windowMask
	return binary.LittleEndian.Uint64(w[i : i+8])
}

// links says for each position how far back the nearest earlier one with the same hash of 3, 4 or 5 bytes is, if it is within
// maxDist, else zero. Only the low 16 bits of a position count: what is linked reaches at most
// linkStep+maxMatch ahead of the search and maxDist behind it.
type links struct {
	link3, link4, link5 [linkSize]uint16
	head3, head4, head5 [1 << hashBits]uint32
	base                uint32 // added to positions in the heads, so that those of earlier chunks are out of reach
	linked              uint32 // positions below this one are linked
}

// reset forgets all positions.
func (l *links) reset() {
	l.base += windowSize + maxDist
	if l.base > 1<<31 {
		clear(l.head3[:])
		clear(l.head4[:])
		clear(l.head5[:])
		l.base = windowSize + maxDist
	}
	l.linked = 0
}

// extend links the positions up to the given one; those which have fewer than 5 bytes before end have no link and are not
// found by others.
func (l *links) extend(w *window, to, end uint32) {
	stop := to
	if stop+5 > end {
		stop = max(end, 4) - 4
	}
	i := l.linked
	base := l.base
	for ; i < stop; i++ {
		v := w.u64(i)
		at := base + i
		h3 := uint32(v) << 8 * hash3Mul >> (32 - hashBits)
		d3 := at - l.head3[h3]
		l.head3[h3] = at
		h4 := uint32(v) * hash4Mul >> (32 - hashBits)
		d4 := at - l.head4[h4]
		l.head4[h4] = at
		h5 := v << 24 * hash5Mul >> (64 - hashBits)
		d5 := at - l.head5[h5]
		l.head5[h5] = at
		if d3 > maxDist {
			d3 = 0
		}
		if d4 > maxDist {
			d4 = 0
		}
		if d5 > maxDist {
			d5 = 0
		}
		k := uint16(i)
		l.link3[k] = uint16(d3)
		l.link4[k] = uint16(d4)
		l.link5[k] = uint16(d5)
	}
	for ; i < to; i++ {
		k := uint16(i)
		l.link3[k], l.link4[k], l.link5[k] = 0, 0, 0
	}
	l.linked = to
}
