// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

// content is a file as a Reader hands it out.
type content struct {
	reproducible.Entry
	data string
}

// readAll reads an archive to its end or the first error.
func readAll(in io.Reader, limits reproducible.Limits) ([]content, error) {
	var files []content
	for r := reproducible.NewReader(in, limits); ; {
		entry, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return files, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return files, err
		}
		files = append(files, content{entry, string(data)})
	}
}

// tarOf returns an archive that archive/tar writes; contents are zeros.
func tarOf(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	tw := tar.NewWriter(&out)
	for _, h := range headers {
		require.NoError(t, tw.WriteHeader(&h))
		if h.Typeflag == tar.TypeReg {
			_, err := io.CopyN(tw, zeros{}, h.Size)
			require.NoError(t, err)
		}
	}
	require.NoError(t, tw.Close())
	return out.Bytes()
}

// rawHeader returns a header block, with fields at offsets replaced.
func rawHeader(name string, typeflag byte, size string, fields map[int]string) []byte {
	b := make([]byte, 512)
	copy(b, name)
	copy(b[100:], "0000644\x000000000\x000000000\x00")
	copy(b[124:136], size+"\x00")
	copy(b[136:], "00000000000\x00        ")
	b[156] = typeflag
	copy(b[257:], "ustar\x0000")
	for offset, value := range fields {
		copy(b[offset:], value)
	}
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	for i := range 6 {
		b[148+5-i] = byte('0' + sum>>(3*i)&7)
	}
	b[154] = 0
	return b
}

// pad fills data up to whole blocks.
func pad(data string) []byte {
	return append([]byte(data), make([]byte, -len(data)&511)...)
}

// paxHeader returns an extended header with the records in its data.
func paxHeader(typeflag byte, data string) []byte {
	return append(rawHeader("PaxHeaders.0/f", typeflag, octal(len(data)), nil), pad(data)...)
}

func octal(n int) string {
	digits := []byte("00000000000")
	for i := range digits {
		digits[len(digits)-1-i] = byte('0' + n>>(3*i)&7)
	}
	return string(digits)
}

var end = make([]byte, 1024)

func TestReaderReadsWhatWriteTarWrites(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long/", 30) + "name"
	data := archive(t, epoch0,
		file("SKILL.md", "---\n"), file("empty", ""), file(long, strings.Repeat("x", 1000)), file("scripts/run", "#!/bin/sh\n"), file("日本/é", "こんにちは"))
	want := []content{
		{reproducible.Entry{Name: "SKILL.md", Size: 4, Mode: 0o644}, "---\n"},
		{reproducible.Entry{Name: "empty", Mode: 0o644}, ""},
		{reproducible.Entry{Name: long, Size: 1000, Mode: 0o644}, strings.Repeat("x", 1000)},
		{reproducible.Entry{Name: "scripts/run", Size: 10, Mode: 0o755}, "#!/bin/sh\n"},
		{reproducible.Entry{Name: "日本/é", Size: 15, Mode: 0o644}, "こんにちは"},
	}
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole":         func(r io.Reader) io.Reader { return r },
		"one byte":      iotest.OneByteReader,
		"half":          iotest.HalfReader,
		"end with data": iotest.DataErrReader,
		"at times":      func(r io.Reader) io.Reader { return &stutterReader{r: r} },
	} {
		got, err := readAll(wrap(bytes.NewReader(data)), reproducible.Limits{})
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	// Contents may be left unread.
	r := reproducible.NewReader(bytes.NewReader(data), reproducible.Limits{})
	for _, w := range want {
		entry, err := r.Next()
		require.NoError(t, err)
		require.Equal(t, w.Entry, entry)
	}
	for range 2 {
		entry, err := r.Next()
		require.Equal(t, io.EOF, err)
		require.Zero(t, entry)
		n, err := r.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.Zero(t, n)
	}
}

