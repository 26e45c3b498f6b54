// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// rulesOf returns the rules of findings.
func rulesOf(found []skilldir.Diagnostic) (rules []string) {
	for _, d := range found {
		rules = append(rules, d.Rule)
	}
	return rules
}

// TestToolHiveTakesSoManyPlatforms warns of more.
func TestToolHiveTakesSoManyPlatforms(t *testing.T) {
	t.Parallel()
	var all []ocispec.Platform
	for _, system := range []string{"linux", "freebsd", "windows", "netbsd", "openbsd", "android"} {
		for _, architecture := range []string{"arm64/v8", "arm64/v8.1", "arm64/v8.2", "arm64/v9", "arm64/v9.1", "386"} {
			all = append(all, platforms(system+"/"+architecture)...)
		}
	}
	for n, want := range map[int][]string{32: nil, 33: {"toolhive-platforms"}} {
		_, result := packDir(t, tree(t, smallSkill()), skills.PackageOptions{Platforms: all[:n]})
		require.Equal(t, want, rulesOf(result.Warnings))
		_, silent := packDir(t, tree(t, smallSkill()), skills.PackageOptions{Platforms: all[:n], Silence: []string{"toolhive-platforms"}})
		require.Empty(t, silent.Warnings)
		require.Equal(t, result.IndexDigest, silent.IndexDigest)
	}
}

// TestLongDescriptionIsPackedWithAWarning packs it and reads it back.
func TestLongDescriptionIsPackedWithAWarning(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for n, want := range map[int][]string{1024: nil, 1025: {"description-length"}, 1929: {"description-length"}} {
		description := "Use it " + strings.Repeat("é", n-7)
		dir := tree(t, map[string]string{"SKILL.md": "---\nname: demo\ndescription: " + description + "\n---\nDo this.\n"})
		store, result := packDir(t, dir, skills.PackageOptions{})
		require.Equal(t, want, rulesOf(result.Warnings))
		for _, d := range result.Warnings {
			require.Contains(t, d.String(), "ToolHive and skills-ref")
		}
		got, err := skills.Inspect(ctx, store, result.IndexDigest.String(), skills.InspectOptions{Files: true})
		require.NoError(t, err)
		require.Equal(t, description, got.Config.Description)
		unpacked, err := skills.Unpack(ctx, store, result.IndexDigest.String(), filepath.Join(t.TempDir(), "demo"), skills.UnpackOptions{})
		require.NoError(t, err)
		require.Equal(t, result.IndexDigest, unpacked.Digest)
		report, err := skilldir.Validate(ctx, dir, skilldir.ValidateOptions{Profile: skilldir.ProfileAgentSkills})
		require.NoError(t, err)
		require.Equal(t, want != nil, report.Err() != nil)
	}
}
