// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"math/bits"
	"slices"
)

// secondParts is what inputs are put together from.
type secondParts struct{ words, code, noise []byte }

func (*secondParts) alphabet(x *xorshift, n, k int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(x.below(k))
	}
	return p
}

// skewedByte is 0 half of the time, 1 a quarter of the time, and so on.
func (*secondParts) skewedByte(x *xorshift) byte { return byte(bits.TrailingZeros32(x.next() | 1<<25)) }

// cut is n bytes of p from anywhere.
func (*secondParts) cut(x *xorshift, p []byte, n int) []byte {
	n = min(n, len(p))
	i := x.below(len(p) - n + 1)
	return p[i : i+n]
}

// again appends n bytes from distance d on, one in every so many altered.
func (*secondParts) again(x *xorshift, p []byte, d, n, every int) []byte {
	for range n {
		b := p[len(p)-d]
		if every > 0 && x.below(every) == 0 {
			b = byte(x.next())
		}
		p = append(p, b)
	}
	return p
}

// mixed has size bytes, made of parts up to 2·part long.
func (s *secondParts) mixed(x *xorshift, size, part int) []byte {
	var p []byte
	for len(p) < size {
		n := 1 + x.below(part) + x.below(part)
		switch x.below(12) {
		case 0:
			p = append(p, s.alphabet(x, n, []int{1, 2, 3, 4, 6, 10, 40, 100, 200, 256}[x.below(10)])...)
		case 1:
			p = append(p, s.cut(x, s.words, n)...)
		case 2:
			p = append(p, s.cut(x, s.code, n)...)
		case 3:
			p = append(p, s.cut(x, s.noise, n)...)
		case 4:
			p = append(p, s.skewedByte(x))
		case 5: // to about the next segment
			n = max(0, (len(p)+16_383)/16_384*16_384-len(p)+x.below(17)-8)
			p = append(p, s.cut(x, [][]byte{s.words, s.noise, make([]byte, 16_392)}[x.below(3)], n)...)
		case 6: // at a distance about one that matters
			d := []int{1, 2, 3, 4, 258, 4096, 16_384, 32_768}[x.below(8)] + x.below(5) - 2
			if 0 < d && d <= len(p) {
				p = s.again(x, p, d, min(n, 1+x.below(600)), 0)
			}
		default:
			if len(p) > 0 {
				d := 1 + x.below(1<<x.below(bits.Len(uint(len(p)))))
				p = s.again(x, p, d, 1+x.below(1<<(1+x.below(bits.Len(uint(n))))), []int{0, 0, 0, 5, 30, 300}[x.below(6)])
			}
		}
	}
	return p[:size]
}

// segments are hardly flat or hardly not, hardly incompressible or hardly not.
func (s *secondParts) segments(x *xorshift) []byte {
	var p []byte
	for range 1 + x.below(8) {
		seg := make([]byte, 16_384)
		constant := 0
		kind := x.below(5)
		if kind == 0 { // around the bound of being flat
			constant = 60 + x.below(90)
		}
		for i := range seg {
			if seg[i] = byte(x.next()); x.below(5000) < constant {
				seg[i] = 0
			}
		}
		p = append(p, seg...)
		switch kind {
		case 1: // around the bound of being incompressible
			at := len(p) - 16_384
			for range 5 + x.below(6) {
				i := at + 16*x.below(1024)
				if i > 600 {
					j := i - 5 - x.below(590)
					copy(p[i:i+4], p[j:j+4])
				}
			}
		case 2: // flat and compressible, now and then
			i := len(p) - 1 - x.below(10_000)
			n := x.below(16_384)
			p = s.again(x, p[:i], 1+x.below(i), n, 100)
			p = append(p, s.cut(x, s.noise, max(0, (len(p)+16_383)/16_384*16_384-len(p)))...)
		case 3:
			p = append(p, s.cut(x, s.words, 16_384*x.below(3))...)
		}
	}
	switch x.below(4) {
	case 0:
		p = append(p, s.cut(x, s.noise, x.below(16_384))...)
	case 1:
		p = append(p, s.cut(x, s.words, x.below(16_384))...)
	case 2:
		p = p[:len(p)-x.below(16_384)]
	}
	return p
}

