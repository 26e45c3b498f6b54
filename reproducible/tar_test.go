// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

// header has the fields of a header block that vary.
type header struct {
	name, mode, size, mtime, typeflag, prefix string
}

// requireHeader compares a header block with what it should be, byte by byte.
func requireHeader(t *testing.T, want header, got []byte) {
	t.Helper()
	device := "0000000"
	if want.typeflag == "x" {
		device = ""
	}
	rest := slices.Clone(got[:512])
	sum := 8 * int(' ')
	for i, c := range rest {
		if i < 148 || i >= 156 {
			sum += int(c)
		}
	}
	for _, field := range []struct {
		name        string
		start, size int
		want        string
	}{
		{"name", 0, 100, want.name},
		{"mode", 100, 8, want.mode},
		{"uid", 108, 8, "0000000"},
		{"gid", 116, 8, "0000000"},
		{"size", 124, 12, want.size},
		{"mtime", 136, 12, want.mtime},
		{"chksum", 148, 8, fmt.Sprintf("%06o\x00 ", sum)},
		{"typeflag", 156, 1, want.typeflag},
		{"linkname", 157, 100, ""},
		{"magic", 257, 6, "ustar"},
		{"version", 263, 2, "00"},
		{"uname", 265, 32, ""},
		{"gname", 297, 32, ""},
		{"devmajor", 329, 8, device},
		{"devminor", 337, 8, device},
		{"prefix", 345, 155, want.prefix},
		{"end", 500, 12, ""},
	} {
		padded := field.want + strings.Repeat("\x00", field.size-len(field.want))
		require.Equal(t, padded, string(rest[field.start:field.start+field.size]), field.name)
	}
}

// requireEntries compares an archive as archive/tar reads it.
func requireEntries(t *testing.T, data []byte, want ...tar.Header) {
	t.Helper()
	tr := tar.NewReader(bytes.NewReader(data))
	for _, w := range want {
		got, err := tr.Next()
		require.NoError(t, err)
		require.True(t, w.ModTime.Equal(got.ModTime), "%v", got.ModTime)
		w.ModTime, w.PAXRecords, w.Format = got.ModTime, got.PAXRecords, got.Format
		w.Typeflag = tar.TypeReg
		require.Equal(t, w, *got)
	}
	_, err := tr.Next()
	require.Equal(t, io.EOF, err)
}

func TestWriteTarOrdersByTheBytesOfNames(t *testing.T) {
	t.Parallel()
	names := []string{"C", "D/e", "a", "a!", "a-b", "a.b", "a0", "aa/b", "ab", "b/a", "b/a-", "b/aa/c", "b/b", "z", "é", "日本", "\U0001f600"}
	require.True(t, slices.IsSorted(names))
	files := func(names []string) []reproducible.File {
		var files []reproducible.File
		for _, name := range names {
			files = append(files, file(name+"-", "content of "+name))
		}
		return files
	}
	sorted := files(names)
	slices.SortFunc(sorted, func(a, b reproducible.File) int { return strings.Compare(a.Name, b.Name) })
	want := archive(t, epoch0, sorted...)
	for turn := range names {
		given := files(append(slices.Clone(names[turn:]), names[:turn]...))
		require.Equal(t, want, archive(t, epoch0, given...))
		require.Equal(t, names[turn]+"-", given[0].Name, "the slice given is left as it was")
		slices.Reverse(given)
		require.Equal(t, want, archive(t, epoch0, given...))
	}
	var order []string
	for tr := tar.NewReader(bytes.NewReader(want)); ; {
		h, err := tr.Next()
		if err != nil {
			require.Equal(t, io.EOF, err)
			break
		}
		order = append(order, h.Name)
	}
	require.Len(t, order, len(names))
	require.True(t, slices.IsSorted(order))
}

func TestWriteTarWritesTwoEmptyBlocksForNoFiles(t *testing.T) {
	t.Parallel()
	require.Equal(t, make([]byte, 1024), archive(t, epoch0))
}

func TestWriteTarHeaderByteForByte(t *testing.T) {
	t.Parallel()
	const shebang = "#!/bin/sh\nexit 0\n"
	got := archive(t, time.Unix(1795395723, 0), file("scripts/run", shebang), file("SKILL.md", "---\n"))
	require.Len(t, got, 512+512+512+512+1024)
	requireHeader(t, header{name: "SKILL.md", mode: "0000644", size: "00000000004", mtime: "15300710213", typeflag: "0"}, got)
	require.Equal(t, "---\n"+strings.Repeat("\x00", 508), string(got[512:1024]))
	requireHeader(t, header{name: "scripts/run", mode: "0000755", size: "00000000021", mtime: "15300710213", typeflag: "0"}, got[1024:])
	require.Equal(t, shebang+strings.Repeat("\x00", 512-len(shebang)), string(got[1536:2048]))
	require.Equal(t, make([]byte, 1024), got[2048:])
	requireEntries(t, got,
		tar.Header{Name: "SKILL.md", Mode: 0o644, Size: 4, ModTime: time.Unix(1795395723, 0)},
		tar.Header{Name: "scripts/run", Mode: 0o755, Size: 17, ModTime: time.Unix(1795395723, 0)})
}

