// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

// gunzip reads all of in.
func gunzip(in io.Reader) ([]byte, error) {
	zr, err := reproducible.NewGzipReader(in)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zr)
}

func TestGzipReaderReadsOneMember(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 5000, 300_000} {
		data := prose(uint64(size), size)
		zipped := compress(t, data)
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"bytes":         func(r io.Reader) io.Reader { return r },
			"no ByteReader": func(r io.Reader) io.Reader { return io.MultiReader(r) },
			"one byte":      iotest.OneByteReader,
			"end with data": iotest.DataErrReader,
			"at times":      func(r io.Reader) io.Reader { return &stutterReader{r: r} },
		} {
			in := bytes.NewReader(zipped)
			got, err := gunzip(wrap(in))
			require.NoError(t, err, name)
			require.True(t, bytes.Equal(data, got), name)
			require.Zero(t, in.Len(), "%s: all of the input is read, so that it can be digested", name)
		}
	}
}

// TestGzipReaderRefusesWhatFollows: some readers take a second member for
// content, some leave it out, some refuse it.
func TestGzipReaderRefusesWhatFollows(t *testing.T) {
	t.Parallel()
	first := compress(t, archive(t, epoch0, file("SKILL.md", "---\n")))
	second := compress(t, archive(t, epoch0, file("evil", "#!/bin/sh\n")))
	var named bytes.Buffer
	zw := gzip.NewWriter(&named)
	zw.Name = "second"
	require.NoError(t, zw.Close())
	for name, after := range map[string][]byte{
		"a member":           second,
		"an empty member":    named.Bytes(),
		"zeros":              make([]byte, 512),
		"one zero":           {0},
		"text":               []byte("x"),
		"half a member":      second[:9],
		"much, then a byte":  append(make([]byte, 1<<20), 1),
		"the archive as tar": end,
	} {
		for wrapping, wrap := range map[string]func(io.Reader) io.Reader{
			"as it is": func(r io.Reader) io.Reader { return r }, "one byte": iotest.OneByteReader,
		} {
			data := slices.Concat(first, after)
			_, err := gunzip(wrap(bytes.NewReader(data)))
			require.ErrorIs(t, err, reproducible.ErrAmbiguous, "%s, %s", name, wrapping)

			zr, err := reproducible.NewGzipReader(wrap(bytes.NewReader(data)))
			require.NoError(t, err)
			files, err := readAll(zr, reproducible.Limits{})
			require.ErrorIs(t, err, reproducible.ErrAmbiguous, "%s, %s", name, wrapping)
			require.Len(t, files, 1)
			n, again := zr.Read(make([]byte, 1))
			require.ErrorIs(t, again, reproducible.ErrAmbiguous)
			require.Zero(t, n)
		}
	}
}

func TestGzipReaderReturnsErrors(t *testing.T) {
	t.Parallel()
	zipped := compress(t, prose(1, 5000))
	for size := range zipped {
		_, err := gunzip(bytes.NewReader(zipped[:size]))
		if size == 0 {
			require.Equal(t, io.EOF, err)
		} else {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "at byte %d", size)
		}
		_, err = gunzip(io.MultiReader(bytes.NewReader(zipped[:size]), iotest.ErrReader(errTest)))
		require.ErrorIs(t, err, errTest, "at byte %d", size)
	}
	_, err := gunzip(io.MultiReader(bytes.NewReader(zipped), iotest.ErrReader(errTest)))
	require.ErrorIs(t, err, errTest, "after the member")
	_, err = gunzip(bytes.NewReader(end))
	require.ErrorIs(t, err, gzip.ErrHeader)
	damaged := slices.Clone(zipped)
	damaged[len(damaged)-5] ^= 1
	_, err = gunzip(bytes.NewReader(damaged))
	require.ErrorIs(t, err, gzip.ErrChecksum)
}
