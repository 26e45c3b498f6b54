// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"math/bits"
	"slices"
	"sort"
)

// # Blocks

func (s *second) blocks(units [][]secondToken, from, regionEnd int) {
	if len(units) == 0 {
		s.block(nil, from, from, s.last && regionEnd == s.end)
		return
	}
	b := units[0]
	for _, u := range units[1:] {
		together := append(slices.Clone(b), u...)
		if len(together) > 32_768 || secondEstimate(together) > secondEstimate(b)+secondEstimate(u) {
			to := from + secondBytes(b)
			s.block(b, from, to, false)
			b, from = u, to
		} else {
			b = together
		}
	}
	s.block(b, from, regionEnd, s.last && regionEnd == s.end)
}

func secondBytes(tokens []secondToken) (n int) {
	for _, t := range tokens {
		n += t.length
	}
	return n
}

// secondLog is log(x), with T[m] made anew each time.
func secondLog(of int) int {
	k := bits.Len(uint(of)) - 1
	m := 256 * of / (1 << k) % 256
	x, r := int64(256+m)*(1<<7), 0 // its square has more than 31 bits
	for range 8 {
		x = x * x / (1 << 15)
		r = 2 * r
		if x >= 1<<16 {
			x, r = x/2, r+1
		}
	}
	return 256*k + r
}

func secondEstimate(tokens []secondToken) int {
	literals, distances := secondCounts(tokens)
	estimate := 0
	for _, counts := range [][]int{literals, distances} {
		t := 0
		for _, c := range counts {
			if c > 0 {
				t += c
				estimate += 1024 - c*secondLog(c)
			}
		}
		if t > 0 {
			estimate += t * secondLog(t)
		}
	}
	return estimate
}

// block writes the tokens of the bytes from p to q in the way of fewest bits.
func (s *second) block(tokens []secondToken, p, q int, final bool) {
	cnt, n := len(s.bits)%8, q-p
	size := 8*n + 40*max(1, (n+65_534)/65_535) - cnt
	if cnt > 5 {
		size += 8
	}
	fixed, dynamic := secondFixed(tokens, final), secondDynamic(tokens, final)
	switch {
	case size <= len(fixed) && size <= len(dynamic):
		s.stored(p, q, final)
	case len(fixed) <= len(dynamic):
		s.bits = append(s.bits, fixed...)
	default:
		s.bits = append(s.bits, dynamic...)
	}
}

// stored writes stored bytes.
func (s *second) stored(p, q int, final bool) {
	for p < q {
		n := min(65_535, q-p)
		s.bits = secondHead(s.bits, final && p+n == q, 0)
		s.boundary()
		s.bits = secondNumber(s.bits, n, 16)
		s.bits = secondNumber(s.bits, ^n, 16)
		for _, b := range s.data[p : p+n] {
			s.bits = secondNumber(s.bits, int(b), 8)
		}
		p += n
	}
}

// secondHead appends the three bits a block begins with (3.2.3).
func secondHead(to []byte, final bool, kind int) []byte {
	if final {
		return secondNumber(append(to, 1), kind, 2)
	}
	return secondNumber(append(to, 0), kind, 2)
}

func secondFixed(tokens []secondToken, final bool) []byte { // 3.2.6
	literals := make([]int, 288)
	for i := range literals {
		switch {
		case i <= 143:
			literals[i] = 8
		case i <= 255:
			literals[i] = 9
		case i <= 279:
			literals[i] = 7
		default:
			literals[i] = 8
		}
	}
	return secondTokens(secondHead(nil, final, 1), tokens, literals, slices.Repeat([]int{5}, 30))
}

func secondDynamic(tokens []secondToken, final bool) []byte { // 3.2.7
	literalCounts, distanceCounts := secondCounts(tokens)
	literalCounts[256] = 1
	literals, distances := secondLengths(literalCounts, 15), secondLengths(distanceCounts, 15)
	out := secondHeader(secondHead(nil, final, 2), literals, distances)
	return secondTokens(out, tokens, literals, distances)
}

