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

var update = flag.Bool("update", false, "rewrite testdata/golden.txt")

const goldenFile = "testdata/golden.txt"

func TestGolden(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString("# name, SHA-256 of the compressed bytes, size of the input, size of the output\n")
	for _, c := range inputs() {
		in := c.make()
		out := encode(t, in, 2, 0)
		fmt.Fprintf(&b, "%s %x %d %d\n", c.name, sha256.Sum256(out), len(in), len(out))
	}
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(goldenFile, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(goldenFile)
	require.NoError(t, err)
	require.Equal(t, strings.Split(string(want), "\n"), strings.Split(b.String(), "\n"))
}
