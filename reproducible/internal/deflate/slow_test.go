// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"bytes"
	"math/bits"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSlowEncoderGivesTheSameBytes holds the encoder to the text of FORMAT.md, section "DEFLATE stream". What follows
// was made from that text and shares no code with the encoder; it is simple and slow.
func TestSlowEncoderGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for _, c := range inputs() {
		in := c.make()
		if len(in) > 310000 && c.name != "chunk+1" && c.name != "random-chunk+20000" && c.name != "run-chunk+300" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.True(t, bytes.Equal(slowDeflate(in), encode(t, in, 1, 0)))
		})
	}
}

func slowDeflate(in []byte) (out []byte) {
	const size = 1<<20 - 32768
	for at := 0; at == 0 || at < len(in); at += size {
		dict := min(at, 32768)
		end := min(at+size, len(in))
		s := &slow{b: in[at-dict : end], start: dict, last: end == len(in)}
		s.links()
		s.segments()
		if !s.last && s.n%8 != 0 {
			s.put(0, 3)
			s.pad()
			s.put(0xffff0000, 32)
		}
		s.pad()
		if n := end - at; n > 0 && len(s.out) > n+5*((n+65534)/65535) {
			s.out, s.n = nil, 0
			s.stored(s.start, len(s.b), s.last)
		}
		out = append(out, s.out...)
	}
	return out
}

type slow struct {
	b     []byte // dictionary and chunk
	start int
	last  bool
	prev  [7][]int // by the number of bytes hashed; -1 is none
	out   []byte
	n     int // bits in out
}

func (s *slow) put(v uint64, n int) {
	for ; n > 0; n, v = n-1, v>>1 {
		if s.n%8 == 0 {
			s.out = append(s.out, 0)
		}
		s.out[s.n/8] |= byte(v&1) << (s.n % 8)
		s.n++
	}
}

func (s *slow) pad() { s.n = (s.n + 7) / 8 * 8 }

func (s *slow) u(i, k int) (v uint64) {
	for j := range k {
		v |= uint64(s.b[i+j]) << (8 * j)
	}
	return v
}

func (s *slow) links() {
	for _, k := range []int{3, 4, 6} {
		s.prev[k] = slices.Repeat([]int{-1}, len(s.b))
		seen := map[uint64]int{}
		for i := 0; i+6 <= len(s.b); i++ {
			h := s.u(i, k)
			switch k {
			case 3:
				h = h << 8 * 2654435761 % (1 << 32) >> 20
			case 4:
				h = h * 2654435761 % (1 << 32) >> 17
			case 6:
				h = h << 16 * 11400714785074694791 >> 48
			}
			if j, ok := seen[h]; ok && i-j <= 32768 {
				s.prev[k][i] = j
			}
			seen[h] = i
		}
	}
}

func (s *slow) flat(p int) bool {
	if p+16384 > len(s.b) {
		return false
	}
	var count [256]int
	for i := p; i < p+16384; i += 7 {
		count[s.b[i]]++
	}
	sum := 0
	for _, c := range count {
		sum += c * c
	}
	return sum <= 25086
}

func (s *slow) incompressible(p int) bool {
	if !s.flat(p) {
		return false
	}
	n := 0
	for i := p; i < p+16384; i += 16 {
		if j := s.prev[4][i]; j >= 0 && s.u(j, 4) == s.u(i, 4) {
			n++
		}
	}
	return n < 8
}

func (s *slow) segments() {
	end := len(s.b)
	if s.start == end {
		s.region(s.start, end)
	}
	for p := s.start; p < end; {
		q := p
		for q < end && s.incompressible(q) {
			q += 16384
		}
		if q > p {
			s.stored(p, q, s.last && q == end)
			p = q
			continue
		}
		q = min(p+16384, end)
		for q < end && !s.flat(q) {
			q = min(q+16384, end)
		}
		s.region(p, q)
		p = q
	}
}

func (s *slow) stored(p, q int, final bool) {
	for p < q {
		n := min(q-p, 65535)
		s.put(0, 3)
		if final && p+n == q {
			s.out[(s.n-3)/8] |= 1 << ((s.n - 3) % 8)
		}
		s.pad()
		s.put(uint64(n), 16)
		s.put(uint64(65535-n), 16)
		s.out = append(s.out, s.b[p:p+n]...)
		s.n += 8 * n
		p += n
	}
}

// A slowToken is a literal if its length is 1.
type slowToken struct{ length, dist, lit int }

func (t slowToken) score() int { return 4*t.length - bits.Len(uint(t.dist)) }

func (s *slow) extent(c, p, limit int) (n int) {
	for n < limit && s.b[c+n] == s.b[p+n] {
		n++
	}
	return n
}

func (s *slow) find(p, best, limit, depth int) (m slowToken) {
	if best >= limit {
		return m
	}
	try := func(c int) bool {
		if n := s.extent(c, p, limit); n >= 4 && n > best {
			best = n
			m = slowToken{length: n, dist: p - c}
			return true
		}
		return false
	}
	if best < 5 {
		for c, i := s.prev[4][p], 0; i < 3 && c >= 0 && p-c <= 32768; i, c = i+1, s.prev[4][c] {
			if try(c) && best > 4 {
				break
			}
		}
	}
	if best < 3 {
		if c := s.prev[3][p]; c >= 0 && p-c <= 4096 && s.extent(c, p, 3) == 3 {
			best = 3
			m = slowToken{length: 3, dist: p - c}
		}
	}
	for c, i := s.prev[6][p], 0; best < limit && i < depth && c >= 0 && p-c <= 32768; i, c = i+1, s.prev[6][c] {
		try(c)
	}
	return m
}

func (s *slow) region(p, end int) {
	var block, unit []slowToken
	literal := func() {
		unit = append(unit, slowToken{length: 1, lit: int(s.b[p])})
		p++
	}
	from := p
	join := func() {
		if len(block) > 0 {
			both := slices.Concat(block, unit)
			if len(both) > 32768 || slowEstimate(both) > slowEstimate(block)+slowEstimate(unit) {
				from = s.block(block, from, false)
				block = nil
			}
		}
		block = append(block, unit...)
		unit = nil
	}
	room := func(p int) int { return min(258, end-p) }
	for p < end {
		if len(unit) >= 768 {
			join()
		}
		var m slowToken
		if p+6 <= end {
			m = s.find(p, 2, room(p), 24)
		}
		if m.dist == 0 {
			literal()
			continue
		}
		for p+8 <= end {
			m1 := s.find(p+1, m.length-1, room(p+1), 12)
			if m1.dist > 0 && m1.score() > m.score()+1 {
				literal()
				m = m1
				continue
			}
			m2 := s.find(p+2, m.length-1, room(p+2), 6)
			if m2.dist > 0 && m2.score() > m.score()+5 {
				literal()
				literal()
				m = m2
				continue
			}
			break
		}
		unit = append(unit, m)
		p += m.length
	}
	if len(unit) > 0 {
		join()
	}
	s.block(block, from, s.last && end == len(s.b))
}
