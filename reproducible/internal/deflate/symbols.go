// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

// RFC 1951 section 3.2.5.
const (
	minMatch   = 3
	maxMatch   = 258
	maxDist    = 32768
	endOfBlock = 256
	numLit     = 286
	numDist    = 30
	numClen    = 19
)

// Symbols, first values and numbers of extra bits of lengths and distances, by the table
// of RFC 1951 section 3.2.5.
var (
	lengthSym   [256]uint8 // by length-3: symbol-257
	lengthBase  [29]uint16
	lengthExtra [29]uint8
	distSymLow  [256]uint8 // by distance-1 if below 256
	distSymHigh [256]uint8 // by (distance-1)>>7 otherwise
	distBase    [30]uint16
	distExtra   [30]uint8
)

// clenOrder is the order of code lengths for the code length alphabet, RFC 1951 section
// 3.2.7.
var clenOrder = [numClen]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func init() {
	// The lengths go by fours with one more extra bit each time, the distances by twos;
	// 258 has a symbol of its own.
	length := 0
	for s := range 28 {
		extra := max(0, s/4-1)
		lengthBase[s], lengthExtra[s] = uint16(length), uint8(extra)
		for range 1 << extra {
			lengthSym[length] = uint8(s)
			length++
		}
	}
	lengthSym[maxMatch-minMatch], lengthBase[28] = 28, maxMatch-minMatch
	dist := 0
	for s := range 30 {
		extra := max(0, s/2-1)
		distBase[s], distExtra[s] = uint16(dist), uint8(extra)
		for d := dist; d < dist+1<<extra; d++ {
			if d < 256 {
				distSymLow[d] = uint8(s)
			} else {
				d |= 127
				distSymHigh[d>>7] = uint8(s)
			}
		}
		dist += 1 << extra
	}
}

// distSym is the symbol of distance d+1.
func distSym(d uint32) uint8 {
	if d < 256 {
		return distSymLow[d&255]
	}
	return distSymHigh[d>>7&255]
}
