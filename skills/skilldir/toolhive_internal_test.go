// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestToolHiveTakesLayersOfSoManyBytes warns of larger ones. Packing such a
// layer would take a minute with the race detector; that packing asks is shown by
// package skills, in TestToolHiveTakesSoManyPlatforms, since it asks for both at once.
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

// TestToolHiveTakesArtifactsForSoManyPlatforms warns of more.
func TestToolHiveTakesArtifactsForSoManyPlatforms(t *testing.T) {
	t.Parallel()
	for platforms, want := range map[int][]string{32: nil, 33: {"warning toolhive-platforms ."}} {
		for _, silence := range [][]string{nil, {"toolhive-platforms"}} {
			files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}}
			skill, err := OpenFS(files).Scan(context.Background(), ScanOptions{Silence: silence})
			require.NoError(t, err)
			skill.CheckArtifact(platforms, 1)
			if silence != nil {
				want = nil
			}
			require.Equal(t, want, lines(skill.Warnings()))
		}
	}
}
