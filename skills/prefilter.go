// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import "bytes"

// prefilter tells which of some literals occur in a text, in one quick pass:
// all that advice looks for is seldom there, and files are many. It looks at
// every second pair of bytes; of a literal's last three bytes one pair is among
// those.
type prefilter struct {
	literals [][]byte // up to 64, each of three bytes or more
	// pairs has a bit for each pair of bytes that candidates has.
	pairs      [1 << 13]uint8
	candidates map[uint16][]candidate
}

// candidate is a literal that a pair of bytes may belong to.
type candidate struct {
	literal int
	rest    int // bytes of the literal behind the pair, 0 or 1
}

func newPrefilter(literals ...string) *prefilter {
	p := &prefilter{candidates: map[uint16][]candidate{}}
	for n, literal := range literals {
		p.literals = append(p.literals, []byte(literal))
		for rest := range 2 {
			last := len(literal) - 1 - rest
			both := pair(literal[last-1], literal[last])
			p.pairs[both>>3] |= 1 << (both & 7)
			p.candidates[both] = append(p.candidates[both], candidate{n, rest})
		}
	}
	return p
}

func pair(a, b byte) uint16 { return uint16(a)<<8 | uint16(b) }

// in returns the literals that text has: bit n stands for the n-th.
func (p *prefilter) in(text []byte) (found uint64) {
	for i := 1; i < len(text); i += 2 {
		both := pair(text[i-1], text[i])
		if p.pairs[both>>3]&(1<<(both&7)) == 0 {
			continue
		}
		for _, c := range p.candidates[both] {
			if end := i + 1 + c.rest; end <= len(text) && bytes.HasSuffix(text[:end], p.literals[c.literal]) {
				found |= 1 << c.literal
			}
		}
	}
	return found
}
