// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/fstest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
)

// The tests in this file are named after the faults of the reference,
// toolhive-core's package oci/skills. Each shows that this package does right.

// packConfig packs a skill of one front matter and reads its configuration
// back from the store.
func packConfig(t *testing.T, frontmatter string) *skills.SkillConfig {
	t.Helper()
	return packFiles(t, map[string]string{"SKILL.md": "---\nname: demo\ndescription: Use it.\n" + frontmatter + "---\nDo this.\n"})
}

func packFiles(t *testing.T, files map[string]string) *skills.SkillConfig {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	store := memory.New()
	result, err := skills.NewPackager(store).PackageFS(context.Background(), fsys, skills.PackageOptions{})
	require.NoError(t, err)
	image := imageConfig(t, store, result)
	config, err := skills.SkillConfigFromImageConfig(image)
	require.NoError(t, err)
	require.Equal(t, result.Config, config)
	return config
}

func imageConfig(t *testing.T, store content.Fetcher, result *skills.PackageResult) *ocispec.Image {
	t.Helper()
	var index ocispec.Index
	fetch(t, store, result.Index, &index)
	var manifest ocispec.Manifest
	fetch(t, store, index.Manifests[0], &manifest)
	var image ocispec.Image
	fetch(t, store, manifest.Config, &image)
	return &image
}

func fetch(t *testing.T, store content.Fetcher, desc ocispec.Descriptor, into any) {
	t.Helper()
	data, err := content.FetchAll(context.Background(), store, desc)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

func refuseFile(t *testing.T, name, rule string) {
	t.Helper()
	fsys := fstest.MapFS{"SKILL.md": {Data: []byte(skillMD)}, name: {Data: []byte("x")}}
	_, err := skills.NewPackager(memory.New()).PackageFS(context.Background(), fsys, skills.PackageOptions{})
	require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
	require.ErrorContains(t, err, "["+rule+"]")
}

func TestReferenceBackslashCheckTakesOneBackslash(t *testing.T) {
	t.Parallel()
	refuseFile(t, `a\..\x`, "file-name-backslash")
	refuseFile(t, `C:x`, "file-name-colon")
	require.Error(t, reproducible.CheckName(`..\x`))
	require.Error(t, reproducible.CheckName(`C:\x`))
}

func TestReferenceSplitsToolsAtCommasInParentheses(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"Bash(git add, git commit)", "Read"}, packConfig(t, "allowed-tools: Bash(git add, git commit) Read\n").AllowedTools)
	require.Equal(t, []string{"Bash(git add, git commit)", "Read"}, packConfig(t, "allowed-tools: Bash(git add, git commit), Read\n").AllowedTools)
}

func TestReferenceCutsFrontmatterAtDashesInsideAValue(t *testing.T) {
	t.Parallel()
	config := packFiles(t, map[string]string{"SKILL.md": "---\nname: demo\ndescription: Use --- it --- now.\nlicense: MIT\n---\nDo this.\n"})
	require.Equal(t, "Use --- it --- now.", config.Description)
	require.Equal(t, "MIT", config.License)
}

func TestReferenceZeroEpochIsYearOne(t *testing.T) {
	t.Parallel()
	dir := tree(t, smallSkill())
	store, result := packDir(t, dir, skills.PackageOptions{Epoch: time.Time{}})
	require.Equal(t, "1970-01-01T00:00:00Z", imageConfig(t, store, result).Created.Format(time.RFC3339))
	_, elsewhere := packDir(t, dir, skills.PackageOptions{Epoch: time.Unix(0, 0).In(time.FixedZone("", 3600))})
	require.Equal(t, result.IndexDigest, elsewhere.IndexDigest)
}

func TestReferenceLosesCompatibilityAndMetadata(t *testing.T) {
	t.Parallel()
	config := packConfig(t, "compatibility: Needs git\nmetadata:\n  author: me\n  version: \"1.50\"\n")
	require.Equal(t, "Needs git", config.Compatibility)
	require.Equal(t, map[string]string{"author": "me", "version": "1.50"}, config.Metadata)
	require.Equal(t, "1.50", config.Version)
}

func TestReferenceRefusesAByteOrderMark(t *testing.T) {
	t.Parallel()
	config := packFiles(t, map[string]string{"SKILL.md": "\ufeff" + skillMD})
	require.Equal(t, "demo", config.Name)
}

func TestReferenceRefusesNestedMetadata(t *testing.T) {
	t.Parallel()
	config := packConfig(t, "metadata:\n  openclaw:\n    emoji: \"\U0001f980\"\n    requires: [git, 1.0]\n  author: me\n")
	require.Equal(t, map[string]string{"openclaw": `{"emoji":"` + "\U0001f980" + `","requires":["git","1.0"]}`, "author": "me"}, config.Metadata)
}

func TestReferenceTakesDuplicateNames(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"SKILL.md": {Data: []byte(skillMD)}, "a.md": {Data: []byte("x")}, "A.md": {Data: []byte("y")}}
	_, err := skills.NewPackager(memory.New()).PackageFS(context.Background(), fsys, skills.PackageOptions{})
	require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
	require.ErrorContains(t, err, "[case-fold-twin]")
	var names reproducible.NameSet
	require.NoError(t, names.Add("a"))
	require.ErrorIs(t, names.Add("a"), reproducible.ErrName)
}

func TestReferenceTakesANewlineInAName(t *testing.T) {
	t.Parallel()
	refuseFile(t, "a\nb", "file-name-control")
}

func TestReferenceTakesAMalformedSourceDateEpochForZero(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "now", "1.5", "-1", "0x10", " 1", "1 ", "253402300800", "99999999999999999999"} {
		_, err := reproducible.Epoch(func(string) (string, bool) { return value, true })
		require.ErrorIs(t, err, reproducible.ErrEpoch, "%q", value)
		require.ErrorContains(t, err, "SOURCE_DATE_EPOCH")
	}
}