func TestWriteTarPadsToBlocks(t *testing.T) {
	t.Parallel()
	for size, blocks := range map[int]int{0: 0, 1: 1, 511: 1, 512: 1, 513: 2, 1023: 2, 1024: 2, 1025: 3} {
		got := archive(t, epoch0, file("f", strings.Repeat("x", size)))
		require.Len(t, got, 512+blocks*512+1024)
		require.Equal(t, strings.Repeat("x", size)+strings.Repeat("\x00", blocks*512-size), string(got[512:512+blocks*512]))
	}
}

// TestWriteTarNames shows when a name needs a prefix or a PAX record.
func TestWriteTarNames(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct {
		about, name string
		short       string // the name field
		prefix      string
		paxName     string // the extended header's name field, if there is one
	}{
		{about: "one byte", name: "a", short: "a"},
		{about: "100 bytes fill the field", name: x(100), short: x(100)},
		{about: "100 bytes in two segments", name: x(49) + "/" + x(50), short: x(49) + "/" + x(50)},
		{about: "101 bytes in one segment", name: x(101), short: x(100), paxName: "PaxHeaders.0/" + x(87)},
		{about: "255 bytes in one segment", name: x(255), short: x(100), paxName: "PaxHeaders.0/" + x(87)},
		{about: "101 bytes in two segments", name: x(50) + "/" + x(50), short: x(50), prefix: x(50)},
		{about: "the last slash divides", name: "a/" + x(49) + "/b/" + x(50), short: x(50), prefix: "a/" + x(49) + "/b"},
		{about: "100 bytes after a slash", name: "a/" + x(100), short: x(100), prefix: "a"},
		{about: "101 bytes after a slash", name: "a/" + x(101), short: "a/" + x(98), paxName: "a/PaxHeaders.0/" + x(85)},
		{about: "255 and a slash between", name: x(155) + "/" + x(100), short: x(100), prefix: x(155)},
		{about: "256 bytes before a slash", name: x(156) + "/" + x(99), short: x(100), paxName: x(100)},
		{about: "only the first 156 bytes can hold the slash", name: x(50) + "/" + x(106) + "/b", short: x(50) + "/" + x(49), paxName: x(50) + "/" + x(49)},
		{about: "slash too early", name: "a/b/" + x(152) + "/c", short: "a/b/" + x(96), paxName: "a/b/" + x(96)},
		{about: "the field would end in a slash", name: x(99) + "/" + x(101), short: x(99), paxName: x(99)},
		{about: "not ASCII", name: "übersicht.md", short: "bersicht.md", paxName: "PaxHeaders.0/bersicht.md"},
		{about: "nothing of ASCII", name: "日本", short: "", paxName: "PaxHeaders.0"},
		{about: "a segment has no ASCII", name: "日本/a", short: "/a", paxName: "/PaxHeaders.0/a"},
		{about: "the last has none", name: "a/日本", short: "a/", paxName: "a/PaxHeaders.0"},
		{about: "not ASCII, 100 bytes without it", name: x(100) + "é", short: x(100), paxName: "PaxHeaders.0/" + x(87)},
		{about: "not ASCII, would divide", name: x(60) + "/é" + x(60), short: x(60) + "/" + x(39), paxName: x(60) + "/PaxHeaders.0/" + x(26)},
		{about: "slashes in a row at the end of the field", name: x(97) + "/é/é/" + x(9), short: x(97) + "\x00//", paxName: x(97)},
	} {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			got := archive(t, epoch0, file(test.name, "content"))
			main := got
			if test.paxName != "" {
				record := "path=" + test.name + "\n"
				length := len(record) + 3 // a space and two digits
				if length > 99 {
					length++
				}
				record = fmt.Sprintf("%d %s", length, record)
				requireHeader(t, header{name: test.paxName, mode: "0000000", size: fmt.Sprintf("%011o", len(record)), mtime: "00000000000", typeflag: "x"}, got)
				blocks := (len(record) + 511) / 512 * 512
				require.Equal(t, record+strings.Repeat("\x00", blocks-len(record)), string(got[512:512+blocks]))
				main = got[512+blocks:]
			}
			requireHeader(t, header{name: test.short, prefix: test.prefix, mode: "0000644", size: "00000000007", mtime: "00000000000", typeflag: "0"}, main)
			require.Len(t, main, 512+512+1024)
			requireEntries(t, got, tar.Header{Name: test.name, Mode: 0o644, Size: 7, ModTime: epoch0})
		})
	}
}

