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

// find looks for a match at position p that is longer than best and at most limit long, which is 6 or more. It returns
// its length and distance; without a match the distance is zero. Of equally long ones it is the first looked at: the nearest.
// First come nearDepth candidates with the same hash of 4 bytes, until one agrees in more; then the nearest with the same hash
// of 3; then depth candidates with the same hash of 6.
func (e *encoder) find(w *window, p, best, limit uint, depth int) (length, dist uint) {
	if best >= limit {
		return best, 0
	}
	v := w.u32(p)
	if best < 5 {
		c := p
		all := false
		for range nearDepth {
			d := uint(e.link4[uint16(c)])
			c -= d
			if d == 0 || p-c > maxDist {
				all = true
				break
			}
			if w.u32(c) == v {
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
			if d != 0 && d <= maxDist3 && (w.u32(p-d)^v)<<8 == 0 {
				best, dist = 3, d
			}
		}
		// Where the chain of 4 bytes was seen to its end that of 6 has nothing new.
		if all || best >= limit {
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

// extent counts the equal bytes at p and c, up to limit; the first four are known to be equal.
func (w *window) extent(p, c, limit uint) uint {
	for n := uint(4); n < limit; n += 8 {
		if x := w.u64(p+n) ^ w.u64(c+n); x != 0 {
			return min(n+uint(bits.TrailingZeros64(x)>>3), limit)
		}
	}
	return limit
}