// secondRange is a line of one of the tables of 3.2.5.
type secondRange struct{ symbol, extra, from, to int }

var secondLengthTable = []secondRange{
	{257, 0, 3, 3}, {258, 0, 4, 4}, {259, 0, 5, 5}, {260, 0, 6, 6}, {261, 0, 7, 7}, {262, 0, 8, 8}, {263, 0, 9, 9},
	{264, 0, 10, 10}, {265, 1, 11, 12}, {266, 1, 13, 14}, {267, 1, 15, 16}, {268, 1, 17, 18}, {269, 2, 19, 22},
	{270, 2, 23, 26}, {271, 2, 27, 30}, {272, 2, 31, 34}, {273, 3, 35, 42}, {274, 3, 43, 50}, {275, 3, 51, 58},
	{276, 3, 59, 66}, {277, 4, 67, 82}, {278, 4, 83, 98}, {279, 4, 99, 114}, {280, 4, 115, 130}, {281, 5, 131, 162},
	{282, 5, 163, 194}, {283, 5, 195, 226}, {284, 5, 227, 257}, {285, 0, 258, 258},
}

var secondDistanceTable = []secondRange{
	{0, 0, 1, 1}, {1, 0, 2, 2}, {2, 0, 3, 3}, {3, 0, 4, 4}, {4, 1, 5, 6}, {5, 1, 7, 8}, {6, 2, 9, 12}, {7, 2, 13, 16},
	{8, 3, 17, 24}, {9, 3, 25, 32}, {10, 4, 33, 48}, {11, 4, 49, 64}, {12, 5, 65, 96}, {13, 5, 97, 128},
	{14, 6, 129, 192}, {15, 6, 193, 256}, {16, 7, 257, 384}, {17, 7, 385, 512}, {18, 8, 513, 768}, {19, 8, 769, 1024},
	{20, 9, 1025, 1536}, {21, 9, 1537, 2048}, {22, 10, 2049, 3072}, {23, 10, 3073, 4096}, {24, 11, 4097, 6144},
	{25, 11, 6145, 8192}, {26, 12, 8193, 12288}, {27, 12, 12289, 16384}, {28, 13, 16385, 24576}, {29, 13, 24577, 32768},
}

func secondLookUp(table []secondRange, v int) secondRange {
	return table[slices.IndexFunc(table, func(r secondRange) bool { return r.from <= v && v <= r.to })]
}

// secondCounts are the counts of both alphabets, without the end of block.
func secondCounts(tokens []secondToken) (literals, distances []int) {
	literals, distances = make([]int, 286), make([]int, 30)
	for _, t := range tokens {
		if t.distance == 0 {
			literals[t.literal]++
			continue
		}
		literals[secondLookUp(secondLengthTable, t.length).symbol]++
		distances[secondLookUp(secondDistanceTable, t.distance).symbol]++
	}
	return literals, distances
}

// secondTokens appends the tokens with their extra bits and the end of block.
func secondTokens(to []byte, tokens []secondToken, literals, distances []int) []byte {
	literalCodes, distanceCodes := secondCodes(literals), secondCodes(distances)
	for _, t := range tokens {
		if t.distance == 0 {
			to = append(to, literalCodes[int(t.literal)]...)
			continue
		}
		r := secondLookUp(secondLengthTable, t.length)
		to = append(to, literalCodes[r.symbol]...)
		to = secondNumber(to, t.length-r.from, r.extra)
		r = secondLookUp(secondDistanceTable, t.distance)
		to = append(to, distanceCodes[r.symbol]...)
		to = secondNumber(to, t.distance-r.from, r.extra)
	}
	return append(to, literalCodes[256]...)
}

// # Code lengths

type secondNode struct {
	symbol, count int
	children      []*secondNode
}

