// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package deflate

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "append new vectors to testdata/golden.txt")

const goldenFile = "testdata/golden.txt"

func TestGolden(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString("# name, SHA-256 of the compressed bytes, size of the input, size of the output\n")
	for _, c := range inputs() {
		in := c.make()
		// As many workers as GOMAXPROCS, to which `go test -cpu` gives other values, and
		// bytes one at a time.
		step := 1
		if raceEnabled && len(in) > 100_000 {
			step = 127 // which still cuts writes at every limit
		}
		out := encode(t, in, 0, step)
		if len(in) < 20_000 {
			require.True(t, bytes.Equal(out, encode(t, in, 0, 0)), "%s in one write", c.name)
		}
		fmt.Fprintf(&b, "%s %x %d %d\n", c.name, sha256.Sum256(out), len(in), len(out))
	}
	want, err := os.ReadFile(goldenFile)
	require.NoError(t, err)
	if *update {
		// Format 1 is frozen: what stands there stays.
		require.True(t, bytes.HasPrefix(b.Bytes(), want), "new vectors come last, and the others are as they are in %s", goldenFile)
		require.NoError(t, os.WriteFile(goldenFile, b.Bytes(), 0o644))
		return
	}
	require.Equal(t, strings.Split(string(want), "\n"), strings.Split(b.String(), "\n"))
}
