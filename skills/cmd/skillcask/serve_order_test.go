// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestServeThatCannotServeTouchesNothing: it neither makes the directory nor
// removes the uploads of the server that is there.
func TestServeThatCannotServeTouchesNothing(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer busy.Close()
	there := t.TempDir()
	upload := filepath.Join(there, ".uploads", "00000000-0000-4000-8000-000000000000")
	require.NoError(t, os.Mkdir(filepath.Dir(upload), 0o755))
	require.NoError(t, os.WriteFile(upload, []byte("x"), 0o644))
	absent := filepath.Join(t.TempDir(), "absent")
	for name, c := range map[string]struct {
		args   []string
		says   string
		status int
	}{
		"address in use":    {[]string{"--addr", busy.Addr().String()}, "choose another port", 3},
		"no authentication": {[]string{"--addr", "0.0.0.0:0"}, "--htpasswd FILE", 2},
		"no passwords":      {[]string{"--addr", busy.Addr().String(), "--htpasswd", absent}, "--htpasswd", 3},
	} {
		for _, dir := range []string{there, absent} {
			var stdout, stderr bytes.Buffer
			require.Equal(t, c.status, run(append([]string{"serve", "--layout", dir}, c.args...), &stdout, &stderr), name)
			require.Contains(t, stderr.String(), c.says, name)
			require.Empty(t, stdout.String())
		}
		require.NoDirExists(t, absent, name)
		require.FileExists(t, upload, name)
	}
	var stdout, stderr bytes.Buffer
	require.Equal(t, 3, run([]string{"serve", "--read-only", "--layout", absent}, &stdout, &stderr))
	require.Contains(t, stderr.String(), "--layout "+absent+": there is no such directory, and --read-only makes none")
	require.NoDirExists(t, absent)
}
