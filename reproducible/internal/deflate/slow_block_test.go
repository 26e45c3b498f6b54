// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"math/bits"
	"sort"
)

// slowSymbol finds a value in a table of RFC 1951 section 3.2.5: the symbol, its extra bits and their number.
func slowSymbol(v int, extra func(sym int) int) (sym, rest, n int) {
	for v >= 1<<extra(sym) {
		v -= 1 << extra(sym)
		sym++
	}
	return sym, v, extra(sym)
}

func slowLength(length int) (sym, rest, n int) {
	if length == 258 {
		return 285, 0, 0
	}
	sym, rest, n = slowSymbol(length-3, func(s int) int { return max(0, s/4-1) })
	return sym + 257, rest, n
}

func slowDist(dist int) (sym, rest, n int) {
	return slowSymbol(dist-1, func(s int) int { return max(0, s/2-1) })
}

func slowCount(tokens []slowToken) (lit [286]int, dist [30]int) {
	for _, t := range tokens {
		if t.length == 1 {
			lit[t.lit]++
			continue
		}
		l, _, _ := slowLength(t.length)
		d, _, _ := slowDist(t.dist)
		lit[l]++
		dist[d]++
	}
	return lit, dist
}

func slowLog(x int) int {
	k := bits.Len(uint(x)) - 1
	m := 256 * x / (1 << k) % 256
	y, r := (256+m)<<7, 0
	for range 8 {
		y = y * y >> 15
		r *= 2
		if y >= 1<<16 {
			y, r = y/2, r+1
		}
	}
	return 256*k + r
}

func slowEstimate(tokens []slowToken) (size int) {
	lit, dist := slowCount(tokens)
	for _, counts := range [][]int{lit[:], dist[:]} {
		total := 0
		for _, c := range counts {
			if c > 0 {
				total += c
				size += 1024 - c*slowLog(c)
			}
		}
		if total > 0 {
			size += total * slowLog(total)
		}
	}
	return size
}

// slowCode makes code lengths.
func slowCode(counts []int, limit int) []int {
	type node struct{ count, sym, left, right int }
	var leaves []node
	used := 0
	for _, c := range counts {
		if c > 0 {
			used++
		}
	}
	for s, c := range counts {
		if c == 0 && used < 2 {
			c = 1
			used++
		}
		if c > 0 {
			leaves = append(leaves, node{c, s, -1, -1})
		}
	}
	for {
		sort.Slice(leaves, func(i, j int) bool {
			return leaves[i].count < leaves[j].count || leaves[i].count == leaves[j].count && leaves[i].sym < leaves[j].sym
		})
		nodes := append([]node(nil), leaves...)
		leaf, inner := 0, len(leaves)
		take := func() int {
			if leaf < len(leaves) && (inner == len(nodes) || nodes[leaf].count <= nodes[inner].count) {
				leaf++
				return leaf - 1
			}
			inner++
			return inner - 1
		}
		for range len(leaves) - 1 {
			a, b := take(), take()
			nodes = append(nodes, node{nodes[a].count + nodes[b].count, -1, a, b})
		}
		lens := make([]int, len(counts))
		deepest := 0
		var walk func(i, depth int)
		walk = func(i, depth int) {
			if nodes[i].left < 0 {
				lens[nodes[i].sym] = depth
				deepest = max(deepest, depth)
				return
			}
			walk(nodes[i].left, depth+1)
			walk(nodes[i].right, depth+1)
		}
		walk(len(nodes)-1, 0)
		if deepest <= limit {
			return lens
		}
		for i := range leaves {
			leaves[i].count = (leaves[i].count + 1) / 2
		}
	}
}

// symbol writes the code of a symbol, RFC 1951 section 3.2.2, most significant bit first.
func (s *slow) symbol(lens []int, sym int) {
	code := 0
	for l := 1; l <= lens[sym]; l++ {
		for t, n := range lens {
			if n == l && (l < lens[sym] || t < sym) {
				code++
			}
		}
		if l < lens[sym] {
			code <<= 1
		}
	}
	for i := lens[sym] - 1; i >= 0; i-- {
		s.put(uint64(code>>i), 1)
	}
}

