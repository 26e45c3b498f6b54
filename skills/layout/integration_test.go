// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package layout_test

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest/realservers"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// TestIntegrationAKilledPushIsInNobodysWay: skopeo and umoci read and change a
// layout in which a push goes on or has been killed, and what a tag has moved
// away from survives their garbage collection.
func TestIntegrationAKilledPushIsInNobodysWay(t *testing.T) {
	copier, collector := realservers.Program(t, "skopeo", "", "apt-get install skopeo"), realservers.Program(t, "umoci", "", "apt-get install umoci")
	path := filepath.Join(t.TempDir(), "layout")
	layout, dir := openLayout(t, path), testkit.Tree(t, testkit.SmallSkill())
	pack := func(tag string, epoch int64) *skills.PackageResult {
		result, err := skills.NewPackager(layout).Package(t.Context(), dir, skills.PackageOptions{Tag: tag, Epoch: time.Unix(epoch, 0)})
		require.NoError(t, err)
		return result
	}
	first := pack("1.0", 1)
	require.Equal(t, first.IndexDigest, pack("1.0", 2).Replaced)
	cmd, out := startPacking(t, path, "half")
	require.True(t, out.Scan())
	use := func() {
		require.Len(t, testkit.HalfFiles(t, path), 1)
		for _, args := range [][]string{
			{copier, "--insecure-policy", "copy", "--quiet", "--all", "oci:" + path + ":1.0", "dir:" + t.TempDir()},
			{copier, "--insecure-policy", "copy", "--quiet", "--all", "oci:" + path + ":1.0", "oci:" + path + ":copied"},
			{collector, "ls", "--layout", path},
			{collector, "gc", "--layout", path},
		} {
			said, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
			require.NoError(t, err, "%s: %s", args, said)
		}
		for _, reference := range []string{"1.0", "copied", first.IndexDigest.String()} {
			_, err := skills.Inspect(t.Context(), openLayout(t, path), reference, skills.InspectOptions{Files: true})
			require.NoError(t, err)
		}
	}
	use()
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	use()
	pack("2.0", 3)
	require.Empty(t, testkit.HalfFiles(t, path))
}
