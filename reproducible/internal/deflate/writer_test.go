// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// encode compresses in with the given number of workers and writes of the given size;
// zero is one write.
func encode(t testing.TB, in []byte, workers, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	out.Grow(len(in) + len(in)/1000 + 64)
	z := NewWriter(&out, workers)
	for p := in; ; {
		n := len(p)
		if size > 0 {
			n = min(n, size)
		}
		if taken, err := z.Write(p[:n]); taken != n || err != nil {
			require.NoError(t, err)
			require.Equal(t, n, taken)
		}
		if p = p[n:]; len(p) == 0 {
			break
		}
	}
	require.NoError(t, z.Close())
	return out.Bytes()
}

func requireDecodes(t testing.TB, in, out []byte) {
	t.Helper()
	r := bytes.NewReader(out)
	got := bytes.NewBuffer(make([]byte, 0, len(in)+bytes.MinRead))
	_, err := got.ReadFrom(flate.NewReader(r))
	require.NoError(t, err)
	require.True(t, bytes.Equal(in, got.Bytes()), "decoded to other bytes")
	require.Zero(t, r.Len(), "bytes after the final block")
}

func TestRoundTripAndEqualBytesForAnyWorkersAndWrites(t *testing.T) {
	t.Parallel()
	for _, c := range inputs() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := c.make()
			want := encode(t, in, 1, 0)
			requireDecodes(t, in, want)
			if len(in) > chunkSize {
				for _, workers := range []int{2, 3, 16} {
					require.True(t, bytes.Equal(want, encode(t, in, workers, 4093)), "%d workers", workers)
				}
			}
			if len(in) < 20000 || c.name == "chunk+1" {
				require.True(t, bytes.Equal(want, encode(t, in, 2, 1)), "writes of one byte")
			}
		})
	}
}

func TestBytesDoNotDependOnWhatTheBuffersHeld(t *testing.T) {
	t.Parallel()
	in := source(50000)
	want := encode(t, in, 1, 0)
	e := newEncoder()
	for _, before := range [][]byte{random(windowSize), run(windowSize), source(windowSize)} {
		w := new(window)
		n := copy(w[:], before)
		for i := n; i < len(w); i++ {
			w[i] = 0xa5
		}
		e.encode(nil, w, dictSize, windowSize, false)
		copy(w[:], in)
		require.True(t, bytes.Equal(want, e.encode(nil, w, 0, len(in), true)))
	}
	e.base = 1<<31 - windowSize
	for range 4 {
		w := new(window)
		copy(w[:], in)
		require.True(t, bytes.Equal(want, e.encode(nil, w, 0, len(in), true)), "base %d", e.base)
	}
}

func TestSmallestOutputs(t *testing.T) {
	t.Parallel()
	require.Equal(t, []byte{0x03, 0x00}, encode(t, nil, 4, 0))
	require.Equal(t, []byte{0x4b, 0x04, 0x00}, encode(t, []byte("a"), 4, 0))
}

// A failingWriter takes n bytes, then fails.
type failingWriter struct {
	n     int
	short bool
	wrote int
}

var errSink = errors.New("sink is full")

func (f *failingWriter) Write(p []byte) (int, error) {
	n := min(len(p), f.n-f.wrote)
	f.wrote += n
	if n < len(p) && !f.short {
		return n, errSink
	}
	return n, nil
}

func TestErrorOfUnderlyingWriterSurfacesAndStays(t *testing.T) {
	t.Parallel()
	in := random(6 * chunkSize)
	for _, workers := range []int{1, 2, 8} {
		for _, room := range []int{0, 10, chunkSize + 100, 4 * chunkSize, 6 * chunkSize} {
			for _, short := range []bool{false, true} {
				want := errSink
				if short {
					want = io.ErrShortWrite
				}
				f := &failingWriter{n: room, short: short}
				z := NewWriter(f, workers)
				n, err := z.Write(in)
				require.LessOrEqual(t, n, len(in))
				if err != nil {
					require.ErrorIs(t, err, want)
				}
				require.ErrorIs(t, z.Close(), want)
				require.ErrorIs(t, z.Close(), want)
				_, err = z.Write(in[:1])
				require.ErrorIs(t, err, want)
				require.Empty(t, z.queue)
				wrote := f.wrote
				z.Abort()
				require.Equal(t, wrote, f.wrote)
			}
		}
	}
}

func TestErrorWithoutCloseLeavesNoGoroutine(t *testing.T) {
	t.Parallel()
	z := NewWriter(&failingWriter{}, 4)
	_, err := z.Write(source(8 * chunkSize))
	require.ErrorIs(t, err, errSink)
	require.Empty(t, z.queue)
}

func TestCloseIsIdempotentAndWriteAfterItFails(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	z := NewWriter(&out, 2)
	_, err := z.Write(text(100))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	n := out.Len()
	require.NoError(t, z.Close())
	z.Abort()
	require.NoError(t, z.Close())
	require.Equal(t, n, out.Len())
	_, err = z.Write([]byte("x"))
	require.ErrorIs(t, err, ErrClosed)
}

func TestAbortWritesNothingMore(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 100, chunkSize, 5 * chunkSize} {
		var out bytes.Buffer
		z := NewWriter(&out, 3)
		_, err := z.Write(source(size))
		require.NoError(t, err)
		n := out.Len()
		z.Abort()
		z.Abort()
		require.Equal(t, n, out.Len())
		require.ErrorIs(t, z.Close(), ErrClosed)
		require.Equal(t, n, out.Len())
		_, err = z.Write([]byte("x"))
		require.ErrorIs(t, err, ErrClosed)
	}
}

func TestWorstGrowthBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	for _, c := range inputs() {
		in := c.make()
		require.LessOrEqual(t, len(encode(t, in, 1, 0)), len(in)+5*(len(in)/16384)+16, c.name)
	}
	for _, n := range []int{1, 100, 16384, 65535, 65536, 3 * chunkSize} {
		for _, k := range []int{180, 220, 250, 254, 255, 256} {
			in := alternating(n, 900, k)
			require.LessOrEqual(t, len(encode(t, in, 1, 0)), n+5*(n/16384)+16, "%d bytes of %d", n, k)
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	for _, c := range inputs() {
		if in := c.make(); len(in) < 70000 {
			f.Add(in, uint16(1), uint16(700), uint8(3), uint8(0))
		}
	}
	f.Add(source(3000), uint16(5), uint16(1), uint8(2), uint8(200))
	// Two write sizes in turn; times makes long inputs of short ones.
	f.Fuzz(func(t *testing.T, in []byte, a, b uint16, workers, times uint8) {
		if len(in) > 0 && len(in)*int(times) < 3<<19 {
			in = bytes.Repeat(in, 1+int(times))
		}
		want := encode(t, in, 1, 0)
		requireDecodes(t, in, want)
		var out bytes.Buffer
		z := NewWriter(&out, 1+int(workers%16))
		for p := in; len(p) > 0; a, b = b, a {
			n := min(len(p), 1+int(a))
			_, err := z.Write(p[:n])
			require.NoError(t, err)
			p = p[n:]
		}
		require.NoError(t, z.Close())
		require.True(t, bytes.Equal(want, out.Bytes()))
	})
}
