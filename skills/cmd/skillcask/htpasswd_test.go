// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

// TestAWrongPasswordTakesAsLongForEverybody: bcrypt does 2^cost rounds, and how
// many does not tell who is in the file, or at which cost.
func TestAWrongPasswordTakesAsLongForEverybody(t *testing.T) {
	t.Parallel()
	file := ""
	for user, cost := range map[string]int{"low": bcrypt.MinCost, "middle": bcrypt.MinCost + 1, "high": bcrypt.MinCost + 3} {
		hash, err := bcrypt.GenerateFromPassword([]byte("right"), cost)
		require.NoError(t, err)
		file += user + ":" + string(hash) + "\n"
	}
	path := filepath.Join(t.TempDir(), "htpasswd")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	checker, err := readHtpasswd(path)
	require.NoError(t, err)
	rounds, compare := 0, checker.compare
	checker.compare = func(hash, password []byte) error {
		cost, err := bcrypt.Cost(hash)
		require.NoError(t, err)
		rounds += 1 << cost
		return compare(hash, password)
	}
	for _, user := range []string{"low", "middle", "high", "nobody"} {
		rounds = 0
		require.False(t, checker.check(user, "wrong"))
		require.Equal(t, 1<<(bcrypt.MinCost+3), rounds, user)
	}
	for _, user := range []string{"low", "middle", "high"} {
		for range 2 {
			require.True(t, checker.check(user, "right"))
		}
	}
	require.False(t, checker.check("nobody", "right"))
}
