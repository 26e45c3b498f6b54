// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"math/bits"
	"slices"
)

// A code is the prefix code of one alphabet of a block.
type code struct {
	bits [numLit + 2]uint16 // already reversed, RFC 1951 section 3.1.1
	lens [numLit + 2]uint8
}

// huffman builds code lengths of at most limit bits and the codes for the given counts.
// Fewer than two symbols in use are made two, the lowest unused ones joining, so that the
// code is complete.
//
// It is Huffman's algorithm with two queues: the leaves by count, then symbol; the inner
// nodes in order of making; of two equal counts the leaf goes first. If a code is longer
// than limit, every count is halved, rounding up, and all begins anew.
func (c *code) huffman(counts []uint32, limit int) {
	var leaf [numLit]uint64 // count<<9 | symbol
	n := 0
	for s, f := range counts {
		if f > 0 {
			leaf[n] = uint64(f)<<9 | uint64(s)
			n++
		}
	}
	for s := 0; n < 2; s++ {
		if counts[s] == 0 {
			leaf[n] = 1<<9 | uint64(s)
			n++
		}
	}
	slices.Sort(leaf[:n])
	var depth [numLit]uint8
	for !treeDepths(leaf[:n], &depth, limit) {
		for i, l := range leaf[:n] {
			leaf[i] = (l>>9+1)/2<<9 | l&511
		}
		slices.Sort(leaf[:n])
	}
	clear(c.lens[:len(counts)])
	for i, l := range leaf[:n] {
		c.lens[l&511] = depth[i]
	}
	c.canonical(len(counts))
}

// treeDepths finds the depth of each leaf in the tree and reports whether none is over
// limit.
//
//go:norace
func treeDepths(leaf []uint64, depth *[numLit]uint8, limit int) bool {
	var (
		n          = len(leaf)
		weight     [numLit]uint64
		parent     [numLit]uint16 // of inner nodes, whose number is the order of making
		leafParent [numLit]uint16
		nextLeaf   int
		nextInner  int
	)
	for made := range n - 1 {
		var sum uint64
		for range 2 {
			if nextLeaf < n && (nextInner == made || leaf[nextLeaf]>>9 <= weight[nextInner]) {
				sum += leaf[nextLeaf] >> 9
				leafParent[nextLeaf] = uint16(made)
				nextLeaf++
			} else {
				sum += weight[nextInner]
				parent[nextInner] = uint16(made)
				nextInner++
			}
		}
		weight[made] = sum
	}
	var inner [numLit]uint8
	for i := n - 3; i >= 0; i-- {
		inner[i] = inner[parent[i]] + 1
	}
	for i := range n {
		d := inner[leafParent[i]] + 1
		if int(d) > limit {
			return false
		}
		depth[i] = d
	}
	return true
}

// canonical assigns the codes by the algorithm of RFC 1951 section 3.2.2.
//
//go:norace
func (c *code) canonical(n int) {
	var count, next [16]uint16
	for _, l := range c.lens[:n] {
		count[l&15]++
	}
	count[0] = 0
	for l := 1; l < 16; l++ {
		next[l] = (next[l-1] + count[l-1]) << 1
	}
	for s, l := range c.lens[:n] {
		if l > 0 {
			c.bits[s] = bits.Reverse16(next[l&15]) >> (16 - l)
			next[l&15]++
		}
	}
}
