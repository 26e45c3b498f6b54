// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"archive/zip"
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

// TestCompressorsOfAnyNumberOfWorkersAgree, and the raw stream is the one inside of
// the gzip member.
func TestCompressorsOfAnyNumberOfWorkersAgree(t *testing.T) {
	t.Parallel()
	data := make([]byte, 2<<20) // three chunks
	random := rand.New(rand.NewPCG(1, 2))
	for i := range data {
		data[i] = byte(random.IntN(64))
	}
	want := compress(t, data)
	for _, workers := range []int{-1, 0, 1, 2, 100} {
		c := reproducible.Compressor{Workers: workers}
		var zipped, deflated bytes.Buffer
		gz := c.Gzip(&zipped)
		raw, err := c.Deflate(&deflated)
		require.NoError(t, err)
		for _, w := range []io.WriteCloser{gz, raw} {
			_, err := w.Write(data)
			require.NoError(t, err)
			require.NoError(t, w.Close())
		}
		require.True(t, bytes.Equal(want, zipped.Bytes()), workers)
		require.True(t, bytes.Equal(want[10:len(want)-8], deflated.Bytes()), workers)
	}
}

// TestZipOfReproducibleStreams is read by the standard library, whoever writes it.
func TestZipOfReproducibleStreams(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	zw.RegisterCompressor(zip.Deflate, reproducible.Compressor{Workers: 1}.Deflate)
	content := bytes.Repeat([]byte("skill "), 1000)
	for _, name := range []string{"a", "b"} {
		w, err := zw.Create(name)
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, zw.Close())
	zr, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(t, err)
	require.Len(t, zr.File, 2)
	for _, f := range zr.File {
		require.Less(t, f.CompressedSize64, f.UncompressedSize64/10)
		rc, err := f.Open()
		require.NoError(t, err)
		got, err := io.ReadAll(rc)
		require.NoError(t, err)
		require.NoError(t, rc.Close())
		require.Equal(t, content, got)
	}
}
