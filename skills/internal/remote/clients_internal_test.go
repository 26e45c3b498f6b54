// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "localhost:5000": true, "127.0.0.1:5000": true, "127.8.9.1": true, "[::1]:5000": true, "[::1]": true, "::1": true,
		"localhost.example.com": false, "example.com:5000": false, "128.0.0.1": false, "127.0.0.1.example.com": false,
		"10.0.0.1:5000": false, "[::2]:5000": false, "0.0.0.0:5000": false, "": false,
	} {
		require.Equal(t, want, IsLoopback(host), host)
	}
}
