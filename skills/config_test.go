// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
)

// TestNothingIsLost covers a fault of ToolHive's packager, which loses
// compatibility and metadata.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	store, packed := packDir(t, filepath.Join(sampleDir, "release-notes"), skills.PackageOptions{Source: "https://example.com/x", Revision: "abc"})
	got, err := skills.Inspect(context.Background(), store, packed.IndexDigest.String(), skills.InspectOptions{Files: true})
	require.NoError(t, err)
	require.Equal(t, packed.Config, got.Config)
	require.Equal(t, "1.10", got.Config.Version, "a version is text")
	require.NotEmpty(t, got.Config.Compatibility)
	require.NotEmpty(t, got.Config.License)
	require.Contains(t, got.Config.Metadata, "author")
	require.Equal(t, []string{"Bash(git log, git tag:*)", "Read", "Write"}, got.Config.AllowedTools)
	require.Len(t, got.Requires, 2)
	require.Len(t, got.Files, len(got.Config.Files))
	require.Len(t, got.Platforms, 2)
	for key, want := range map[string]string{
		ocispec.AnnotationCreated:         "1970-01-01T00:00:00Z",
		ocispec.AnnotationTitle:           "release-notes",
		ocispec.AnnotationVersion:         "1.10",
		ocispec.AnnotationLicenses:        got.Config.License,
		ocispec.AnnotationDescription:     got.Config.Description,
		ocispec.AnnotationSource:          "https://example.com/x",
		ocispec.AnnotationRevision:        "abc",
		skills.AnnotationSkillName:        "release-notes",
		skills.AnnotationSkillVersion:     "1.10",
		skills.AnnotationFormat:           "1",
		skills.AnnotationSkillDescription: got.Config.Description,
	} {
		require.Equal(t, want, got.Annotations[key], key)
	}
}

// TestEmptyValuesAreLeftOut looks at a skill with a name and a description.
func TestEmptyValuesAreLeftOut(t *testing.T) {
	t.Parallel()
	store, packed := packDir(t, tree(t, map[string]string{"SKILL.md": skillMD}), skills.PackageOptions{})
	got, err := skills.Inspect(context.Background(), store, packed.IndexDigest.String(), skills.InspectOptions{Files: true})
	require.NoError(t, err)
	require.NotContains(t, got.Annotations, ocispec.AnnotationVersion)
	require.NotContains(t, got.Annotations, ocispec.AnnotationLicenses)
	require.NotContains(t, got.Annotations, skills.AnnotationSkillRequires)
	for key, value := range got.Annotations {
		require.NotEmpty(t, value, key)
	}
}

func TestSkillConfigFromImageConfig(t *testing.T) {
	t.Parallel()
	_, err := skills.SkillConfigFromImageConfig(nil)
	require.ErrorIs(t, err, skills.ErrNotSkill)
	for name, labels := range map[string]map[string]string{
		"no labels":       nil,
		"no name":         {skills.LabelSkillVersion: "1"},
		"tools no list":   {skills.LabelSkillName: "x", skills.LabelSkillAllowedTools: `{}`},
		"files no JSON":   {skills.LabelSkillName: "x", skills.LabelSkillFiles: `[`},
		"metadata nested": {skills.LabelSkillName: "x", skills.LabelSkillMetadata: `{"a":{}}`},
	} {
		_, err := skills.SkillConfigFromImageConfig(&ocispec.Image{Config: ocispec.ImageConfig{Labels: labels}})
		require.ErrorIs(t, err, skills.ErrNotSkill, name)
	}
	// What ToolHive writes: an empty version, null for no tools.
	got, err := skills.SkillConfigFromImageConfig(&ocispec.Image{Config: ocispec.ImageConfig{Labels: map[string]string{
		skills.LabelSkillName: "x", skills.LabelSkillVersion: "", skills.LabelSkillAllowedTools: "null", skills.LabelSkillFiles: `["SKILL.md"]`,
	}}})
	require.NoError(t, err)
	require.Equal(t, &skills.SkillConfig{Name: "x", Files: []string{"SKILL.md"}}, got)
}

func TestParseRequiresAnnotation(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]string{
		"": nil, "x": nil, "{}": nil, "[1]": nil, `["a","b"]`: {"a", "b"},
	} {
		require.Equal(t, want, skills.ParseRequiresAnnotation(map[string]string{skills.AnnotationSkillRequires: value}), value)
	}
	require.Nil(t, skills.ParseRequiresAnnotation(nil))
}

func TestParsePlatform(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/amd64/v3", "windows/arm64", "linux/riscv64/rva23u64"} {
		p, err := skills.ParsePlatform(s)
		require.NoError(t, err)
		require.Equal(t, s, skills.PlatformString(p))
	}
	for s, says := range map[string]string{
		"": "os/architecture", "linux": "os/architecture", "linux/": "os/architecture", "/amd64": "os/architecture",
		"linux/arm/v7/x": "os/architecture", "Linux/amd64": "darwin", "linux/x86_64": "amd64", "linux/386/v1": "no variants",
		"linux/arm/v9": "v5, v6, v7, v8", "darwin/s390x": "amd64, arm64", "linux/arm64/": "os/architecture",
	} {
		_, err := skills.ParsePlatform(s)
		require.ErrorIs(t, err, skills.ErrInvalidPlatform, s)
		require.ErrorContains(t, err, says)
	}
}