// depths sets the depth of each leaf.
func (n *secondNode) depths(lengths []int, depth int) {
	for _, c := range n.children {
		c.depths(lengths, depth+1)
	}
	if n.children == nil {
		lengths[n.symbol] = depth
	}
}

func secondLengths(counts []int, limit int) []int {
	some := 0 // symbols with a count over 0
	for _, c := range counts {
		some += min(c, 1)
	}
	counts = slices.Clone(counts)
	for s := 0; some < 2; s++ { // 1
		if counts[s] == 0 {
			counts[s] = 1
			some++
		}
	}
	for {
		var leaves, inner []*secondNode // 2
		for s, c := range counts {
			if c > 0 {
				leaves = append(leaves, &secondNode{symbol: s, count: c})
			}
		}
		sort.SliceStable(leaves, func(i, j int) bool { return leaves[i].count < leaves[j].count })
		take := func() (n *secondNode) {
			if len(inner) == 0 || len(leaves) > 0 && leaves[0].count <= inner[0].count {
				n, leaves = leaves[0], leaves[1:]
			} else {
				n, inner = inner[0], inner[1:]
			}
			return n
		}
		for len(leaves)+len(inner) > 1 {
			a, b := take(), take()
			inner = append(inner, &secondNode{count: a.count + b.count, children: []*secondNode{a, b}})
		}
		lengths := make([]int, len(counts))
		inner[0].depths(lengths, 0)
		if slices.Max(lengths) <= limit {
			return lengths
		}
		for s, c := range counts { // 3
			counts[s] = (c + 1) / 2
		}
	}
}

// secondCodes gives each symbol its code (3.2.2) as bits in the order of the stream.
func secondCodes(lengths []int) map[int][]byte {
	codes, code := map[int][]byte{}, 0
	for length := 1; length <= 15; length++ {
		for s, l := range lengths {
			if l != length {
				continue
			}
			for i := length - 1; i >= 0; i-- {
				codes[s] = append(codes[s], byte(code>>i&1))
			}
			code++
		}
		code *= 2
	}
	return codes
}

// # Header of a dynamic block

func secondHeader(to []byte, literals, distances []int) []byte {
	least := func(lengths []int, n int) int {
		for i, l := range lengths {
			if l > 0 {
				n = max(n, i+1)
			}
		}
		return n
	}
	hlit, hdist := least(literals, 257), least(distances, 1)
	sequence := slices.Concat(literals[:hlit], distances[:hdist])

	type symbol struct{ symbol, value, extra int }
	var symbols []symbol
	for len(sequence) > 0 {
		v, r := sequence[0], 1
		for r < len(sequence) && sequence[r] == v {
			r++
		}
		sequence = sequence[r:]
		if v == 0 {
			for r >= 11 {
				k := min(r, 138)
				symbols = append(symbols, symbol{18, k - 11, 7})
				r -= k
			}
			if r >= 3 {
				symbols = append(symbols, symbol{17, r - 3, 3})
				r = 0
			}
		} else {
			symbols = append(symbols, symbol{v, 0, 0})
			for r--; r >= 3; {
				k := min(6, r)
				symbols = append(symbols, symbol{16, k - 3, 2})
				r -= k
			}
		}
		for range r {
			symbols = append(symbols, symbol{v, 0, 0})
		}
	}

	counts := make([]int, 19)
	for _, s := range symbols {
		counts[s.symbol]++
	}
	lengths := secondLengths(counts, 7)
	var inOrder []int
	for _, s := range []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15} {
		inOrder = append(inOrder, lengths[s])
	}
	hclen := least(inOrder, 4)

	to = secondNumber(to, hlit-257, 5)
	to = secondNumber(to, hdist-1, 5)
	to = secondNumber(to, hclen-4, 4)
	for _, l := range inOrder[:hclen] {
		to = secondNumber(to, l, 3)
	}
	codes := secondCodes(lengths)
	for _, s := range symbols {
		to = append(to, codes[s.symbol]...)
		to = secondNumber(to, s.value, s.extra)
	}
	return to
}