// even is a segment of noise for which the sum of count(b)² is as given.
func (*secondParts) even(x *xorshift, want int) []byte {
	seg, counts, sum := make([]byte, 16_384), [256]int{}, 0
	for i := range seg {
		if seg[i] = byte(x.next()); i%7 == 0 {
			counts[seg[i]]++
		}
	}
	for _, c := range counts {
		sum += c * c
	}
	for sum != want {
		i, to := 7*x.below(2341), byte(x.below(256))
		from := seg[i]
		grows := 2*(counts[to]-counts[from]) + 2
		if from != to && max(sum+grows-want, want-sum-grows) < max(sum-want, want-sum) {
			counts[from]--
			counts[to]++
			seg[i], sum = to, sum+grows
		}
	}
	return seg
}

// skewed makes code lengths that are over the limit: of literals, of distances or of the
// header.
func (s *secondParts) skewed(x *xorshift) []byte {
	var p []byte
	switch x.below(3) {
	case 0:
		for range 1 << (10 + x.below(8)) {
			p = append(p, s.skewedByte(x))
		}
	case 1:
		var distances []int // of 16 symbols, each as often as the next two
		for symbol, n, next := 16, 1, 2; symbol > 0; symbol, n, next = symbol-1, next, n+next {
			distances = append(distances, slices.Repeat([]int{secondDistanceTable[symbol].from}, n)...)
		}
		for i := range distances {
			j := x.below(i + 1)
			distances[i], distances[j] = distances[j], distances[i]
		}
		for i, d := range distances {
			fresh := s.alphabet(x, d, 256)
			fresh[0], fresh[1] = byte(i%20), byte(20+i/20) // no two bytes twice, which would match each other
			p = append(p, fresh...)
			p = s.again(x, p, d, 6+x.below(4), 0)
		}
	default: // many different counts, and symbols wide apart
		step := 1 + x.below(9)
		for b := 0; b < 256; b += 1 + x.below(step) {
			for range 1 << x.below(1+x.below(11)) {
				p = append(p, byte(b))
			}
		}
		for i := range p {
			j := x.below(i + 1)
			p[i], p[j] = p[j], p[i]
		}
	}
	return p
}

// bounds are inputs of which something is exactly as much as it may be.
func (s *secondParts) bounds() [][]byte {
	var list [][]byte

	// A block without matches, of 32,768 tokens and about as many.
	seen := map[[3]byte]bool{}
	x, p := seeded(1), []byte{0, 0}
	for len(p) < 32_770 {
		if n := [3]byte{p[len(p)-2], p[len(p)-1], byte(x.below(128))}; !seen[n] {
			seen[n] = true
			p = append(p, n[2])
		}
	}
	for n := 32_766; n <= 32_770; n++ {
		list = append(list, p[:n])
	}

	for d := range 3 { // noise again, as far away as a link leads and farther
		list = append(list, join(s.words[:16_384], s.noise[:32_767+d], s.noise[:20_000]))
	}

	// The estimate of two units together is the sum of both.
	x = seeded(12_446)
	p = make([]byte, 768+20+x.below(200))
	high := x.below(100)
	for i := range p {
		if p[i] = byte(x.below(128)); i >= 768 && x.below(100) < high {
			p[i] = byte(120 + x.below(16))
		}
	}
	list = append(list, p)

	// Stored or fixed: a unit of literals, then one of which n have nine bits.
	for n := 12; n < 48; n++ {
		for i := range 8 {
			x := seeded(8*n + i)
			p := s.alphabet(x, 768, 100)
			for j := range 6 {
				p = append(p, byte(105+6*i+j))
			}
			for j := range n {
				p = append(p, byte(150+(j*37+i)%97))
			}
			list = append(list, p)
		}
	}

	// Stored or dynamic: every second byte value.
	for n := range 800 {
		p := s.alphabet(seeded(n), 245+n%16, 96)
		for i := range p {
			p[i] *= 2
		}
		list = append(list, p)
	}
	return list
}

// chunks are more than one chunk.
func (s *secondParts) chunks(short bool) [][]byte {
	const chunk = 1_015_808
	x := seeded(7)
	list := [][]byte{
		s.mixed(x, chunk+50_000, 3000),
		append(s.mixed(x, chunk-40_000, 5000), s.noise[:80_000]...),
	}
	if short {
		return list[:1]
	}
	for i := range 3 {
		p := join(run(chunk-40_000), s.cut(x, s.words, 40_000))
		list = append(list, s.again(x, p, 32_768-x.below(2), 1+3*i, 0))
	}
	list = append(list, join(run(chunk-70_000+x.below(100)), s.noise[:70_000], s.noise[30_000:100_000]))
	return append(list, source(chunk+20_000))
}
