// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCertificateThatCantBeWrittenLeavesNoFile fails in the middle of writing
// it, and makes one that can be written.
func TestCertificateThatCantBeWrittenLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	full := errors.New("no space left")
	name, err := writeTemp("x-*", func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		require.NoError(t, err)
		return full
	})
	require.ErrorIs(t, err, full)
	require.Empty(t, name)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)

	_, name, err = makeCertificate(endpoint{host: "localhost", names: []string{"localhost"}})
	require.NoError(t, err)
	require.FileExists(t, name)
}
