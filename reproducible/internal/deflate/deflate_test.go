// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"bytes"
	"compress/flate"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func encode(t testing.TB, in []byte, workers int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := NewWriter(&out, workers)
	_, err := z.Write(in)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

func decode(t testing.TB, out []byte) []byte {
	t.Helper()
	in, err := io.ReadAll(flate.NewReader(bytes.NewReader(out)))
	require.NoError(t, err)
	return in
}

func TestRoundTripSmoke(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 100, 258, 259, 70000, chunkSize, windowSize, windowSize + 1, 3*windowSize + 17} {
		for name, f := range map[string]func(i int) byte{
			"zero": func(int) byte { return 0 },
			"mod":  func(i int) byte { return byte(i * i >> 7) },
			"lcg":  func(i int) byte { return byte(uint32(i) * 2654435761 >> 23) },
		} {
			in := make([]byte, n)
			for i := range in {
				in[i] = f(i)
			}
			a := encode(t, in, 1)
			require.True(t, bytes.Equal(in, decode(t, a)), "%s %d", name, n)
			require.True(t, bytes.Equal(a, encode(t, in, 3)), "%s %d", name, n)
		}
	}
}