// TestWriteTarLargeNumbers shows when a size or an epoch needs a PAX record.
// No content is that large: the writer stops where it would begin.
func TestWriteTarLargeNumbers(t *testing.T) {
	t.Parallel()
	const octalSize, octalTime = 1 << 33, 8589934591 // 8 GiB; 2242-03-16T12:56:31Z
	divided := strings.Repeat("d", 60) + "/" + strings.Repeat("n", 60)
	for _, test := range []struct {
		about   string
		name    string
		size    int64
		epoch   int64
		records string
		main    header
	}{
		{"greatest size in octal", "f", octalSize - 1, 0, "", header{size: "77777777777", mtime: "00000000000"}},
		{"8 GiB", "f", octalSize, 0, "19 size=8589934592\n", header{size: "00000000000", mtime: "00000000000"}},
		{"the greatest size", "f", 1<<63 - 1, 0, "28 size=9223372036854775807\n", header{size: "00000000000", mtime: "00000000000"}},
		{"greatest epoch in octal", "f", 0, octalTime, "", header{size: "00000000000", mtime: "77777777777"}},
		{"one second later", "f", 0, octalTime + 1, "20 mtime=8589934592\n", header{size: "00000000000", mtime: "00000000000"}},
		{"the greatest epoch", "f", 0, 253402300799, "22 mtime=253402300799\n", header{size: "00000000000", mtime: "00000000000"}},
		{"all at once", "é", octalSize, octalTime + 1, "20 mtime=8589934592\n11 path=é\n19 size=8589934592\n", header{size: "00000000000", mtime: "00000000000"}},
		{"a name that was divided", divided, 3, octalTime, "", header{name: strings.Repeat("n", 60), prefix: strings.Repeat("d", 60), size: "00000000003", mtime: "77777777777"}},
		{"is not if there are records", divided, 3, octalTime + 1, "20 mtime=8589934592\n131 path=" + divided + "\n", header{name: divided[:100], size: "00000000003", mtime: "00000000000"}},
	} {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			room := 512
			if test.records != "" {
				room = 3 * 512
			}
			out := &stopWriter{room: room}
			f := fileOf(test.name, test.size, func() io.Reader { return io.LimitReader(zeros{}, test.size) })
			n, err := reproducible.WriteTar(t.Context(), out, []reproducible.File{f}, time.Unix(test.epoch, 0))
			require.ErrorIs(t, err, errTest)
			require.EqualValues(t, room, n)
			got := out.Bytes()
			if test.records != "" {
				require.Equal(t, test.records+strings.Repeat("\x00", 512-len(test.records)), string(got[512:1024]))
				got = got[1024:]
			}
			if test.main.name == "" {
				test.main.name = strings.Trim(test.name, "é")
			}
			test.main.mode, test.main.typeflag = "0000644", "0"
			requireHeader(t, test.main, got)

			h, err := tar.NewReader(bytes.NewReader(out.Bytes())).Next()
			require.NoError(t, err)
			require.Equal(t, test.name, h.Name)
			require.Equal(t, test.size, h.Size)
			require.Equal(t, test.epoch, h.ModTime.Unix())
		})
	}
}

// TestWriteTarSizesOfReadsDoNotMatter gives contents in portions of all kinds.
func TestWriteTarSizesOfReadsDoNotMatter(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "x", "#!", "#!/bin/sh", "\xca\xfe\xba\xbe\x00\x00\x00\x02", strings.Repeat("0123456", 300<<10/7)} {
		want := archive(t, epoch0, file("f", content))
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"one byte":         iotest.OneByteReader,
			"half":             iotest.HalfReader,
			"end with data":    iotest.DataErrReader,
			"one byte and end": func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
			"nothing at times": func(r io.Reader) io.Reader { return &stutterReader{r: r} },
		} {
			f := fileOf("f", int64(len(content)), func() io.Reader { return wrap(strings.NewReader(content)) })
			require.True(t, bytes.Equal(want, archive(t, epoch0, f)), "%s, %d bytes", name, len(content))
		}
	}
}

// stutterReader returns nothing now and then, as io.Reader allows.
type stutterReader struct {
	r     io.Reader
	count int
}

func (s *stutterReader) Read(p []byte) (int, error) {
	if s.count++; s.count%10 != 0 {
		return 0, nil
	}
	return s.r.Read(p)
}
