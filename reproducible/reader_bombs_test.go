// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

// TestReaderTruncated cuts an archive at every byte. What comes out is the
// files before the cut, each whole; what is cut between files can't be told
// from an end.
func TestReaderTruncated(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 120)
	data := archive(t, epoch0, file("a", "first"), file("b", ""), file(long, strings.Repeat("x", 600)), file("z", "last"))
	whole, err := readAll(bytes.NewReader(data), reproducible.Limits{})
	require.NoError(t, err)
	require.Len(t, whole, 4)
	silent := 0
	for size := range data {
		got, err := readAll(bytes.NewReader(data[:size]), reproducible.Limits{})
		if err == nil {
			silent++
		} else {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "at byte %d", size)
		}
		require.LessOrEqual(t, len(got), len(whole))
		require.Equal(t, len(got), len(whole[:len(got)]))
		for i := range got {
			require.Equal(t, whole[i], got[i], "at byte %d", size)
		}
	}
	// Cuts on blocks, and in the padding of the last file before the cut.
	require.Less(t, silent, len(data)/3)
}

func TestReaderReturnsTheErrorOfItsInput(t *testing.T) {
	t.Parallel()
	data := archive(t, epoch0, file("a", "first"), file("é", strings.Repeat("x", 600)))
	for size := range len(data) + 1 {
		for _, failure := range []error{errTest, fmt.Errorf("connection closed: %w", io.EOF)} {
			in := io.MultiReader(bytes.NewReader(data[:size]), iotest.ErrReader(failure))
			r := reproducible.NewReader(in, reproducible.Limits{})
			var err error
			for err == nil {
				if _, err = r.Next(); err == nil {
					_, err = io.Copy(io.Discard, r)
				}
			}
			require.ErrorIs(t, err, failure, "at byte %d", size)
			require.NotEqual(t, io.EOF, err)
		}
	}
}

// endless repeats what next returns.
func endless(next func(n int) []byte) io.Reader {
	var rest []byte
	n := 0
	return readFunc(func(p []byte) (int, error) {
		if len(rest) == 0 {
			rest = next(n)
			n++
		}
		m := copy(p, rest)
		rest = rest[m:]
		return m, nil
	})
}

// TestReaderBombsBounded gives archives without an end. It is not parallel, since it
// measures memory.
func TestReaderBombsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	limits := reproducible.Limits{Files: 100, Bytes: 4 << 20}
	const maxInput = 4<<20 + 100*8<<10 + 1<<20
	block := func(name string, typeflag byte, size int, fields map[int]string) []byte {
		return rawHeader(name, typeflag, octal(size), fields)
	}
	record := func(key string, n int) string {
		return fmt.Sprintf("%d %s=%s\n", n, key, strings.Repeat("v", n-len(fmt.Sprint(n))-len(key)-3))
	}
	var many strings.Builder
	for i := range 1<<20/11 - 1 {
		fmt.Fprintf(&many, "11 %05x=\n\n", i)
	}
	gnu := map[int]string{257: "ustar  \x00"}
	first := func(head []byte, in io.Reader) io.Reader { return io.MultiReader(bytes.NewReader(head), in) }
	hugeHeader, manyRecords := paxHeader('x', record("k", 1<<20)), paxHeader('x', many.String())
	for name, test := range map[string]struct {
		in   io.Reader
		want error
	}{
		"zeros":              {zeros{}, reproducible.ErrTooLarge},
		"zeros after an end": {first(append(block("f", '0', 0, nil), end...), zeros{}), reproducible.ErrTooLarge},
		"PAX headers":        {endless(func(int) []byte { return hugeHeader }), reproducible.ErrTooLarge},
		"PAX records":        {endless(func(int) []byte { return manyRecords }), reproducible.ErrTooLarge},
		"empty PAX headers":  {endless(func(int) []byte { return paxHeader('x', "") }), reproducible.ErrTooLarge},
		"GNU names":          {endless(func(int) []byte { return append(block("", 'L', 1<<20, gnu), make([]byte, 1<<20)...) }), reproducible.ErrTooLarge},
		"GNU links":          {endless(func(int) []byte { return append(block("", 'K', 1<<20, gnu), make([]byte, 1<<20)...) }), reproducible.ErrTooLarge},
		"GNU sparse map": {first(
			block("f", 'S', 0, map[int]string{257: "ustar  \x00", 482: "\x01"}),
			endless(func(int) []byte { return append(make([]byte, 504), "\x01\x00\x00\x00\x00\x00\x00\x00"...) })), nil},
		"PAX sparse map": {first(append(
			paxHeader('x', "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"), block("f", '0', 1<<30, nil)...),
			endless(func(int) []byte { return bytes.Repeat([]byte("99999999\n"), 100) })), nil},
		"files":          {endless(func(n int) []byte { return block(fmt.Sprint(n), '0', 0, nil) }), reproducible.ErrTooManyFiles},
		"directories":    {endless(func(int) []byte { return block("d/", '5', 0, nil) }), reproducible.ErrTooManyFiles},
		"root":           {endless(func(int) []byte { return block("./", '5', 0, nil) }), reproducible.ErrTooManyFiles},
		"content":        {endless(func(n int) []byte { return append(block(fmt.Sprint(n), '0', 1<<20, nil), make([]byte, 1<<20)...) }), reproducible.ErrTooLarge},
		"content of one": {first(block("f", '0', 1<<30, nil), zeros{}), reproducible.ErrTooLarge},
		"names in names": {endless(func(n int) []byte {
			name := strings.Repeat(fmt.Sprintf("d%039d/", n), 99) + "f"
			return append(paxHeader('x', paxRecord("path", name)), block("f", '0', 0, nil)...)
		}), reproducible.ErrTooManyFiles},
	} {
		t.Run(name, func(t *testing.T) {
			var before, now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var total, sampled int64
			var peak uint64
			sample := func() {
				runtime.GC()
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
			in := readFunc(func(p []byte) (int, error) {
				n, err := test.in.Read(p)
				if total += int64(n); total >= sampled {
					sampled = total + 512<<10
					sample()
				}
				return n, err
			})
			r := reproducible.NewReader(in, limits)
			var err error
			for err == nil {
				_, err = r.Next()
			}
			sample()
			runtime.KeepAlive(r)
			require.NotErrorIs(t, err, io.EOF)
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
			}
			require.LessOrEqual(t, total, int64(maxInput+1))
			t.Logf("%d bytes read, %d KiB held: %.80s", total, int64(peak-before.HeapAlloc)>>10, err)
			require.Less(t, int64(peak)-int64(before.HeapAlloc), int64(48<<20), "memory held")
		})
	}
}