// TestReaderReadsArchivesOfOthers has what other tools make of a skill.
func TestReaderReadsArchivesOfOthers(t *testing.T) {
	t.Parallel()
	reg := func(name string, mode int64, format tar.Format) tar.Header {
		return tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: 3, Format: format, Uid: 1000, Gid: 1000, Uname: "user", Gname: "user"}
	}
	comment := func(hash string) []byte { return paxHeader('g', paxRecord("comment", hash)) }
	hash := strings.Repeat("0123456789abcdef", 4)[:40]
	dir := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755} }
	long := strings.Repeat("x", 200)
	zero3 := "\x00\x00\x00"
	entry := func(name string, mode fs.FileMode) content {
		return content{reproducible.Entry{Name: name, Size: 3, Mode: mode}, zero3}
	}
	for name, test := range map[string]struct {
		data []byte
		want []content
	}{
		"empty":                 {data: end},
		"nothing at all":        {data: nil},
		"one empty block":       {data: end[:512]},
		"directories":           {tarOf(t, dir("a/"), reg("a/b", 0o644, 0), dir("c/"), dir("c/d/")), []content{entry("a/b", 0o644)}},
		"tar of .":              {tarOf(t, dir("./"), reg("./SKILL.md", 0o600, 0), dir("./a/"), reg("./a/b", 0o700, 0)), []content{entry("SKILL.md", 0o644), entry("a/b", 0o755)}},
		"root as a dot":         {tarOf(t, dir("."), reg("a", 0o644, 0)), []content{entry("a", 0o644)}},
		"a directory twice":     {tarOf(t, dir("a/"), dir("a/"), dir("./a")), nil},
		"GNU names":             {tarOf(t, reg(long, 0o755, tar.FormatGNU)), []content{entry(long, 0o755)}},
		"PAX names":             {tarOf(t, reg("é"+long, 0o001, tar.FormatPAX)), []content{entry("é"+long, 0o755)}},
		"setuid":                {tarOf(t, reg("a", 0o4644, 0), reg("b", 0o6755, 0)), []content{entry("a", 0o644), entry("b", 0o755)}},
		"V7":                    {slices.Concat(rawHeader("a", 0, octal(3), map[int]string{257: zero3 + zero3 + "\x00\x00"}), pad(zero3), end), []content{entry("a", 0o644)}},
		"base-256 size":         {slices.Concat(rawHeader("a", '0', "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03", map[int]string{257: "ustar  \x00"}), pad(zero3), end), []content{entry("a", 0o644)}},
		"no end":                {tarOf(t, reg("a", 0o644, 0))[:1024], []content{entry("a", 0o644)}},
		"git archive":           {slices.Concat(comment(hash), tarOf(t, dir("a/"), reg("a/b", 0o775, 0), reg("a/é", 0o664, 0))), []content{entry("a/b", 0o755), entry("a/é", 0o644)}},
		"git archive, a block":  {slices.Concat(comment(strings.Repeat("c", 512-len("512 comment=\n"))), tarOf(t, reg("é"+long, 0o644, tar.FormatPAX))), []content{entry("é"+long, 0o644)}},
		"git archive, SHA-256":  {slices.Concat(comment(hash+hash[:24]), tarOf(t)), nil},
		"a global header alone": {slices.Concat(comment("c"), end), nil},
		"GNU tar's record size": {append(tarOf(t, reg("a", 0o644, 0)), make([]byte, 10240-2048)...), []content{entry("a", 0o644)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := bytes.NewReader(test.data)
			got, err := readAll(in, reproducible.Limits{})
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			require.Zero(t, in.Len(), "all of the input is read, so that it can be digested")
		})
	}
}

