// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"fmt"
	"strings"
	"sync"
)

// xorshift is the fixed source of all test inputs: Marsaglia's xorshift64, shifts 13, 7,
// 17.
//
// Inputs are made by one goroutine. What is run for each byte is marked go:norace: it would
// take most of the time of the tests.
type xorshift uint64

//go:norace
func (x *xorshift) next() uint32 {
	*x ^= *x << 13
	*x ^= *x >> 7
	*x ^= *x << 17
	return uint32(*x >> 32)
}

// below returns a number under n.
//
//go:norace
func (x *xorshift) below(n int) int { return int(x.next() % uint32(n)) }

func seeded(seed int) *xorshift {
	x := xorshift(0x9E3779B97F4A7C15 ^ uint64(seed))
	return &x
}

func run(n int) []byte { return []byte(strings.Repeat("a", n)) }

func random(n int) []byte { return alphabet(n, 256) }

// alphabet draws from the first k bytes.
//
//go:norace
func alphabet(n, k int) []byte {
	x := seeded(k)
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(x.below(k))
	}
	return p
}

//go:norace
func base64(n int) []byte {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	x := seeded(64)
	p := make([]byte, n)
	for i := range p {
		if p[i] = '\n'; i%77 != 76 {
			p[i] = digits[x.below(64)]
		}
	}
	return p
}

// text strings words together, the frequent ones more often.
func text(n int) []byte { return texts.first(n) }

// source looks like Go.
func source(n int) []byte { return sources.first(n) }

// prefixes holds the longest input of a kind that was made: shorter ones are what it
// begins with.
type prefixes struct {
	make func(n int) []byte
	mu   sync.Mutex
	made []byte
}

var texts, sources = prefixes{make: makeText}, prefixes{make: makeSource}

// first returns n bytes that nobody may change.
func (p *prefixes) first(n int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.made) < n {
		p.made = p.make(max(n, 2<<20))
	}
	return p.made[:n:n]
}

func makeText(n int) []byte {
	x := seeded(1)
	words := make([]string, 600)
	for i := range words {
		var b strings.Builder
		for range 1 + x.below(9) {
			b.WriteByte("etaoinshrdlucmfwypvbgkqjxz"[min(x.below(26), x.below(26))])
		}
		words[i] = b.String()
	}
	p := make([]byte, 0, n+1000)
	for len(p) < n {
		p = append(p, words[min(x.below(600), x.below(600), x.below(600))]...)
		switch x.below(12) {
		case 0:
			p = append(p, ", "...)
		case 1:
			p = append(p, ".\n"...)
		default:
			p = append(p, ' ')
		}
	}
	return p[:n]
}

func makeSource(n int) []byte {
	x := seeded(2)
	names := strings.Fields("err ctx buf i n p out in w r name size data key value node next head tail count index")
	types := strings.Fields("int string []byte error io.Reader io.Writer *Node map[string]int uint32 bool")
	name := func() string { return names[min(x.below(len(names)), x.below(len(names)))] }
	p := make([]byte, 0, n+1000)
	for len(p) < n {
		p = fmt.Appendf(p, "// Do%d%s sets the %s of the %s.\nfunc (%s *T) Do%d(%s %s) error {\n",
			x.below(1000), name(), name(), name(), name(), x.below(1000), name(), types[x.below(len(types))])
		for range 1 + x.below(8) {
			switch x.below(4) {
			case 0:
				p = fmt.Appendf(p, "\t%s := %s.%s(%s, %d)\n", name(), name(), name(), name(), x.below(4096))
			case 1:
				p = fmt.Appendf(p, "\tif err != nil {\n\t\treturn fmt.Errorf(\"%s: %%w\", err)\n\t}\n", name())
			case 2:
				p = fmt.Appendf(p, "\tfor %s := range %s {\n\t\t%s += %s[%s]\n\t}\n", name(), name(), name(), name(), name())
			default:
				p = fmt.Appendf(p, "\t%s = append(%s, %s)\n", name(), name(), name())
			}
		}
		p = append(p, "\treturn nil\n}\n\n"...)
	}
	return p[:n]
}

// picture is like a PNG: a compressible head, chunks of noise with short headers between
// them, a compressible tail.
func picture(n int) []byte {
	p := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x04\x00\x00\x00\x03\x00\x08\x06\x00\x00\x00"), text(500)...)
	noise := random(n)
	for i := 0; len(p) < n; i += 8192 {
		p = append(p, "\x00\x00\x20\x00IDAT"...)
		p = append(p, noise[i:min(i+8192, n)]...)
	}
	copy(p[max(0, n-600):], text(600))
	return p[:n]
}

// apart repeats a string of length bytes after exactly distance bytes, in noise of few
// matches.
func apart(distance, length int) []byte {
	p := base64(distance + length + 100)
	copy(p[50+distance:], p[50:50+length])
	return p
}

// records are strings of size bytes that differ in the last few.
//
//go:norace
func records(n, size, differ int) []byte {
	x := seeded(size)
	p := make([]byte, n)
	for i := range p {
		if p[i] = byte(i % size); i%size >= size-differ {
			p[i] = byte(x.next())
		}
	}
	return p
}

// mutated repeats a period of noise with one byte in every so many altered.
//
//go:norace
func mutated(n, period, every int) []byte {
	x := seeded(period)
	p := make([]byte, n)
	for i := range p {
		switch {
		case i < period:
			p[i] = byte(x.next())
		case x.below(every) == 0:
			p[i] = p[i-period] ^ 1
		default:
			p[i] = p[i-period]
		}
	}
	return p
}

