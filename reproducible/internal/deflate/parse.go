// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "math/bits"

const (
	minSearch = 6 // no match begins where fewer bytes are left
	matchFlag = 1 << 31

	// One round of parse goes less far than this: each step raises the score by two at
	// least, and that is at most 4*maxMatch.
	linkAhead = 4 * maxMatch
)

// By how much the score of a later match must be greater than that of the match in hand.
const (
	nextGain  = 1
	afterGain = 5
)

// score weighs a match: four for each byte less the bits of the distance.
func score(length, dist uint) int {
	return int(4*length) - bits.Len(dist)
}

// literal appends the byte at p as a token.
func (e *encoder) literal(w *window, p uint) {
	e.tokens[e.numTokens&tokenMask] = uint32(w[p&windowMask])
	e.numTokens++
}

// parse turns [start, end) into tokens and hands them on in units.
//
//go:norace
func (e *encoder) parse(w *window, start, end uint) {
	p := start
	for p < end {
		if p+linkAhead > e.linked {
			e.extend(w, min(p+linkStep, e.end), e.end)
		}
		if e.numTokens-e.unitStart >= unitTokens {
			e.endUnit(w, p)
		}
		if p+minSearch > end {
			e.literal(w, p)
			p++
			continue
		}
		length, dist := e.find(w, p, minMatch-1, min(end-p, maxMatch), firstDepth)
		if dist == 0 {
			e.literal(w, p)
			p++
			continue
		}
		for p+2+minSearch <= end {
			s := score(length, dist)
			n, d := e.find(w, p+1, length-1, min(end-p-1, maxMatch), nextDepth)
			if d != 0 && score(n, d) > s+nextGain {
				e.literal(w, p)
				p++
				length, dist = n, d
				continue
			}
			n, d = e.find(w, p+2, length-1, min(end-p-2, maxMatch), afterDepth)
			if d != 0 && score(n, d) > s+afterGain {
				e.literal(w, p)
				e.literal(w, p+1)
				p += 2
				length, dist = n, d
				continue
			}
			break
		}
		e.tokens[e.numTokens&tokenMask] = uint32(matchFlag | (length-minMatch)<<16 | (dist - 1))
		e.numTokens++
		p += length
	}
}
