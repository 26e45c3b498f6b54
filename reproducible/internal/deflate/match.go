// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "math/bits"

// How many candidates a search looks at.
const (
	nearDepth  = 3  // in the chain of 4 bytes
	firstDepth = 24 // in the chain of 6 bytes, where no match is in hand
	nextDepth  = 12 // one behind the start of the match in hand
	afterDepth = 6  // two behind it
)

// maxDist3 is the greatest distance at which a match of 3 bytes is worth its bits.
const maxDist3 = 4096

// find looks for a match at position p that is longer than best and at most limit long,
// which is 6 or more. It returns its length and distance; without a match the distance is
// zero. Of equally long ones it is the first looked at: the nearest. First come nearDepth
// candidates with the same hash of 4 bytes, until one agrees in more; then the nearest
// with the same hash of 3; then depth candidates with the same hash of 6.
//
//go:norace
func (e *encoder) find(w *window, p, best, limit uint, depth int) (length, dist uint) {
	if best >= limit {
		return best, 0
	}
	v := w.u32(p)
	if best < 5 {
		// The three are looked up before any is judged, and their being there is not
		// branched upon: in data of few matches no branch can foretell it. A word of no[]
		// is zero if the candidate is there and agrees.
		d1 := uint(e.link4[uint16(p)])
		c1 := p - d1
		d2 := uint(e.link4[uint16(c1)])
		c2 := c1 - d2
		d3 := uint(e.link4[uint16(c2)])
		c3 := c2 - d3
		none1, none2, none3 := beyond(d1, d1), beyond(d2, d1+d2), beyond(d3, d1+d2+d3)
		near := [nearDepth]uint{c1, c2, c3}
		no := [nearDepth]uint32{w.u32(c1) ^ v | none1, w.u32(c2) ^ v | none2, w.u32(c3) ^ v | none3}
		for i := range near {
			if no[i] == 0 {
				c := near[i]
				if n := w.extent(p, c, limit); n > best {
					best, dist = n, p-c
					if n > 4 {
						break
					}
				}
			}
		}
		if best < 3 {
			d := uint(e.link3[uint16(p)])
			if (w.u32(p-d)^v)<<8|beyond(d, d) == 0 {
				best, dist = 3, d
			}
		}
		// Where the chain of 4 bytes was seen to its end that of 6 has nothing new.
		if best >= limit || best <= 4 && none1|none2|none3 != 0 {
			return best, dist
		}
	}
	best = max(best, minMatch) // the hash is of more bytes than that
	c := p
	tail := w.u32(p + best - 3)
	for range depth {
		d := uint(e.link6[uint16(c)])
		c -= d
		if d == 0 || p-c > maxDist {
			break
		}
		if w.u32(c+best-3) == tail && w.u32(c) == v {
			if n := w.extent(p, c, limit); n > best {
				best, dist = n, p-c
				if n >= limit {
					break
				}
				tail = w.u32(p + best - 3)
			}
		}
	}
	return best, dist
}

// beyond is one if d, the last step, is zero or total is over maxDist, else zero. Both
// are under 2^20.
func beyond(d, total uint) uint32 {
	return ((uint32(d) - 1) | (maxDist - uint32(total))) >> 31
}

// extent counts the equal bytes at p and c, up to limit; the first four are known to be
// equal.
//
//go:norace
func (w *window) extent(p, c, limit uint) uint {
	for n := uint(4); n < limit; n += 8 {
		if x := w.u64(p+n) ^ w.u64(c+n); x != 0 {
			return min(n+uint(bits.TrailingZeros64(x)>>3), limit)
		}
	}
	return limit
}
