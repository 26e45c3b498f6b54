// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

// requireHeadersOf compares the headers of a file with those of archive/tar.
func requireHeadersOf(t *testing.T, name string, size, epoch int64, mode fs.FileMode) {
	t.Helper()
	var want bytes.Buffer
	require.NoError(t, tar.NewWriter(&want).WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: size, Mode: int64(mode), ModTime: time.Unix(epoch, 0), Format: tar.FormatPAX,
	}))
	got := &stopWriter{room: want.Len()}
	f := sparseFile(name, size)
	f.Mode = mode
	_, err := reproducible.WriteTar(t.Context(), got, []reproducible.File{f}, time.Unix(epoch, 0))
	require.ErrorIs(t, err, errTest)
	if !bytes.Equal(want.Bytes(), got.Bytes()) {
		require.Equal(t, fmt.Sprintf("%q", want.Bytes()), fmt.Sprintf("%q", got.Bytes()), "%q, %d bytes, epoch %d", name, size, epoch)
	}
}

// TestHeadersAreThoseOfTheStandardLibraryBounded compares on each side of every bound.
func TestHeadersAreThoseOfTheStandardLibraryBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	const octal = 1<<33 - 1
	var names []string
	for n := 88; n < 104; n++ {
		x := strings.Repeat("x", n)
		names = append(names, x, "é"+x, x+"/é", "d/"+x, x+"/f", x+"/é/é/y", x[:n-60]+"/"+x, "é/"+x+"/"+x)
	}
	for n := 150; n < 160; n++ {
		names = append(names, segments(n, n)+"/"+segments(99, 99), strings.Trim(segments(n, 50), "/")+"/"+segments(101, 101), segments(n, n/2)+"/f")
	}
	for n := 960; n < 1010; n++ { // the length of a record grows by a digit
		names = append(names, strings.Trim(segments(n, 240), "/"))
	}
	names = append(names, "f", "é", "a/é", "日本/語", segments(9, 9), segments(4096, 250), strings.Repeat("é/", 90)+"f")
	for _, name := range names {
		for _, size := range []int64{0, 1, octal, octal + 1, 1<<63 - 1} {
			for _, epoch := range []int64{0, 1, octal, octal + 1, 253402300799} {
				requireHeadersOf(t, name, size, epoch, 0o644)
			}
		}
		requireHeadersOf(t, name, 7, 1, 0o755)
	}
}

// FuzzHeaders looks for headers that archive/tar would write differently.
func FuzzHeaders(f *testing.F) {
	f.Add("f", int64(0), int64(0), false)
	f.Add("é/"+strings.Repeat("x", 99)+"/y", int64(1)<<33, int64(1)<<33, true)
	f.Add(strings.Repeat("d", 60)+"/"+strings.Repeat("n", 60), int64(3), int64(1), false)
	f.Fuzz(func(t *testing.T, name string, size, epoch int64, executable bool) {
		// Short inputs are to reach long names too.
		if n := len(name); n > 3 && n < 60 && name[0] < 'h' {
			name = strings.Repeat(name+"/", 1+int(name[0]&3)) + name
		}
		if reproducible.CheckName(name) != nil || size < 0 || epoch < 0 || epoch > 253402300799 {
			t.Skip()
		}
		mode := fs.FileMode(0o644)
		if executable {
			mode = 0o755
		}
		requireHeadersOf(t, name, size, epoch, mode)
	})
}

// TestNothingOfOthersIsInTheBytes finds what makes bytes free of packages that
// could make others in another release.
func TestNothingOfOthersIsInTheBytes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	inner, err := filepath.Glob(filepath.Join("internal", "deflate", "*.go"))
	require.NoError(t, err)
	reads := []string{"reader.go", "gzipreader.go"}
	for _, file := range append(files, inner...) {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(strings.Join(reads, " "), file) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			for _, no := range []string{"archive/", "compress/", "encoding/json"} {
				require.False(t, strings.HasPrefix(spec.Path.Value[1:], no), "%s imports %s", file, spec.Path.Value)
			}
		}
	}
}
