// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestToolHiveTakesLayersOfSoManyBytes warns of larger ones. Packing such a
// layer would take a minute with the race detector; that packing asks is shown by
// TestToolHiveTakesSoManyPlatforms, since it asks for both at once.
func TestToolHiveTakesLayersOfSoManyBytes(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64][]string{50 << 20: nil, 50<<20 + 1: {"warning toolhive-layer ."}} {
		var f findings
		f.checkToolHiveArtifact(2, size)
		require.Equal(t, want, lines(f.sorted()))
		f = findings{silence: map[string]bool{"toolhive-layer": true}}
		f.checkToolHiveArtifact(2, size)
		require.Empty(t, f.sorted())
	}
}
