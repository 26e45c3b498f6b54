// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

var update = flag.Bool("update", false, "append new vectors to testdata/golden.txt")

// vector is an archive whose bytes are known.
type vector struct {
	name  string
	epoch int64
	files []reproducible.File
	// head is how much of the archive counts: only the first header of a file
	// that is too large to be made. 0 means all.
	head int
}

// segments returns a name of segments of n bytes, size bytes in all.
func segments(size, n int) string {
	var name strings.Builder
	for name.Len() < size {
		if name.Len() > 0 {
			name.WriteByte('/')
		}
		name.WriteString(strings.Repeat(string(rune('a'+name.Len()%26)), min(n, size-name.Len())))
	}
	return name.String()
}

// sparseFile returns a file of zeros that nobody reads to its end.
func sparseFile(name string, size int64) reproducible.File {
	return fileOf(name, size, func() io.Reader { return io.LimitReader(zeros{}, size) })
}

// vectors are the cases of testdata/golden.txt, in its order.
func vectors() []vector {
	const octalSize, octalTime = 1 << 33, 8589934591
	withMode := func(f reproducible.File, mode fs.FileMode) reproducible.File {
		f.Mode = mode
		return f
	}
	one := func(name string) []reproducible.File { return []reproducible.File{file(name, "content of "+name+"\n")} }
	sized := func(n int) []reproducible.File {
		return []reproducible.File{file("file", string(noise(uint64(n), n)))}
	}
	var many, tree []reproducible.File
	for i := range 300 {
		many = append(many, file(fmt.Sprintf("file-%03d.md", 299-i), string(prose(uint64(i), i*7))))
		tree = append(tree, file(fmt.Sprintf("dir-%d/sub-%d/file-%d", i%3, i%7, i), fmt.Sprint(i)))
	}
	return []vector{
		{name: "empty-archive"},
		{name: "empty-file", files: []reproducible.File{file("empty", "")}},
		{name: "one-byte", files: []reproducible.File{file("f", "x")}},
		{name: "size-511", files: sized(511)},
		{name: "size-512", files: sized(512)},
		{name: "size-513", files: sized(513)},
		{name: "size-65535", files: sized(65535)},
		{name: "size-1MiB-and-1", files: sized(1<<20 + 1)},
		{name: "prose-300KiB", files: []reproducible.File{file("prose.txt", string(prose(1, 300<<10)))}},
		{name: "prose-2MiB", files: []reproducible.File{file("prose.txt", string(prose(2, 2<<20)))}},
		{name: "zeros-3MiB", files: []reproducible.File{file("zeros", string(make([]byte, 3<<20)))}},
		{name: "noise-and-prose", files: []reproducible.File{
			file("a.png", string(noise(1, 100<<10))), file("b.txt", string(prose(3, 100<<10))),
			file("c.zip", string(noise(2, 300<<10))), file("d.txt", string(prose(4, 300<<10))),
		}},
		{name: "name-100", files: one(segments(100, 100))},
		{name: "name-101-one-segment", files: one(segments(101, 101))},
		{name: "name-101-two-segments", files: one(segments(101, 50))},
		{name: "name-255-one-segment", files: one(segments(255, 255))},
		{name: "name-256-divided", files: one(segments(155, 155) + "/" + segments(100, 100))},
		{name: "name-257-not-divided", files: one(segments(156, 156) + "/" + segments(100, 100))},
		{name: "name-300", files: one(segments(300, 40))},
		{name: "name-300-long-segments", files: one(segments(300, 160))},
		{name: "name-1000", files: one(segments(1000, 100))},
		{name: "name-4096", files: one(segments(4096, 250))},
		{name: "name-slash-at-100", files: one(segments(99, 99) + "/" + segments(150, 150))},
		{name: "name-non-ascii", files: one("übersicht.md")},
		{name: "name-cjk-only", files: one("日本/語")},
		{name: "name-decomposed", files: one("cafe\u0301.md")},
		{name: "name-emoji-long", files: one(strings.Repeat("\U0001f600/", 60) + "x")},
		{name: "names-sorted-by-bytes", files: slices.Concat(one("b"), one("a/b"), one("a-b"), one("a.b"), one("Z"), one("é"), one("y"))},
		{name: "many-files", files: many},
		{name: "many-directories", files: tree},
		{name: "modes-by-content", files: []reproducible.File{
			file("class", "\xca\xfe\xba\xbe\x00\x00\x00\x3d"), file("elf", "\x7fELF\x02\x01\x01"), file("hash", "#"), file("macho", "\xcf\xfa\xed\xfe"),
			file("plain", "text"), file("script", "#!"), file("universal", "\xca\xfe\xba\xbe\x00\x00\x00\x02"),
		}},
		{name: "modes-given", files: []reproducible.File{
			withMode(file("0100", ""), 0o100), withMode(file("0644", "#!/bin/sh\n"), 0o644), withMode(file("0777", "x"), 0o777),
		}},
		{name: "epoch-1", epoch: 1, files: one("f")},
		{name: "epoch-2026", epoch: 1795395723, files: one("f")},
		{name: "epoch-octal-limit", epoch: octalTime, files: slices.Concat(one("f"), one(segments(120, 60)))},
		{name: "epoch-over-octal-limit", epoch: octalTime + 1, files: slices.Concat(one("f"), one(segments(120, 60)), one("é"))},
		{name: "epoch-9999", epoch: 253402300799, files: one("f")},
		{name: "header-size-octal-limit", files: []reproducible.File{sparseFile("f", octalSize-1)}, head: 512},
		{name: "header-size-over-octal-limit", files: []reproducible.File{sparseFile("f", octalSize)}, head: 3 * 512},
		{name: "header-size-greatest", files: []reproducible.File{sparseFile("f", 1<<63-1)}, head: 3 * 512},
		{name: "header-all-records", epoch: octalTime + 1, files: []reproducible.File{sparseFile("é"+segments(99, 99), octalSize)}, head: 3 * 512},
		{name: "name-ascii-100-with-slash", files: one(segments(99, 99) + "/é")},
		{name: "name-ascii-101-with-slash-at-100", files: one(segments(99, 99) + "/éx")},
		{name: "modes-universal", files: []reproducible.File{
			file("four", "\xca\xfe\xba\xbe"), file("seven", "\xca\xfe\xba\xbe\x00\x00\x00"), file("of-0", "\xca\xfe\xba\xbe\x00\x00\x00\x00"),
			file("of-44", "\xca\xfe\xba\xbf\x00\x00\x00\x2c"), file("of-45", "\xca\xfe\xba\xbf\x00\x00\x00\x2d"), file("of-2-31", "\xca\xfe\xba\xbe\x80\x00\x00\x00"),
			file("three", "\xfe\xed\xfa"), file("all", "\xfe\xed\xfa\xce"),
		}},
	}
}