func (s *slow) tokens(tokens []slowToken, lit, dist []int) {
	for _, t := range tokens {
		if t.length == 1 {
			s.symbol(lit, t.lit)
			continue
		}
		sym, rest, n := slowLength(t.length)
		s.symbol(lit, sym)
		s.put(uint64(rest), n)
		sym, rest, n = slowDist(t.dist)
		s.symbol(dist, sym)
		s.put(uint64(rest), n)
	}
	s.symbol(lit, 256)
}

func (s *slow) header(lit, dist []int) {
	for len(lit) > 257 && lit[len(lit)-1] == 0 {
		lit = lit[:len(lit)-1]
	}
	for len(dist) > 1 && dist[len(dist)-1] == 0 {
		dist = dist[:len(dist)-1]
	}
	type item struct{ sym, rest, n int }
	var items []item
	all := append(append([]int(nil), lit...), dist...)
	for i := 0; i < len(all); {
		v, r := all[i], 0
		for i < len(all) && all[i] == v {
			i, r = i+1, r+1
		}
		if v > 0 {
			items = append(items, item{v, 0, 0})
			for r--; r >= 3; r -= min(6, r) {
				items = append(items, item{16, min(6, r) - 3, 2})
			}
		} else {
			for ; r >= 11; r -= min(138, r) {
				items = append(items, item{18, min(138, r) - 11, 7})
			}
			if r >= 3 {
				items = append(items, item{17, r - 3, 3})
				r = 0
			}
		}
		for ; r > 0; r-- {
			items = append(items, item{v, 0, 0})
		}
	}
	var counts [19]int
	for _, it := range items {
		counts[it.sym]++
	}
	lens := slowCode(counts[:], 7)
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	for len(order) > 4 && lens[order[len(order)-1]] == 0 {
		order = order[:len(order)-1]
	}
	s.put(uint64(len(lit)-257), 5)
	s.put(uint64(len(dist)-1), 5)
	s.put(uint64(len(order)-4), 4)
	for _, o := range order {
		s.put(uint64(lens[o]), 3)
	}
	for _, it := range items {
		s.symbol(lens, it.sym)
		s.put(uint64(it.rest), it.n)
	}
}

// block writes the tokens, which stand for the bytes from the given position on, and returns the position behind them.
func (s *slow) block(tokens []slowToken, from int, final bool) int {
	n := 0
	for _, t := range tokens {
		n += t.length
	}
	var fixedLit [288]int
	for i := range fixedLit {
		switch {
		case i < 144 || i >= 280:
			fixedLit[i] = 8
		case i < 256:
			fixedLit[i] = 9
		default:
			fixedLit[i] = 7
		}
	}
	var fixedDist [32]int
	for i := range fixedDist {
		fixedDist[i] = 5
	}
	lit, dist := slowCount(tokens)
	lit[256] = 1
	f := uint64(0)
	if final {
		f = 1
	}
	// Both ways are written to see how long they are.
	fixed, dynamic := &slow{}, &slow{}
	fixed.put(f|1<<1, 3)
	fixed.tokens(tokens, fixedLit[:], fixedDist[:])
	dynamicLit, dynamicDist := slowCode(lit[:], 15), slowCode(dist[:], 15)
	dynamic.put(f|2<<1, 3)
	dynamic.header(dynamicLit, dynamicDist)
	dynamic.tokens(tokens, dynamicLit, dynamicDist)
	cnt := s.n % 8
	stored := 8*n + 40*max(1, (n+65534)/65535) - cnt
	if cnt > 5 {
		stored += 8
	}
	best := fixed
	switch {
	case stored <= fixed.n && stored <= dynamic.n:
		s.stored(from, from+n, final)
		return from + n
	case dynamic.n < fixed.n:
		best = dynamic
	}
	for i := range best.n {
		s.put(uint64(best.out[i/8]>>(i%8)), 1)
	}
	return from + n
}
