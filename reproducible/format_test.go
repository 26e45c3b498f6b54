// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

// secondTar is an archive made from the words of FORMAT.md, "Tar archive",
// without archive/tar.
func secondTar(contents map[string]string, epoch int64) []byte {
	names := make([]string, 0, len(contents))
	for name := range contents {
		names = append(names, name)
	}
	slices.Sort(names)
	var b bytes.Buffer
	pad := func() { b.Write(make([]byte, (512-b.Len()%512)%512)) }
	for _, name := range names {
		content := contents[name]
		mode := "0000644"
		if strings.HasPrefix(content, "#!") {
			mode = "0000755"
		}
		slash := strings.LastIndex(name[:min(156, len(name))], "/")
		split := len(name) > 100 && dropHigh(name) == name && epoch <= 8589934591 &&
			slash > 0 && len(name)-slash-1 >= 1 && len(name)-slash-1 <= 100
		var records string
		if epoch > 8589934591 {
			records += record("mtime", fmt.Sprint(epoch))
		}
		ascii := dropHigh(name)
		if len(name) > 100 && !split || ascii != name {
			records += record("path", name)
		}
		if records != "" {
			dir, base := path.Split(name)
			long := dropHigh(dir + "PaxHeaders.0/" + base)
			long = strings.TrimRight(long[:min(100, len(long))], "/")
			b.Write(secondHeader([]byte(long), "0000000", 0, len(records), 'x', strings.Repeat("\x00", 16)))
			b.WriteString(records)
			pad()
		}
		short := []byte(ascii)
		if len(short) > 100 {
			short = short[:100]
			if short[99] == '/' {
				short[len(strings.TrimRight(string(short[:99]), "/"))] = 0
			}
		}
		devices := "0000000\x000000000\x00"
		if split {
			short = []byte(name[slash+1:])
			devices += name[:slash]
		}
		mtime := epoch
		if epoch > 8589934591 {
			mtime = 0
		}
		b.Write(secondHeader(short, mode, mtime, len(content), '0', devices))
		b.WriteString(content)
		pad()
	}
	b.Write(make([]byte, 1024))
	return b.Bytes()
}

func dropHigh(s string) string {
	return string(slices.DeleteFunc([]byte(s), func(c byte) bool { return c >= 0x80 }))
}

func record(key, value string) string {
	for n := 1; ; n++ {
		if s := fmt.Sprintf("%d %s=%s\n", n, key, value); len(s) == n {
			return s
		}
	}
}

func secondHeader(name []byte, mode string, mtime int64, size int, flag byte, devices string) []byte {
	h := make([]byte, 512)
	copy(h, name)
	copy(h[100:], mode)
	copy(h[108:], "0000000")
	copy(h[116:], "0000000")
	copy(h[124:], fmt.Sprintf("%011o", size))
	copy(h[136:], fmt.Sprintf("%011o", mtime))
	copy(h[148:], "        ")
	h[156] = flag
	copy(h[257:], "ustar\x0000")
	copy(h[329:], devices)
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

// TestSecondTarBounded holds WriteTar to FORMAT.md.
func TestSecondTarBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	contents := map[string]string{"empty": "", "run": "#!/bin/sh\n", "a/b/c": strings.Repeat("x", 512), "a/b.c": strings.Repeat("y", 513)}
	for n := 90; n < 130; n++ {
		contents[strings.Repeat("n", n)] = "n"
		contents["dir/"+strings.Repeat("m", n)] = "m"
		contents[strings.Repeat("d/", n/2)+strings.Repeat("e", n%2)+"f"] = "d"
		contents["é"+strings.Repeat("u", n)] = "u"
		contents[strings.Repeat("k/", 48)+strings.Repeat("é", n-89)+"/x"] = "k"
		contents[strings.Repeat("k", n)+"/é/è/x"] = "k"
	}
	for n := 970; n < 1030; n += 7 { // LEN grows by a digit
		contents[strings.Repeat(strings.Repeat("s", 97)+"/", n/98)+strings.Repeat("t", n%98+1)] = "s"
	}
	files := make([]reproducible.File, 0, len(contents))
	for name, content := range contents {
		files = append(files, reproducible.File{Name: name, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(content)), nil
		}})
	}
	for _, epoch := range []int64{0, 1, 1_700_000_000, 8589934591, 8589934592, 253402300799} {
		var got bytes.Buffer
		_, err := reproducible.WriteTar(context.Background(), &got, files, time.Unix(epoch, 0))
		require.NoError(t, err)
		want := secondTar(contents, epoch)
		require.Equal(t, len(want), got.Len())
		for i := 0; i < len(want); i += 512 {
			require.Equal(t, string(want[i:i+512]), string(got.Bytes()[i:i+512]), "block %d", i/512)
		}
	}
	var empty bytes.Buffer
	_, err := reproducible.WriteTar(context.Background(), &empty, nil, time.Time{})
	require.NoError(t, err)
	require.Equal(t, secondTar(nil, 0), empty.Bytes())
}
