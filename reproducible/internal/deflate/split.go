// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import "math/bits"

const (
	unitTokens = 768     // what the decision to begin a new block looks at
	maxTokens  = 1 << 15 // in a block that takes in one more unit
	tokenMask  = 1<<16 - 1
	symbolBits = 4 // what a symbol in use adds to the block's header, about
)

// counts are the numbers of each symbol in a run of tokens.
type counts struct {
	lit  [numLit]uint32
	dist [numDist]uint32
}

// logTable holds log2(1+m/256) in units of 1/256, found by repeated squaring.
var logTable [256]uint8

func init() {
	for m := range logTable {
		x := uint32(256+m) << 7
		r := uint32(0)
		for range 8 {
			x = x * x >> 15
			r <<= 1
			if x >= 1<<16 {
				x >>= 1
				r |= 1
			}
		}
		logTable[m] = uint8(r)
	}
}

// log2 is the binary logarithm of c, which is not zero, in units of 1/256.
func log2(c uint32) uint32 {
	k := uint32(bits.Len32(c) - 1)
	return k<<8 | uint32(logTable[uint8(uint64(c)<<8>>k)])
}

// estimate is about how many bits, in units of 1/256, the symbols of a and b would take
// in one block: their entropy and something for each symbol in use.
func estimate(a, b *counts) uint64 {
	lit, litUsed := entropy(a.lit[:], b.lit[:])
	dist, distUsed := entropy(a.dist[:], b.dist[:])
	return lit + dist + symbolBits*(litUsed+distUsed)<<8
}

// entropy is the sum over the symbols of their count times log2 of total over count, and
// the number of symbols in use.
//
//go:norace
func entropy(a, b []uint32) (size, used uint64) {
	var total, sum uint64
	b = b[:len(a)]
	for i := range a {
		if c := a[i] + b[i]; c != 0 {
			sum += uint64(c) * uint64(log2(c))
			total += uint64(c)
			used++
		}
	}
	if total == 0 {
		return 0, 0
	}
	return total*uint64(log2(uint32(total))) - sum, used
}

var noCounts counts

// countUnit counts the symbols of the unit's tokens.
//
//go:norace
func (e *encoder) countUnit() {
	u := &e.unit
	*u = counts{}
	for _, t := range e.tokens[e.unitStart:e.numTokens] {
		if t < matchFlag {
			u.lit[t&255]++
		} else {
			u.lit[257+uint(lengthSym[t>>16&255])]++
			u.dist[distSym(t&0x7fff)]++
		}
	}
}

// endUnit decides whether the unit of tokens that ends before position p goes with those
// before it in one block.
func (e *encoder) endUnit(w *window, p uint) {
	if e.numTokens == e.unitStart {
		return
	}
	e.countUnit()
	cost := estimate(&e.unit, &noCounts)
	if e.unitStart > 0 {
		joined := estimate(&e.block, &e.unit)
		if e.numTokens > maxTokens || joined > e.blockCost+cost {
			e.flushBlock(w, e.unitStart, e.unitPos, false)
			n := copy(e.tokens[:], e.tokens[e.unitStart:e.numTokens])
			e.numTokens = uint(n)
			e.unitStart = 0
			e.block = counts{}
		} else {
			cost = joined
		}
	}
	for i, c := range e.unit.lit {
		e.block.lit[i] += c
	}
	for i, c := range e.unit.dist {
		e.block.dist[i] += c
	}
	e.blockCost = cost
	e.unitStart = e.numTokens
	e.unitPos = p
}