func TestReaderRefusesHostileArchives(t *testing.T) {
	t.Parallel()
	reg := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644} }
	of := func(typeflag byte, linkname string) []byte {
		return tarOf(t, tar.Header{Typeflag: typeflag, Name: "bad", Linkname: linkname})
	}
	raw := func(name string) []byte { return slices.Concat(rawHeader(name, '0', octal(0), nil), end) }
	pax := func(records string) []byte {
		return slices.Concat(paxHeader('x', records), rawHeader("f", '0', octal(512), nil), make([]byte, 512), end)
	}
	plain, two := raw("f"), slices.Concat(rawHeader("f", '0', octal(0), nil), rawHeader("g", '0', octal(0), nil), end)
	gnu := map[int]string{257: "ustar  \x00"}
	longName := func(name string) []byte {
		return append(rawHeader("././@LongLink", 'L', octal(len(name)+1), gnu), pad(name+"\x00")...)
	}
	comment := paxHeader('g', "13 comment=x\n")
	ambiguous := reproducible.ErrAmbiguous
	sparse := map[int]string{257: "ustar  \x00", 386: octal(0) + "\x00" + octal(1) + "\x00", 483: octal(1 << 20)}
	for name, test := range map[string]struct {
		data []byte
		want error
		part string // of the message
	}{
		"symbolic link":              {of(tar.TypeSymlink, "/etc/passwd"), reproducible.ErrFileType, `"bad"`},
		"symbolic link, harmless":    {of(tar.TypeSymlink, "f"), reproducible.ErrFileType, "a symbolic link"},
		"hard link":                  {of(tar.TypeLink, "f"), reproducible.ErrFileType, "a hard link"},
		"character device":           {of(tar.TypeChar, ""), reproducible.ErrFileType, "a device"},
		"block device":               {of(tar.TypeBlock, ""), reproducible.ErrFileType, "a device"},
		"fifo":                       {of(tar.TypeFifo, ""), reproducible.ErrFileType, "a fifo"},
		"contiguous file":            {slices.Concat(rawHeader("bad", '7', octal(0), nil), end), reproducible.ErrFileType, `'7'`},
		"of a vendor":                {slices.Concat(rawHeader("bad", 'Z', octal(0), nil), end), reproducible.ErrFileType, `'Z'`},
		"global header":              {slices.Concat(paxHeader('g', "13 path=../x\n"), raw("f")), reproducible.ErrFileType, "a global header"},
		"sparse, old GNU":            {slices.Concat(rawHeader("bad", 'S', octal(1), sparse), pad("x"), end), reproducible.ErrFileType, "a sparse file"},
		"sparse, PAX 0.0":            {pax("27 GNU.sparse.size=1048576\n26 GNU.sparse.numblocks=1\n23 GNU.sparse.offset=0\n27 GNU.sparse.numbytes=512\n"), reproducible.ErrFileType, "a sparse file"},
		"sparse, PAX 0.1":            {pax("27 GNU.sparse.size=1048576\n26 GNU.sparse.numblocks=1\n24 GNU.sparse.map=0,512\n"), reproducible.ErrFileType, "a sparse file"},
		"sparse, PAX 1.0":            {slices.Concat(paxHeader('x', "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n26 GNU.sparse.name=../bad\n31 GNU.sparse.realsize=1048576\n"), rawHeader("f", '0', octal(1024), nil), pad("1\n0\n512\n"), make([]byte, 512), end), reproducible.ErrFileType, "a sparse file"},
		"sparse of unknown version":  {pax("22 GNU.sparse.major=9\n22 GNU.sparse.minor=9\n"), reproducible.ErrFileType, "a sparse file"},
		"parent":                     {tarOf(t, reg("../x")), reproducible.ErrName, `"../x"`},
		"parent in between":          {tarOf(t, reg("a/../x")), reproducible.ErrName, `"a/../x"`},
		"parent at the end":          {raw("a/.."), reproducible.ErrName, `"a/.."`},
		"parent after a dot":         {tarOf(t, reg("./../x")), reproducible.ErrName, `"../x"`},
		"parent in the prefix":       {slices.Concat(rawHeader("x", '0', octal(0), map[int]string{345: "../.."}), end), reproducible.ErrName, `"../../x"`},
		"parent in a PAX record":     {pax("13 path=../x\n"), reproducible.ErrName, `"../x"`},
		"parent in a GNU name":       {slices.Concat(rawHeader("././@LongLink", 'L', octal(5), map[int]string{257: "ustar  \x00"}), pad("../x\x00"), rawHeader("f", '0', octal(0), map[int]string{257: "ustar  \x00"}), end), reproducible.ErrName, `"../x"`},
		"absolute":                   {tarOf(t, reg("/abs")), reproducible.ErrName, `"/abs"`},
		"absolute after a dot":       {tarOf(t, reg(".//abs")), reproducible.ErrName, `"/abs"`},
		"two dots":                   {tarOf(t, reg("././x")), reproducible.ErrName, `"./x"`},
		"empty name":                 {raw(""), reproducible.ErrName, `""`},
		"slash at the end":           {raw("dir/"), reproducible.ErrName, `"dir/"`},
		"drive":                      {tarOf(t, reg("C:/x")), reproducible.ErrName, `"C:/x"`},
		"backslash":                  {tarOf(t, reg(`..\x`)), reproducible.ErrName, `"..\\x"`},
		"newline":                    {tarOf(t, reg("a\nb")), reproducible.ErrName, `"a\nb"`},
		"not UTF-8":                  {raw("a\xff"), reproducible.ErrName, `"a\xff"`},
		"NUL in a PAX record":        {pax("14 path=a\x00b.c\n"), tar.ErrHeader, ""},
		"NUL hides the rest":         {raw("../x\x00.txt"), reproducible.ErrName, `"../x"`},
		"twin":                       {tarOf(t, reg("a"), reg("b"), reg("a")), reproducible.ErrName, `"a"`},
		"twin after a dot":           {tarOf(t, reg("a"), reg("./a")), reproducible.ErrName, `"a"`},
		"twin in another case":       {tarOf(t, reg("Readme"), reg("README")), reproducible.ErrName, `"README"`},
		"file and directory":         {tarOf(t, reg("a"), reg("a/b")), reproducible.ErrName, `"a/b"`},
		"directory and file":         {tarOf(t, reg("a/b"), reg("a")), reproducible.ErrName, `"a"`},
		"directory outside":          {tarOf(t, tar.Header{Typeflag: tar.TypeDir, Name: "../"}), reproducible.ErrName, `".."`},
		"absolute directory":         {tarOf(t, tar.Header{Typeflag: tar.TypeDir, Name: "/etc/"}), reproducible.ErrName, `"/etc"`},
		"root directory":             {tarOf(t, tar.Header{Typeflag: tar.TypeDir, Name: "/"}), reproducible.ErrName, `""`},
		"negative size":              {slices.Concat(rawHeader("bad", '0', strings.Repeat("\xff", 12), map[int]string{257: "ustar  \x00"}), end), tar.ErrHeader, ""},
		"negative size, PAX":         {pax("11 size=-1\n"), tar.ErrHeader, ""},
		"size of 2^63, PAX":          {pax("28 size=9223372036854775808\n"), tar.ErrHeader, ""},
		"size of 2^63-1, PAX":        {pax("28 size=9223372036854775807\n"), reproducible.ErrTooLarge, `"f"`},
		"size of 2^62, base-256":     {slices.Concat(rawHeader("bad", '0', "\x80\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00", map[int]string{257: "ustar  \x00"}), end), reproducible.ErrTooLarge, `"bad"`},
		"size over 64 bits":          {slices.Concat(rawHeader("bad", '0', "\x80\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00", map[int]string{257: "ustar  \x00"}), end), tar.ErrHeader, ""},
		"size that is no number":     {slices.Concat(rawHeader("bad", '0', "0000000000z", nil), end), tar.ErrHeader, ""},
		"wrong checksum":             {slices.Concat([]byte("!"), tarOf(t, reg("aa"))[1:]), tar.ErrHeader, ""},
		"one empty block in between": {slices.Concat(end[:512], raw("f")), tar.ErrHeader, ""},
		"PAX length too short":       {pax("3 path=f\n"), tar.ErrHeader, ""},
		"PAX length too long":        {pax("99 path=f\n"), tar.ErrHeader, ""},
		"PAX length overflows":       {pax("99999999999999999999 path=f\n"), tar.ErrHeader, ""},
		"PAX without a key":          {pax("7 =abc\n"), tar.ErrHeader, ""},
		"PAX record over a MiB":      {paxHeader('x', "1048590 path="+strings.Repeat("x", 1<<20)+"\n"), tar.ErrFieldTooLong, ""},
		"name of a MiB":              {pax("1048571 path=" + strings.Repeat("x", 1048571-14) + "\n"), reproducible.ErrName, ""},
		"gzip, not tar":              {compress(t, noise(1, 1000)), tar.ErrHeader, ""},
		"a second archive":           {append(tarOf(t, reg("f")), tarOf(t, reg("g"))...), ambiguous, "after its end"},
		"a second archive, padded":   {slices.Concat(tarOf(t, reg("f")), make([]byte, 9*1024), raw("g")), ambiguous, "after its end"},
		"a second after an empty":    {append(tarOf(t), plain...), ambiguous, "after its end"},
		"a byte after the end":       {append(tarOf(t, reg("f")), 1), ambiguous, "after its end"},
		"a byte after much padding":  {append(append(tarOf(t, reg("f")), make([]byte, 100_000)...), 'x'), ambiguous, "after its end"},
		"global header, of two keys": {slices.Concat(paxHeader('g', "13 comment=x\n12 mtime=17\n"), plain), reproducible.ErrFileType, "a global header"},
		"global header, later":       {slices.Concat(rawHeader("f", '0', octal(0), nil), comment, raw("g")), ambiguous, "not at the beginning"},
		"global header, twice":       {slices.Concat(comment, comment, plain), ambiguous, "not at the beginning"},
		"global header, after a PAX": {slices.Concat(paxHeader('x', "10 path=g\n"), comment, plain), ambiguous, "not at the beginning"},
		"global header, then PAX, g": {slices.Concat(comment, paxHeader('x', "10 path=g\n"), comment, plain), ambiguous, "not at the beginning"},
		"two PAX headers":            {slices.Concat(paxHeader('x', "10 path=g\n"), paxHeader('x', "12 mtime=17\n"), plain), ambiguous, `"f"`},
		"two PAX headers, second":    {slices.Concat(two[:512], paxHeader('x', "10 path=h\n"), paxHeader('x', "12 mtime=17\n"), two[512:]), ambiguous, `"g"`},
		"two GNU names":              {slices.Concat(longName("g"), longName("h"), rawHeader("f", '0', octal(0), gnu), end), ambiguous, `"h"`},
		"a PAX and a GNU name":       {slices.Concat(paxHeader('x', "10 path=g\n"), longName("h"), rawHeader("f", '0', octal(0), gnu), end), ambiguous, `"h"`},
		"an empty PAX name":          {pax("8 path=\n"), ambiguous, `"f"`},
		"size of a PAX in base 256":  {slices.Concat(rawHeader("p", 'x', "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0a", nil), pad("10 path=g\n"), plain), ambiguous, `"g"`},
		"directory with content":     {slices.Concat(rawHeader("d/", '5', octal(512), nil), plain), ambiguous, "a directory of 512 bytes"},
		"directory, old, content":    {slices.Concat(rawHeader("d/", 0, octal(1), nil), plain), ambiguous, "a directory of 1 bytes"},
		"directory with a PAX size":  {slices.Concat(paxHeader('x', "12 size=512\n"), rawHeader("d/", '5', octal(0), nil), plain), ambiguous, "a directory of 512 bytes"},
		"directory, two PAX headers": {slices.Concat(paxHeader('x', "10 path=e\n"), paxHeader('x', "12 mtime=17\n"), rawHeader("d/", '5', octal(0), nil), end), ambiguous, `"d/"`},
		"text":                       {bytes.Repeat([]byte("<html>"), 100), tar.ErrHeader, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reproducible.NewReader(bytes.NewReader(test.data), reproducible.Limits{})
			var err error
			for n := 0; err == nil; n++ {
				require.Less(t, n, 3)
				_, err = r.Next()
			}
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.part)

			_, again := r.Next()
			require.Equal(t, err, again, "there is no way past an error")
			n, again := r.Read(make([]byte, 10))
			require.Equal(t, err, again)
			require.Zero(t, n)
		})
	}
}