// alternating changes between two alphabets of k bytes each, every so many bytes.
//
//go:norace
func alternating(n, every, k int) []byte {
	x := seeded(every)
	p := make([]byte, n)
	for i := range p {
		if p[i] = byte(x.below(k)); i/every%2 == 1 {
			p[i] = 255 - p[i]
		}
	}
	return p
}

// fibonacci has symbols as often as the Fibonacci numbers say, for the longest codes.
//
//go:norace
func fibonacci() []byte {
	var p []byte
	for s, a, b := 0, 1, 1; s < 20; s, a, b = s+1, b, a+b {
		for range a {
			p = append(p, byte(s))
		}
	}
	x := seeded(3)
	for i := range p {
		j := x.below(i + 1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// barelyTooLarge has a first chunk whose blocks are 2 bytes smaller than stored ones, and
// with the empty block that follows 3 bytes larger, so that the chunk is stored.
//
//go:norace
func barelyTooLarge() []byte {
	p := random(chunkSize + 1000)
	x := seeded(17)
	for i := chunkSize - segmentSize; i < chunkSize; i++ {
		if x.below(1000) < 16 { // some zeros more than there would be, so that the segment is not flat
			p[i] = 0
		}
	}
	return p
}

func join(parts ...[]byte) []byte {
	var p []byte
	for _, q := range parts {
		p = append(p, q...)
	}
	return p
}

type input struct {
	name string
	make func() []byte
}

// inputs are the cases of the golden file, of the round trips and of the seeds. Each is
// made once, for all tests; nobody alters it.
var inputs = sync.OnceValue(func() []input {
	var list []input
	add := func(name string, f func() []byte) { list = append(list, input{name, sync.OnceValue(f)}) }
	add("empty", func() []byte { return nil })
	for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 257, 258, 259, 260, 516, 517, 1000, 32767, 32768, 32769, 65535, 65536, 200000} {
		add(fmt.Sprint("run-", n), func() []byte { return run(n) })
	}
	for _, n := range []int{1, 5, 100, 1000, 16383, 16384, 16385, 32768, 49159, 65535, 65536, 65537, 131070, 131071, 200001} {
		add(fmt.Sprint("random-", n), func() []byte { return random(n) })
	}
	for _, n := range []int{10, 100, 2048, 16384, 32768, 70000, 300000} {
		add(fmt.Sprint("text-", n), func() []byte { return text(n) })
		add(fmt.Sprint("source-", n), func() []byte { return source(n) })
	}
	for _, n := range []int{76, 5000, 80000} {
		add(fmt.Sprint("base64-", n), func() []byte { return base64(n) })
	}
	for _, n := range []int{3000, 60000, 150000} {
		add(fmt.Sprint("picture-", n), func() []byte { return picture(n) })
	}
	for _, k := range []int{2, 3, 4, 10, 16, 128, 200, 240} {
		add(fmt.Sprint("alphabet-", k), func() []byte { return alphabet(50000, k) })
	}
	for _, d := range []int{1, 2, 3, 4, 4095, 4096, 4097, 32767, 32768, 32769} {
		for _, l := range []int{3, 4, 258} {
			if d >= l {
				add(fmt.Sprintf("apart-%d-%d", d, l), func() []byte { return apart(d, l) })
			}
		}
	}
	for _, l := range []int{5, 6, 7, 257, 259, 1000} {
		add(fmt.Sprint("apart-20000-", l), func() []byte { return apart(20000, l) })
	}
	add("records-8-2", func() []byte { return records(60000, 8, 2) })
	add("records-10-3", func() []byte { return records(60000, 10, 3) })
	add("records-260-3", func() []byte { return records(60000, 260, 3) })
	add("mutated-100", func() []byte { return mutated(60000, 100, 100) })
	add("mutated-7", func() []byte { return mutated(60000, 7, 12) })
	add("mutated-noise", func() []byte { return mutated(200000, 30000, 3000) })
	add("alternating-768", func() []byte { return alternating(60000, 768, 64) })
	add("alternating-20000", func() []byte { return alternating(100000, 20000, 100) })
	add("fibonacci", fibonacci)
	add("mixed", func() []byte {
		return join(text(20000), random(70000), source(40000), random(16384), run(5000), picture(40000), base64(9000))
	})
	add("noise-twice", func() []byte { return join(random(20000), random(20000), random(20000)) })
	add("chunk-1", func() []byte { return source(chunkSize - 1) })
	add("chunk", func() []byte { return source(chunkSize) })
	add("chunk+1", func() []byte { return source(chunkSize + 1) })
	add("window", func() []byte { return text(windowSize) })
	add("run-chunk+300", func() []byte { return run(chunkSize + 300) })
	add("random-chunk+20000", func() []byte { return random(chunkSize + 20000) })
	add("chunks-2-1", func() []byte { return source(2*windowSize - dictSize - 1) })
	add("chunks-2", func() []byte { return run(2*windowSize - dictSize) })
	add("chunks-2+9", func() []byte { return join(picture(windowSize), text(windowSize-dictSize+9)) })
	add("chunks-3", func() []byte { return join(text(chunkSize), base64(200000), source(chunkSize), random(chunkSize)) })
	add("chunk-too-large-by-empty-block", barelyTooLarge)
	return list
})
