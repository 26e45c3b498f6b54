// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

// adversaries are inputs made to cost more time than others: long chains of equal hashes,
// with and without equal bytes, matches that come near each other, and data between
// compressible and not.
func adversaries(size int) []input {
	cases := []input{
		{"zero", func() []byte { return make([]byte, size) }},
		{"random", func() []byte { return random(size) }},
		{"bits", func() []byte { return alphabet(size, 2) }},
		{"alphabet=4", func() []byte { return alphabet(size, 4) }},
		{"alphabet=16", func() []byte { return alphabet(size, 16) }},
		{"alphabet=64", func() []byte { return alphabet(size, 64) }},
		{"alphabet=200", func() []byte { return alphabet(size, 200) }},
		{"colliding", func() []byte { return colliding(size) }},
	}
	// The first is the one that was found; the others are the worst of a search around it.
	for _, c := range []struct{ symbols, six, four int }{{160, 1200, 12000}, {160, 2400, 6000}, {200, 900, 12000}, {220, 2400, 6000}, {220, 3000, 6000}} {
		cases = append(cases, input{fmt.Sprintf("crowded=%d/%d/%d", c.symbols, c.six, c.four), func() []byte { return crowded(size, c.symbols, c.six, c.four) }})
	}
	for _, n := range []int{7, 8, 9, 10, 12, 16, 260} {
		for differ := 1; differ <= 3; differ++ {
			cases = append(cases, input{fmt.Sprintf("records=%d/%d", n, differ), func() []byte { return records(size, n, differ) }})
		}
	}
	for _, n := range []int{7, 8, 12, 24, 64, 100, 250, 258} {
		cases = append(cases, input{fmt.Sprint("mutated=", n), func() []byte { return mutated(size, n, n) }})
	}
	for _, n := range []int{768, 1024, 1536, 2304} {
		for _, k := range []int{32, 64, 100} {
			cases = append(cases, input{fmt.Sprintf("alternating=%d/%d", n, k), func() []byte { return alternating(size, n, k) }})
		}
	}
	return cases
}

// colliding is put together of some 256 strings of six bytes that have one hash of six
// bytes.
func colliding(n int) []byte {
	const begin = 0x636261
	hash := func(v uint64) uint64 { return v << 16 * hash6Mul >> (64 - hash6Bits) }
	var all [][]byte
	for v := range uint64(1 << 24) {
		if v = v<<24 | begin; hash(v) == hash(begin) {
			all = append(all, binary.LittleEndian.AppendUint64(nil, v)[:6])
		}
	}
	x, p := seeded(6), []byte(nil)
	for len(p) < n {
		p = append(p, all[x.below(len(all))]...)
	}
	return p[:n]
}

// crowded is of an alphabet of so many symbols. Each byte is one by which, if there is
// one, the last six bytes have one of six hashes and the last four one of four. So chains
// are long, and of strings that are not equal.
func crowded(n, symbols, six, four int) []byte {
	x := seeded(symbols)
	choose := func(set []bool, n int) {
		for n > 0 {
			if i := x.below(len(set)); !set[i] {
				set[i] = true
				n--
			}
		}
	}
	in6, in4 := make([]bool, 1<<hash6Bits), make([]bool, 1<<hash4Bits)
	choose(in6, six)
	choose(in4, four)
	p := make([]byte, n)
	var window uint64 // the last six bytes, the first of them lowest
	for i := range p {
		first, most := x.below(symbols), -1
		for j := range symbols {
			b := byte((first + j) % symbols)
			v := window>>8 | uint64(b)<<40
			wanted := 0
			if in6[v<<16*hash6Mul>>(64-hash6Bits)] {
				wanted += 2
			}
			if in4[uint32(v>>16)*hash4Mul>>(32-hash4Bits)] {
				wanted++
			}
			if wanted > most {
				most, p[i] = wanted, b
			}
		}
		window = window>>8 | uint64(p[i])<<40
	}
	return p
}

// TestNoWorstCaseBounded counts what the search looks at for each byte, in the encoder
// that FORMAT.md describes: no input that was found costs five times what text does.
// BenchmarkWorstCase measures the time.
func TestNoWorstCaseBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	const size = 64 << 10
	work := func(in []byte) float64 {
		s := &second{data: in, end: len(in), last: true}
		s.chunk()
		return 1 + float64(s.looked)/float64(len(in))
	}
	normal := work(text(size))
	for _, c := range adversaries(size) {
		require.Less(t, work(c.make()), 5*normal, c.name)
	}
}