func TestReaderLimits(t *testing.T) {
	t.Parallel()
	require.Equal(t, reproducible.Limits{Files: 1000, Bytes: 95 << 20}, reproducible.Limits{}.WithDefaults())
	require.Equal(t, reproducible.Limits{Files: 1000, Bytes: 95 << 20}, reproducible.Limits{Files: -1, Bytes: -1}.WithDefaults())
	require.Equal(t, reproducible.Limits{Files: 2, Bytes: 3}, reproducible.Limits{Files: 2, Bytes: 3}.WithDefaults())

	data := archive(t, epoch0, file("a", "12345"), file("b", ""), file("c", "67890"))
	for _, test := range []struct {
		limits reproducible.Limits
		files  int
		want   error
		part   string
	}{
		{reproducible.Limits{}, 3, nil, ""},
		{reproducible.Limits{Files: 3, Bytes: 10}, 3, nil, ""},
		{reproducible.Limits{Files: math.MaxInt, Bytes: math.MaxInt64}, 3, nil, ""},
		{reproducible.Limits{Files: 1, Bytes: math.MaxInt64}, 1, reproducible.ErrTooManyFiles, `"b"`},
		{reproducible.Limits{Files: math.MaxInt, Bytes: 5}, 2, reproducible.ErrTooLarge, `"c"`},
		{reproducible.Limits{Files: 2}, 2, reproducible.ErrTooManyFiles, `"c"`},
		{reproducible.Limits{Bytes: 9}, 2, reproducible.ErrTooLarge, `"c"`},
		{reproducible.Limits{Bytes: 4}, 0, reproducible.ErrTooLarge, `"a"`},
	} {
		got, err := readAll(bytes.NewReader(data), test.limits)
		require.ErrorIs(t, err, test.want)
		require.Len(t, got, test.files)
		if test.want != nil {
			require.ErrorContains(t, err, test.part)
		}
	}

	dirs := make([]tar.Header, 4)
	for i := range dirs {
		dirs[i] = tar.Header{Typeflag: tar.TypeDir, Name: strings.Repeat("d", i+1) + "/"}
	}
	_, err := readAll(bytes.NewReader(tarOf(t, dirs...)), reproducible.Limits{Files: 4})
	require.NoError(t, err)
	_, err = readAll(bytes.NewReader(tarOf(t, dirs...)), reproducible.Limits{Files: 3})
	require.ErrorIs(t, err, reproducible.ErrTooManyFiles)
}