// paxRecord returns a PAX record.
func paxRecord(key, value string) string {
	size := len(key) + len(value) + 3
	for n := size; ; n++ {
		if n == size+len(fmt.Sprint(n)) {
			return fmt.Sprintf("%d %s=%s\n", n, key, value)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, files := range [][]reproducible.File{
		nil,
		{file("SKILL.md", "---\n"), file("scripts/run", "#!/bin/sh\n")},
		{file(strings.Repeat("long/", 30)+"name", "x"), file("日本/é", "")},
	} {
		f.Add(archive(f, epoch0, files...))
	}
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeSymlink, Name: "a", Linkname: "../b"},
		{Typeflag: tar.TypeLink, Name: "a", Linkname: "b"},
		{Typeflag: tar.TypeDir, Name: "./a/"},
		{Typeflag: tar.TypeReg, Name: "../x", Size: 5},
		{Typeflag: tar.TypeReg, Name: strings.Repeat("g", 120), Format: tar.FormatGNU, Size: 1},
		{Typeflag: tar.TypeReg, Name: "x", PAXRecords: map[string]string{"comment": "c"}, ModTime: time.Unix(1, 1), Format: tar.FormatPAX},
	} {
		f.Add(tarOf(f, h))
	}
	f.Add(slices.Concat(rawHeader("bad", 'S', octal(1), map[int]string{257: "ustar  \x00", 483: octal(1 << 20)}), pad("x"), end))
	f.Add(slices.Concat(paxHeader('x', "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"), rawHeader("f", '0', octal(512), nil), pad("0\n"), end))
	limits := reproducible.Limits{Files: 10, Bytes: 1 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.NewReader(data)
		r := reproducible.NewReader(in, limits)
		var names reproducible.NameSet
		var total int64
		for files := 0; ; files++ {
			entry, err := r.Next()
			if errors.Is(err, io.EOF) {
				require.Zero(t, in.Len())
				return
			}
			if err != nil {
				return
			}
			require.Less(t, files, limits.Files)
			require.NoError(t, names.Add(entry.Name))
			require.Contains(t, []any{0o644, 0o755}, int(entry.Mode))
			n, err := io.Copy(io.Discard, r)
			require.LessOrEqual(t, n, entry.Size)
			if err == nil {
				require.Equal(t, entry.Size, n)
			}
			if total += n; total > limits.Bytes {
				t.Fatalf("%d bytes in all files", total)
			}
			if err != nil {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			}
		}
	})
}

// FuzzTarRoundTrip takes names from lines and gives each a piece of data.
func FuzzTarRoundTrip(f *testing.F) {
	f.Add("SKILL.md\nscripts/run", []byte("#!/bin/sh\n"), uint16(5), int64(0))
	f.Add(strings.Repeat("long/", 40)+"x\n日本/é", noise(1, 1000), uint16(100), int64(1)<<33)
	f.Add("a\nA", []byte{}, uint16(1), int64(-1))
	f.Fuzz(func(t *testing.T, lines string, data []byte, step uint16, epoch int64) {
		var files []reproducible.File
		var want []content
		for name := range strings.SplitSeq(lines, "\n") {
			piece := data[:min(len(data), int(step))]
			data = data[len(piece):]
			files = append(files, file(name, string(piece)))
			want = append(want, content{reproducible.Entry{Name: name, Size: int64(len(piece)), Mode: reproducible.ModeOf(piece)}, string(piece)})
		}
		var out bytes.Buffer
		n, err := reproducible.WriteTar(t.Context(), &out, files, time.Unix(epoch, 0))
		require.EqualValues(t, out.Len(), n)
		if err != nil {
			require.Zero(t, n, "what is refused is refused at once")
			require.True(t, errors.Is(err, reproducible.ErrName) || errors.Is(err, reproducible.ErrEpoch), "%v", err)
			return
		}
		slices.SortFunc(want, func(a, b content) int { return strings.Compare(a.Name, b.Name) })
		got, err := readAll(&out, reproducible.Limits{Files: len(files), Bytes: 1 << 40})
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
