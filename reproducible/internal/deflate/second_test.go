// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

// This file and second_huffman_test.go are an encoder written from FORMAT.md and RFC 1951
// alone, by someone who had not seen the other one. It follows the text sentence by
// sentence, whatever that costs. Headings are those of FORMAT.md.

import "math/bits"

// second is one chunk on its way. Of each number in bits only the lowest bit is used: one
// element, one bit of the stream.
type second struct {
	data  []byte // dictionary and chunk
	start int
	end   int
	last  bool // the last chunk

	prev3, prev4, prev6 []int // -1: none

	bits []byte

	looked int // candidates that the search looked at, and words that it compared
}

// # Chunks

func secondDeflate(in []byte) []byte {
	const chunk, dictionary = 1_015_808, 32_768
	var out []byte
	for at := 0; at == 0 || at < len(in); at += chunk {
		from, to := max(0, at-dictionary), min(len(in), at+chunk)
		s := &second{data: in[from:to], start: at - from, end: to - from, last: to == len(in)}
		out = append(out, s.chunk()...)
	}
	return out
}

func (s *second) chunk() []byte {
	s.links()
	s.segments() // 1

	if len(s.bits)%8 != 0 { // 2
		if !s.last {
			s.bits = append(s.bits, 0, 0, 0)
		}
		s.boundary()
		if !s.last {
			s.bits = secondNumber(secondNumber(s.bits, 0, 16), 0xFFFF, 16)
		}
	}

	if n := s.end - s.start; n > 0 && len(s.bits)/8 > n+5*((n+65_534)/65_535) { // 3
		s.bits = nil
		s.stored(s.start, s.end, s.last)
	}

	out := make([]byte, len(s.bits)/8)
	for i, bit := range s.bits {
		out[i/8] |= bit << (i % 8)
	}
	return out
}

// boundary appends the zero bits up to the next byte.
func (s *second) boundary() {
	for len(s.bits)%8 != 0 {
		s.bits = append(s.bits, 0)
	}
}

// secondNumber appends the n bits of v, the lowest first.
func secondNumber(to []byte, v, n int) []byte {
	for i := range n {
		to = append(to, byte(v>>i&1))
	}
	return to
}

// u is the little-endian number made of k bytes.
func (s *second) u(i, k int) (v uint64) {
	for j := range k {
		v += uint64(s.data[i+j]) << (8 * j)
	}
	return v
}

// # Links

func (s *second) links() {
	const two32 = 1 << 32
	h3 := func(i int) uint64 { return s.u(i, 3) << 8 * 2654435761 % two32 / (1 << 20) }
	h4 := func(i int) uint64 { return s.u(i, 4) * 2654435761 % two32 / (1 << 17) }
	h6 := func(i int) uint64 { return s.u(i, 6) << 16 * 11400714785074694791 / (1 << 48) } // mod 2^64 by itself
	s.prev3, s.prev4, s.prev6 = s.prev(h3), s.prev(h4), s.prev(h6)
}

func (s *second) prev(hash func(int) uint64) []int {
	prev := make([]int, s.end)
	greatest := map[uint64]int{}
	for i := range prev {
		prev[i] = -1
		if i+6 > s.end {
			continue
		}
		h := hash(i)
		if j, ok := greatest[h]; ok && i-j <= 32_768 {
			prev[i] = j
		}
		greatest[h] = i
	}
	return prev
}

// # Segments and regions

const secondSegment = 16_384

func (s *second) flat(p int) bool {
	if p+secondSegment > s.end {
		return false // not a whole one
	}
	count, n := map[byte]int{}, 0
	for i := p; i < p+secondSegment; i += 7 {
		count[s.data[i]]++
		n++
	}
	sum := 0
	for _, c := range count {
		sum += c * c
	}
	return sum <= (n*n+n*n/16)/256+n
}

func (s *second) incompressible(p int) bool {
	if !s.flat(p) {
		return false
	}
	found := 0
	for i := p; i < p+secondSegment; i += 16 {
		if c := s.prev4[i]; c >= 0 && s.u(c, 4) == s.u(i, 4) {
			found++
		}
	}
	return found < 8
}

func (s *second) segments() {
	if s.start == s.end {
		s.region(s.start, s.end)
	}
	for p := s.start; p < s.end; {
		q := p
		for q < s.end && s.incompressible(q) {
			q += secondSegment
		}
		if q > p {
			s.stored(p, q, s.last && q == s.end)
		} else {
			for q += secondSegment; q < s.end && !s.flat(q); {
				q += secondSegment
			}
			q = min(q, s.end)
			s.region(p, q)
		}
		p = q
	}
}

// # Search

// secondToken is a match, or with length 1 the literal. There is no match where the
// length is 0.
type secondToken struct {
	literal          byte
	length, distance int
}

func (t secondToken) score() int { return 4*t.length - bits.Len(uint(t.distance)) }

func (s *second) extent(c, p, limit int) int {
	n := 0
	for n < limit && s.data[c+n] == s.data[p+n] {
		n++
	}
	s.looked += n / 8
	return n
}

func (s *second) find(p, best, limit, depth int) secondToken {
	if best >= limit { // 1
		return secondToken{}
	}
	distance := 0
	if best < 5 { // 2
		c := p
		for range 3 {
			c = s.prev4[c]
			s.looked++
			if c < 0 || p-c > 32_768 {
				break
			}
			if s.u(c, 4) != s.u(p, 4) {
				continue
			}
			if n := s.extent(c, p, limit); n > best {
				best, distance = n, p-c
				if best > 4 {
					break
				}
			}
		}
	}
	if best < 3 { // 3
		if c := s.prev3[p]; c >= 0 && p-c <= 4096 && s.u(c, 3) == s.u(p, 3) {
			best, distance = 3, p-c
		}
	}
	if best < limit { // 4
		c := p
		for range depth {
			c = s.prev6[c]
			s.looked++
			if c < 0 || p-c > 32_768 {
				break
			}
			if s.u(c, 4) != s.u(p, 4) {
				continue
			}
			if n := s.extent(c, p, limit); n > best {
				best, distance = n, p-c
				if best >= limit {
					break
				}
			}
		}
	}
	if distance > 0 { // 5
		return secondToken{length: best, distance: distance}
	}
	return secondToken{}
}

// # Tokens

// region makes the tokens of a region, and of them the units, and gives these to be made
// into blocks.
func (s *second) region(p, regionEnd int) {
	from := p
	var unit []secondToken
	var units [][]secondToken
	literal := func() {
		unit = append(unit, secondToken{literal: s.data[p], length: 1})
		p++
	}
	limit := func(i int) int { return min(258, regionEnd-i) }
	for p < regionEnd {
		if len(unit) >= 768 { // see Blocks
			units = append(units, unit)
			unit = nil
		}
		if p+6 > regionEnd { // 1
			literal()
			continue
		}
		m := s.find(p, 2, limit(p), 24) // 2
		if m.length == 0 {
			literal()
			continue
		}
		for p+8 <= regionEnd { // 3
			m1 := s.find(p+1, m.length-1, limit(p+1), 12) // 3.1
			if m1.length > 0 && m1.score() > m.score()+1 {
				literal()
				m = m1
				continue
			}
			m2 := s.find(p+2, m.length-1, limit(p+2), 6) // 3.2
			if m2.length > 0 && m2.score() > m.score()+5 {
				literal()
				literal()
				m = m2
				continue
			}
			break // 3.3
		}
		unit = append(unit, m) // 4
		p += m.length
	}
	if len(unit) > 0 {
		units = append(units, unit)
	}
	s.blocks(units, from, regionEnd)
}
