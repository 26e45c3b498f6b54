// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"compress/flate"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return len(p), nil
}

// goSource reads size bytes of Go files from the Go tree.
func goSource(b *testing.B, size int) []byte {
	b.Helper()
	var p []byte
	//lint:ignore SA1019 benchmarks run where they were built
	root := runtime.GOROOT()
	err := filepath.WalkDir(filepath.Join(root, "src"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		if len(p) >= size {
			return fs.SkipAll
		}
		q, err := os.ReadFile(path)
		p = append(p, q...)
		return err
	})
	require.NoError(b, err)
	return p[:min(size, len(p))]
}

// sampleSkills returns all files of the sample skills: text, scripts, a picture, an
// archive.
func sampleSkills(b *testing.B) (p []byte) {
	b.Helper()
	err := filepath.WalkDir("../../../skills/testdata/skills", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		q, err := os.ReadFile(path)
		p = append(p, q...)
		return err
	})
	require.NoError(b, err)
	require.NotEmpty(b, p)
	return p
}

func BenchmarkEncode(b *testing.B) {
	corpora := []struct {
		name string
		make func() []byte
	}{
		{"go-32M", func() []byte { return goSource(b, 32<<20) }},
		{"go-1M", func() []byte { return goSource(b, 1<<20) }},
		{"skills", func() []byte { return sampleSkills(b) }},
		{"text-8M", func() []byte { return text(8 << 20) }},
		{"picture-8M", func() []byte { return picture(8 << 20) }},
		{"base64-8M", func() []byte { return base64(8 << 20) }},
		{"source-2K", func() []byte { return source(2048) }},
	}
	encoders := []struct {
		name string
		make func(io.Writer) io.WriteCloser
	}{
		{"workers=1", func(w io.Writer) io.WriteCloser { return NewWriter(w, 1) }},
		{"workers=max", func(w io.Writer) io.WriteCloser { return NewWriter(w, 0) }},
		{"flate=6", func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 6); return z }},
		{"flate=9", func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 9); return z }},
	}
	for _, c := range corpora {
		in := c.make()
		for _, e := range encoders {
			b.Run(c.name+"/"+e.name, func(b *testing.B) {
				b.SetBytes(int64(len(in)))
				b.ReportAllocs()
				var out counter
				for b.Loop() {
					out.n = 0
					z := e.make(&out)
					_, err := z.Write(in)
					require.NoError(b, err)
					require.NoError(b, z.Close())
				}
				b.ReportMetric(float64(out.n)/float64(len(in)), "ratio")
			})
		}
	}
}

// BenchmarkWorstCase compares adversarial inputs with Go source, measured first: "times"
// is the time per byte over that of Go source. The last line names the worst; it is what
// README.md says.
func BenchmarkWorstCase(b *testing.B) {
	const size = 4 << 20
	perByte := func(b *testing.B, in []byte) float64 {
		best := time.Duration(1 << 62)
		for b.Loop() {
			start := time.Now()
			var out counter
			z := NewWriter(&out, 1)
			_, err := z.Write(in)
			require.NoError(b, err)
			require.NoError(b, z.Close())
			best = min(best, time.Since(start))
		}
		return float64(best.Nanoseconds()) / float64(len(in))
	}
	normal, worst, worstName := 0.0, 0.0, ""
	cases := append([]input{{"go", func() []byte { return goSource(b, 8*size) }}}, adversaries(size)...)
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			in := c.make()
			ns := perByte(b, in)
			if c.name == "go" {
				normal = ns
			}
			b.ReportMetric(ns, "ns/byte")
			if normal > 0 {
				b.ReportMetric(ns/normal, "times")
				if ns/normal > worst {
					worst, worstName = ns/normal, c.name
				}
			}
		})
	}
	if worst > 0 {
		b.Run("worst/"+worstName, func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(worst, "times")
		})
	}
}
