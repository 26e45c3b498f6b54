// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "encoding/binary"

const (
	dictSize   = 32768
	windowSize = 1 << 20 // dictionary and chunk together
	windowMask = windowSize - 1
	chunkSize  = windowSize - dictSize

	hash3Bits = 12
	hash4Bits = 15
	hash6Bits = 16
	hash3Mul  = 0x9E3779B1
	hash4Mul  = 0x9E3779B1
	hash6Mul  = 0x9E3779B185EBCA87

	linkStep = 16384 // so many positions are linked at a time, ahead of the search
	linkSize = 65536
)

// A window holds a chunk and before it its dictionary. The bytes behind them are there to
// be loaded, never to be looked at.
type window [windowSize + 16]byte

func (w *window) u32(i uint) uint32 {
	return binary.LittleEndian.Uint32(w[i&windowMask:])
}

func (w *window) u64(i uint) uint64 {
	return binary.LittleEndian.Uint64(w[i&windowMask:])
}

// links says for each position how far back the nearest earlier one with the same hash of
// 3, 4 or 6 bytes is, if it is within maxDist, else zero. Only the low 16 bits of a
// position count: what is linked reaches at most linkStep ahead of the search and maxDist
// behind it.
type links struct {
	link3, link4, link6 [linkSize]uint16
	head3               [1 << hash3Bits]uint32
	head4               [1 << hash4Bits]uint32
	head6               [1 << hash6Bits]uint32
	base                uint32 // added to positions in the heads, so that those of earlier chunks are out of reach
	linked              uint   // positions below this one are linked
}

// reset forgets all positions.
func (l *links) reset() {
	l.base += windowSize + maxDist
	if l.base > 1<<31 {
		clear(l.head3[:])
		clear(l.head4[:])
		clear(l.head6[:])
		l.base = windowSize + maxDist
	}
	l.linked = 0
}

// extend links the positions up to the given one; those which have fewer than 6 bytes
// before end have no link and are not found by others.
//
//go:norace
func (l *links) extend(w *window, to, end uint) {
	stop := to
	if stop+6 > end {
		stop = max(end, 5) - 5
	}
	i := l.linked
	base := l.base
	for ; i < stop; i++ {
		v := w.u64(i)
		at := base + uint32(i)
		h3 := uint32(v) << 8 * hash3Mul >> (32 - hash3Bits)
		d3 := at - l.head3[h3]
		l.head3[h3] = at
		h4 := uint32(v) * hash4Mul >> (32 - hash4Bits)
		d4 := at - l.head4[h4]
		l.head4[h4] = at
		h6 := v << 16 * hash6Mul >> (64 - hash6Bits)
		d6 := at - l.head6[h6]
		l.head6[h6] = at
		if d3 > maxDist3 {
			d3 = 0
		}
		if d4 > maxDist {
			d4 = 0
		}
		if d6 > maxDist {
			d6 = 0
		}
		k := uint16(i)
		l.link3[k] = uint16(d3)
		l.link4[k] = uint16(d4)
		l.link6[k] = uint16(d6)
	}
	for ; i < to; i++ {
		k := uint16(i)
		l.link3[k], l.link4[k], l.link6[k] = 0, 0, 0
	}
	l.linked = to
}
