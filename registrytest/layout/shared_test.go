// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/internal/testkit"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// TestStoresShareADirectory lets workers use two registries with a store each on
// one directory. Each has to see what was done through the other.
func TestStoresShareADirectory(t *testing.T) {
	t.Parallel()
	if !hasLocks {
		t.Skip("there is no flock")
	}
	dir := t.TempDir()
	servers := make([]*registrytest.Server, 2)
	for i := range servers {
		store, err := layout.Open(dir)
		require.NoError(t, err)
		servers[i] = registrytest.New(t, registrytest.Options{Store: store, CheckStore: true, RecordLimit: 50})
	}
	testkit.Stress(t, 16, testkit.Duration(t, "REGISTRYTEST_STRESS", 800*time.Millisecond), servers...)
	store, err := layout.Open(dir)
	require.NoError(t, err)
	require.NoError(t, registrytest.CheckStore(t.Context(), store))
	requireIndexes(t, dir)
}
