// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "math/bits"

// find looks for a match at position p that is longer than best and at most limit long. It returns its length, or
// best if there is none, and its distance. limit is over 3.
func (e *encoder) find(w *window, p, best, limit uint32, depth int) (uint32, uint32) {
	var dist uint32
	v := w.u64(p)
	if best < 4 {
		d := uint32(e.link4[uint16(p)])
		if d != 0 && w.u32(p-d) == uint32(v) {
			best, dist = e.extent(w, p, p-d, limit), d
		} else if best < 3 {
			d = uint32(e.link3[uint16(p)])
			if d != 0 && d <= max3Dist && (w.u32(p-d)^uint32(v))<<8 == 0 {
				best, dist = 3, d
			}
		}
		if best >= nice || best >= limit {
			return best, dist
		}
	}
	if best >= limit {
		return best, 0
	}
	d := uint32(e.link5[uint16(p)])
	total := uint32(0)
	tail := w.u32(p + best - 3)
	for d != 0 {
		total += d
		if total > maxDist {
			break
		}
		c := p - total
		if w.u32(c+best-3) == tail && w.u32(c) == uint32(v) {
			if n := e.extent(w, p, c, limit); n > best {
				best, dist = n, total
				if n >= nice || n >= limit {
					break
				}
				tail = w.u32(p + best - 3)
			}
		}
		depth--
		if depth == 0 {
			break
		}
		d = uint32(e.link5[uint16(c)])
	}
	return best, dist
}

// extent counts the equal bytes at p and c, up to limit; the first four are known to be equal.
func (e *encoder) extent(w *window, p, c, limit uint32) uint32 {
	n := uint32(4)
	for n < limit {
		if x := w.u64(p+n) ^ w.u64(c+n); x != 0 {
			return min(n+uint32(bits.TrailingZeros64(x)>>3), limit)
		}
		n += 8
	}
	return limit
}
