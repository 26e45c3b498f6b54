// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skillcask/skillcask/reproducible"
)

// TestMain fails if a goroutine outlives all tests.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The package testing and its fuzzing catch the interrupt.
		goleak.IgnoreAnyFunction("os/signal.signal_recv"),
		goleak.IgnoreAnyFunction("os/signal.loop"))
}

var errTest = errors.New("error of the test")

var epoch0 = time.Unix(0, 0).UTC()

// file returns a file with the content.
func file(name, content string) reproducible.File {
	return fileOf(name, int64(len(content)), func() io.Reader { return bytes.NewReader([]byte(content)) })
}

// fileOf returns a file that claims a size and has the content of a reader.
func fileOf(name string, size int64, open func() io.Reader) reproducible.File {
	return reproducible.File{
		Name: name,
		Size: size,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(open()), nil },
	}
}

// archive returns what WriteTar writes, which must succeed.
func archive(t testing.TB, epoch time.Time, files ...reproducible.File) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := reproducible.WriteTar(t.Context(), &out, files, epoch)
	require.NoError(t, err)
	require.EqualValues(t, out.Len(), n, "the count returned")
	return out.Bytes()
}

// compress returns data as GzipWriter writes it.
func compress(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	zw := reproducible.NewGzipWriter(&out)
	n, err := zw.Write(data)
	require.NoError(t, err)
	require.Len(t, data, n)
	require.NoError(t, zw.Close())
	return out.Bytes()
}

// stopWriter takes room bytes, then fails.
type stopWriter struct {
	bytes.Buffer
	room int
}

func (w *stopWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n, _ := w.Buffer.Write(p[:w.room])
		w.room = 0
		return n, errTest
	}
	w.room -= len(p)
	return w.Buffer.Write(p)
}

// shortWriter breaks the contract of io.Writer after room bytes: it takes less
// and reports no error.
type shortWriter struct{ room int }

func (w *shortWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.room)
	w.room -= n
	return n, nil
}

// bounded runs f and wants it to take under a second and to allocate under
// 64 MiB. What is allocated in all is more than what is in use at any time. A
// machine with other work to do may be slow once.
func bounded(t *testing.T, f func()) {
	t.Helper()
	for try := 1; ; try++ {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		f()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
		if took < time.Second {
			return
		}
		require.Less(t, try, 10, "slow: %v", took)
	}
}

// zeros is an endless reader.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// noise returns n bytes that nothing compresses. The generator is xorshift64*,
// written out here because golden digests depend on it. One goroutine runs it, and
// for each byte.
//
//go:norace
func noise(seed uint64, n int) []byte {
	out := make([]byte, n)
	x := seed*2 + 0x9e3779b97f4a7c15
	for i := range out {
		x ^= x >> 12
		x ^= x << 25
		x ^= x >> 27
		out[i] = byte(x * 0x2545f4914f6cdd1d >> 56)
	}
	return out
}

// prose returns n bytes of words in lines.
func prose(seed uint64, n int) []byte {
	words := []string{"skill", "the", "of", "registry", "a", "digest", "archive", "and", "file", "to", "name", "is",
		"reproducible", "byte", "in", "layer", "manifest", "that", "anyone", "can", "rebuild", "from", "its", "source"}
	out := make([]byte, 0, n+16)
	for _, c := range noise(seed, n) {
		if len(out) >= n {
			break
		}
		out = append(out, words[int(c)%len(words)]...)
		if c > 230 {
			out = append(out, '.', '\n')
		} else {
			out = append(out, ' ')
		}
	}
	return out[:n]
}
