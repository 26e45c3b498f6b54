// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

const (
	gzipHeaderSize  = 10
	gzipTrailerSize = 8
)

// decompress decodes exactly one gzip member.
func decompress(t testing.TB, data []byte) []byte {
	t.Helper()
	in := bytes.NewReader(data)
	zr, err := gzip.NewReader(in)
	require.NoError(t, err)
	zr.Multistream(false)
	out, err := io.ReadAll(zr)
	require.NoError(t, err)
	require.Zero(t, in.Len(), "bytes after the member")
	return out
}

func TestGzipHeaderAndTrailer(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 100, 70_000, 3<<20 + 1} {
		data := noise(uint64(size), size)
		got := compress(t, data)
		require.Equal(t, []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}, got[:gzipHeaderSize])
		trailer := got[len(got)-gzipTrailerSize:]
		require.Equal(t, crc32.ChecksumIEEE(data), binary.LittleEndian.Uint32(trailer))
		require.EqualValues(t, size, binary.LittleEndian.Uint32(trailer[4:]))
		require.True(t, bytes.Equal(data, decompress(t, got)))

		zr, err := gzip.NewReader(bytes.NewReader(got))
		require.NoError(t, err)
		require.Equal(t, gzip.Header{OS: 255}, zr.Header)
	}
}

func TestGzipOfNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	zw := reproducible.NewGzipWriter(&out)
	require.Zero(t, out.Len(), "nothing is written before it must")
	require.NoError(t, zw.Close())
	require.Empty(t, decompress(t, out.Bytes()))
	require.Equal(t, out.Bytes(), compress(t, []byte{}), "an empty write changes nothing")
}

func TestGzipSizesOfWritesDoNotMatter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		data  []byte
		steps []int
	}{
		{prose(1, 50<<10), []int{1, 2, 3}},
		{slices.Concat(prose(1, 300<<10), noise(2, 100<<10), prose(3, 700<<10)), []int{511, 4096, 1 << 20}},
	} {
		want := compress(t, test.data)
		for _, step := range test.steps {
			require.True(t, bytes.Equal(want, compressIn(t, test.data, step)), "writes of %d bytes", step)
		}
	}
}

// compressIn is compress with writes of step bytes.
func compressIn(t testing.TB, data []byte, step int) []byte {
	t.Helper()
	var out bytes.Buffer
	zw := reproducible.NewGzipWriter(&out)
	for part := range slices.Chunk(data, step) {
		// There may be a million parts; require takes longer than they do.
		if n, err := zw.Write(part); n != len(part) || err != nil {
			require.NoError(t, err)
			require.Len(t, part, n)
		}
		if n, err := zw.Write(nil); n != 0 || err != nil {
			require.NoError(t, err)
			require.Zero(t, n)
		}
	}
	require.NoError(t, zw.Close())
	return out.Bytes()
}

func TestGzipDoesNotKeepWhatIsWritten(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	zw := reproducible.NewGzipWriter(&out)
	data := prose(1, 2<<20)
	buf := make([]byte, 100<<10)
	for part := range slices.Chunk(data, len(buf)) {
		n, err := zw.Write(buf[:copy(buf, part)])
		require.NoError(t, err)
		require.Len(t, part, n)
		for i := range buf {
			buf[i] = 0xaa
		}
	}
	require.NoError(t, zw.Close())
	require.True(t, bytes.Equal(data, decompress(t, out.Bytes())))
}

// TestGzipReturnsTheErrorOfTheWriter fails at every byte of small members and
// at some of a large one. TestMain sees goroutines that stay.
func TestGzipReturnsTheErrorOfTheWriter(t *testing.T) {
	t.Parallel()
	for _, data := range [][]byte{nil, []byte("hello, hello"), prose(1, 500), noise(2, 2<<20+1)} {
		whole := compress(t, data)
		rooms := []int{0, 1, 9, 10, len(whole) / 2, len(whole) - 9, len(whole) - 8, len(whole) - 1}
		for room := 11; room < len(whole)-9 && len(whole) < 1000; room++ {
			rooms = append(rooms, room)
		}
		for _, room := range rooms {
			for _, broken := range []struct {
				w    io.Writer
				want error
			}{
				{&stopWriter{room: room}, errTest},
				{&shortWriter{room: room}, io.ErrShortWrite},
			} {
				zw := reproducible.NewGzipWriter(broken.w)
				var failed error
				for part := range slices.Chunk(data, 64<<10) {
					n, err := zw.Write(part)
					if failed != nil {
						require.Equal(t, failed, err, "the error stays")
						require.Zero(t, n)
					} else if failed = err; err == nil {
						require.Len(t, part, n)
					}
				}
				if failed != nil {
					require.ErrorIs(t, failed, broken.want)
				}
				require.ErrorIs(t, zw.Close(), broken.want, "%d of %d bytes", room, len(whole))
				require.ErrorIs(t, zw.Close(), broken.want, "a second Close")
				if stopped, ok := broken.w.(*stopWriter); ok {
					require.True(t, bytes.Equal(whole[:room], stopped.Bytes()), "nothing is written after an error")
				}
			}
		}
	}
}

func TestGzipAfterClose(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	zw := reproducible.NewGzipWriter(&out)
	_, err := zw.Write([]byte("data"))
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	size := out.Len()

	require.NoError(t, zw.Close(), "a second Close does nothing")
	n, err := zw.Write([]byte("more"))
	require.ErrorContains(t, err, "closed")
	require.Zero(t, n)
	require.NoError(t, zw.Close())
	require.Equal(t, size, out.Len())
}

func FuzzGzip(f *testing.F) {
	f.Add([]byte(nil), uint16(1))
	f.Add([]byte("hello, hello, hello"), uint16(3))
	f.Add(prose(1, 4000), uint16(100))
	f.Add(noise(1, 4000), uint16(4000))
	f.Fuzz(func(t *testing.T, data []byte, step uint16) {
		got := compress(t, data)
		require.True(t, bytes.Equal(data, decompress(t, got)))
		require.Equal(t, got, compressIn(t, data, int(step)+1))
		require.LessOrEqual(t, len(got), gzipHeaderSize+gzipTrailerSize+16+len(data)+5*(len(data)/(16<<10)))
	})
}
