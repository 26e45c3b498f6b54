// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"encoding/json"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/skills"
)

// altered packs a skill for linux/amd64 and linux/arm64 into a layout, tagged
// "x", and lets edit change the index and the second platform's documents.
func altered(t *testing.T, edit func(index *ocispec.Index, manifest *ocispec.Manifest, image *ocispec.Image)) string {
	t.Helper()
	dir := t.TempDir()
	layout := openLayout(t, dir)
	packed, err := skills.NewPackager(layout).Package(t.Context(), tree(t, smallSkill()), skills.PackageOptions{Tag: "x"})
	require.NoError(t, err)
	put := func(mediaType string, v any) ocispec.Descriptor {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		desc := content.NewDescriptorFromBytes(mediaType, data)
		if ok, _ := layout.Exists(t.Context(), desc); !ok {
			require.NoError(t, layout.Push(t.Context(), desc, bytes.NewReader(data)))
		}
		return desc
	}
	var index ocispec.Index
	var manifest ocispec.Manifest
	var image ocispec.Image
	fetch(t, layout, packed.Index, &index)
	fetch(t, layout, index.Manifests[1], &manifest)
	fetch(t, layout, manifest.Config, &image)
	edit(&index, &manifest, &image)
	manifest.Config = put(ocispec.MediaTypeImageConfig, image)
	second := put(ocispec.MediaTypeImageManifest, manifest)
	second.Platform = index.Manifests[1].Platform
	index.Manifests[1] = second
	require.NoError(t, layout.Tag(t.Context(), put(ocispec.MediaTypeImageIndex, index), "x"))
	return dir
}

// TestPlatformsMustAgree with one another and with the index, whichever of them
// is read.
func TestPlatformsMustAgree(t *testing.T) {
	t.Parallel()
	label := func(key, value string) func(*ocispec.Index, *ocispec.Manifest, *ocispec.Image) {
		return func(_ *ocispec.Index, _ *ocispec.Manifest, image *ocispec.Image) { image.Config.Labels[key] = value }
	}
	for name, c := range map[string]struct {
		edit func(*ocispec.Index, *ocispec.Manifest, *ocispec.Image)
		says string
	}{
		"another name":          {label(skills.LabelSkillName, "other"), `label dev.toolhive.skills.name says "other", that of another platform says "demo"`},
		"a name that leads out": {label(skills.LabelSkillName, "../x"), `says "../x", that of another platform`},
		"another description":   {label(skills.LabelSkillDescription, "Harmless."), `says "Harmless.", that of another platform`},
		"another list of files": {label(skills.LabelSkillFiles, `["SKILL.md"]`), "that of another platform"},
		"metadata besides":      {label(skills.LabelSkillMetadata, `{"a":"b"}`), "that of another platform says nothing"},
		"another diff ID": {func(_ *ocispec.Index, _ *ocispec.Manifest, image *ocispec.Image) {
			image.RootFS.DiffIDs[0] = layout1Digest
		}, "that of another platform is"},
		"another platform in the configuration": {func(_ *ocispec.Index, _ *ocispec.Manifest, image *ocispec.Image) {
			image.Architecture = "s390x"
		}, `the index says that it is for "linux/arm64", its configuration says "linux/s390x"`},
		"another variant in the index": {func(index *ocispec.Index, _ *ocispec.Manifest, _ *ocispec.Image) {
			index.Manifests[1].Platform.Variant = "v9"
		}, `the index says that it is for "linux/arm64/v9", its configuration says "linux/arm64"`},
		"another system version": {func(index *ocispec.Index, _ *ocispec.Manifest, image *ocispec.Image) {
			index.Manifests[1].Platform.OSVersion, image.OSVersion = "1", "2"
		}, "the index says that it is for"},
		"another annotation": {func(_ *ocispec.Index, manifest *ocispec.Manifest, _ *ocispec.Image) {
			manifest.Annotations[skills.AnnotationSkillName] = "other"
		}, `annotation dev.toolhive.skills.name says "other", label`},
		"another title": {func(index *ocispec.Index, _ *ocispec.Manifest, _ *ocispec.Image) {
			index.Annotations[ocispec.AnnotationTitle] = "other"
		}, `annotation org.opencontainers.image.title says "other", label`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := altered(t, c.edit)
			requireAllRefuse(t, dir, skills.Limits{}, skills.ErrCorrupt, c.says)
			_, err := skills.Verify(t.Context(), openLayout(t, dir), "x", tree(t, smallSkill()), skills.VerifyOptions{})
			require.ErrorIs(t, err, skills.ErrCorrupt)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// TestPlatformsThatAgree in other words are read.
func TestPlatformsThatAgree(t *testing.T) {
	t.Parallel()
	want := &skills.SkillConfig{Name: "demo", Description: "Shows things. Use it in tests.", Files: []string{"SKILL.md", "references/one.md", "scripts/run.sh"}}
	for name, edit := range map[string]func(*ocispec.Index, *ocispec.Manifest, *ocispec.Image){
		"as packed":                func(*ocispec.Index, *ocispec.Manifest, *ocispec.Image) {},
		"no platform in the index": func(index *ocispec.Index, _ *ocispec.Manifest, _ *ocispec.Image) { index.Manifests[1].Platform = nil },
		"the variant that goes unsaid": func(index *ocispec.Index, _ *ocispec.Manifest, _ *ocispec.Image) {
			index.Manifests[1].Platform.Variant = "v8"
		},
		"an index without annotations": func(index *ocispec.Index, _ *ocispec.Manifest, _ *ocispec.Image) { index.Annotations = nil },
		"a system version on one side": func(_ *ocispec.Index, _ *ocispec.Manifest, image *ocispec.Image) { image.OSVersion = "1" },
		"an annotation of somebody's":  func(index *ocispec.Index, _ *ocispec.Manifest, _ *ocispec.Image) { index.Annotations["a"] = "b" },
		"another author and created by": func(_ *ocispec.Index, _ *ocispec.Manifest, image *ocispec.Image) {
			image.Author, image.History = "me", nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireAllTake(t, altered(t, edit), want)
		})
	}
}
