// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "math/bits"

var (
	nice     uint32 = 65
	depth           = 16
	max3Dist uint32 = 4096
)

const matchFlag = 1 << 31

// A token is a literal byte, or matchFlag | (length-3)<<16 | (distance-1).
type token uint32

// score weighs a match: four for each byte less the bits of the distance.
func score(length, dist uint32) int {
	return int(4*length) - bits.Len32(dist)
}

// parse turns [start, end) into tokens and hands them on in units.
func (e *encoder) parse(w *window, start, end uint32) {
	p := start
	for p < end {
		if p+2*maxMatch > e.linked {
			e.extend(w, min(p+linkStep, e.end), e.end)
		}
		if int(e.numTokens-e.unitStart) >= unitTokens {
			e.endUnit(w, p)
		}
		length, dist := e.find(w, p, 2, min(end-p, maxMatch), depth)
		if dist == 0 {
			e.tokens[e.numTokens&tokenMask] = uint32(w[p&windowMask])
			e.numTokens++
			p++
			continue
		}
		for length < nice && p+1 < end {
			n, d := e.find(w, p+1, length-1, min(end-p-1, maxMatch), depth/2)
			if d == 0 || score(n, d) <= score(length, dist)+2 {
				break
			}
			e.tokens[e.numTokens&tokenMask] = uint32(w[p&windowMask])
			e.numTokens++
			p++
			length, dist = n, d
		}
		e.tokens[e.numTokens&tokenMask] = matchFlag | (length-3)<<16 | (dist - 1)
		e.numTokens++
		p += length
	}
}