// tar returns the bytes of the archive.
func (v vector) tar(t testing.TB) []byte {
	t.Helper()
	epoch := time.Unix(v.epoch, 0)
	if v.head == 0 {
		return archive(t, epoch, v.files...)
	}
	out := &stopWriter{room: v.head}
	_, err := reproducible.WriteTar(t.Context(), out, v.files, epoch)
	require.ErrorIs(t, err, errTest)
	return out.Bytes()
}

// line returns the vector's line of testdata/golden.txt.
func (v vector) line(t testing.TB) string {
	t.Helper()
	data := v.tar(t)
	zipped := compress(t, data)
	require.True(t, bytes.Equal(data, decompress(t, zipped)))
	if v.head == 0 && len(data) < 1<<19 { // more takes long on emulated processors
		// What is delivered one byte at a time gives the same.
		v.files = slices.Clone(v.files)
		for i, f := range v.files {
			v.files[i].Open = func() (io.ReadCloser, error) {
				r, err := f.Open()
				return io.NopCloser(iotest.OneByteReader(r)), err
			}
		}
		require.True(t, bytes.Equal(data, v.tar(t)), "contents read one byte at a time")
		require.True(t, bytes.Equal(zipped, compressIn(t, data, 1)), "written one byte at a time")
	}
	return fmt.Sprintf("%s %x %x\n", v.name, sha256.Sum256(data), sha256.Sum256(zipped))
}

// TestGoldenArchivesBounded compares archives, and what gzip makes of them, with
// digests that must never change.
func TestGoldenArchivesBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	path := filepath.Join("testdata", "golden.txt")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	if *update {
		var lines strings.Builder
		for _, v := range vectors() {
			lines.WriteString(v.line(t))
		}
		// Format 1 is frozen: what stands there stays.
		require.True(t, strings.HasPrefix(lines.String(), string(data)), "new vectors come last, and the others are as they are in %s", path)
		require.NoError(t, os.WriteFile(path, []byte(lines.String()), 0o644))
		return
	}
	t.Parallel()
	want := strings.SplitAfter(string(data), "\n")
	all := vectors()
	require.Len(t, want, len(all)+1, "lines of %s", path)
	for i, v := range all {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want[i], v.line(t))
		})
	}
}
