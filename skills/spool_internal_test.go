// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSpoolKeepsTheFileOfAnother takes the name that a spool gave up.
func TestSpoolKeepsTheFileOfAnother(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	content := strings.Repeat("x", spoolMemory+1)
	var s spool
	_, err := io.WriteString(&s, content)
	require.NoError(t, err)
	name := s.file.Name()
	_, err = os.Lstat(name)
	givenUp := os.IsNotExist(err)
	if givenUp {
		require.NoError(t, os.WriteFile(name, []byte("another's"), 0o600))
	}
	got, err := io.ReadAll(s.reader())
	require.NoError(t, err)
	require.Equal(t, content, string(got))
	s.close()
	if givenUp {
		require.FileExists(t, name)
	} else {
		require.NoFileExists(t, name)
	}
}
