// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/bounds"
)

func TestLimitsStopAtTheLargestNumber(t *testing.T) {
	t.Parallel()
	largest := reproducible.Limits{Files: math.MaxInt, Bytes: math.MaxInt64}
	for _, limits := range []reproducible.Limits{largest, {Files: 1, Bytes: math.MaxInt64}, {Files: math.MaxInt, Bytes: 1}, {Files: 1, Bytes: math.MaxInt64 - 2<<20}} {
		require.Positive(t, maxLayerBytes(limits))
		require.GreaterOrEqual(t, maxLayerBytes(limits), limits.Bytes)
		require.GreaterOrEqual(t, bounds.Extra(limits.Files), limits.Files)
	}
	require.Equal(t, int64(math.MaxInt64), maxLayerBytes(largest))
	require.Equal(t, math.MaxInt, bounds.Extra(largest.Files))
	require.Equal(t, int64(1000+1+2*8192+1<<20), maxLayerBytes(reproducible.Limits{Files: 2, Bytes: 1000}))
	require.Equal(t, 20, bounds.Extra(reproducible.Limits{Files: 2}.Files))
}
