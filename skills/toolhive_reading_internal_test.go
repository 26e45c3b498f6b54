// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestToolHiveReadingIsBounded reads front matter in which aliases say the same
// long text thousands of times.
func TestToolHiveReadingIsBounded(t *testing.T) {
	long := "x: &a \"" + strings.Repeat("<", 30<<10) + "\"\n"
	var metadata strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&metadata, "  k%d: *a\n", i)
	}
	for name, block := range map[string]string{
		"a list": "allowed-tools: [" + strings.Repeat("*a,", 8000) + "]\n",
		"a map":  "metadata:\n" + metadata.String(),
	} {
		t.Run(name, func(t *testing.T) {
			seen := &layerContents{skillMD: []byte("---\n" + long + block + "---\n"), names: []string{SkillFileName}}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			require.Nil(t, toolHiveReading(seen, map[string]string{LabelSkillMetadata: "{}"}))
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
		})
	}
}
