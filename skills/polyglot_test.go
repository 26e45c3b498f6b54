// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"archive/tar"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// rewritten is the artifact of skillMD whose root, a manifest or an index over
// it, is what edit makes of its JSON, in a layout that lists it as of mediaType.
func rewritten(t *testing.T, indexed bool, mediaType string, edit func(text string) string) string {
	t.Helper()
	f := foreign{layer: archive(t, tar.Header{Name: "SKILL.md"})}
	if indexed {
		f.indexTweaks = func(*ocispec.Index) {}
	}
	dir := f.dir(t)
	root, err := openLayout(t, dir).Resolve(t.Context(), "x")
	require.NoError(t, err)
	blobs := filepath.Join(dir, "blobs", "sha256")
	data, err := os.ReadFile(filepath.Join(blobs, root.Digest.Encoded()))
	require.NoError(t, err)
	text := edit(string(data))
	desc := content.NewDescriptorFromBytes(mediaType, []byte(text))
	require.NoError(t, os.WriteFile(filepath.Join(blobs, desc.Digest.Encoded()), []byte(text), 0o644))
	desc.Annotations = map[string]string{ocispec.AnnotationRefName: "x"}
	index, err := json.Marshal(ocispec.Index{Manifests: []ocispec.Descriptor{desc}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.json"), index, 0o644))
	return dir
}

// replacing returns an edit that replaces text that is there.
func replacing(t *testing.T, old, fresh string) func(string) string {
	return func(text string) string {
		require.Contains(t, text, old)
		return strings.Replace(text, old, fresh, 1)
	}
}

// TestOneDigestIsOneSkill has documents that are an index to one reader and a
// manifest to another (CVE-2021-41190), or whose members are read in two ways.
func TestOneDigestIsOneSkill(t *testing.T) {
	t.Parallel()
	const (
		index, manifest           = ocispec.MediaTypeImageIndex, ocispec.MediaTypeImageManifest
		indexMember, layersMember = `"mediaType":"` + index + `",`, `"layers":[`
		manifestMember            = `"mediaType":"` + manifest + `",`
	)
	const other = `{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":2}`
	for _, c := range []struct {
		name, root  string // index or manifest, as which it was made
		old, fresh  string
		asMediaType string // as which it is listed; root if empty
		says        string
	}{
		{name: "an index without a media type", root: index, old: indexMember, says: `it says that it is ""`},
		{name: "a manifest without a media type", root: manifest, old: manifestMember, says: `it says that it is ""`},
		{name: "an index that is listed as a manifest", root: index, asMediaType: manifest, says: `"manifests", which is one of another kind`},
		{name: "a manifest that is listed as an index", root: manifest, asMediaType: index, says: `"config", which is one of another kind`},
		{name: "an index with layers", root: index, old: `"manifests":[`, fresh: `"layers":[],"manifests":[`, says: `"layers"`},
		{name: "an index with a configuration", root: index, old: `"manifests":[`, fresh: `"config":null,"manifests":[`, says: `"config"`},
		{name: "an index with LAYERS", root: index, old: `"manifests":[`, fresh: `"LAYERS":[],"manifests":[`, says: `"LAYERS"`},
		{name: "an index with Docker's layers", root: index, old: `"manifests":[`, fresh: `"fsLayers":[],"manifests":[`, says: `"fsLayers"`},
		{name: "a manifest with manifests", root: manifest, old: layersMember, fresh: `"manifests":[` + other + `],` + layersMember, says: `"manifests"`},
		{name: "a manifest with an escape in manifests", root: manifest, old: layersMember, fresh: `"manif\u0065sts":[` + other + `],` + layersMember, says: `"manifests"`},
		{name: "both without a media type, as a manifest", root: manifest, old: manifestMember, fresh: `"manifests":[` + other + `],`, says: `"manifests"`},
		{name: "both without a media type, as an index", root: index, old: indexMember, fresh: `"config":` + other + `,"layers":[` + other + `],`, says: `"config"`},
		{name: "layers twice", root: manifest, old: layersMember, fresh: `"layers":[` + other + `],` + layersMember, says: `"layers" twice`},
		{name: "LAYERS too", root: manifest, old: layersMember, fresh: `"LAYERS":[` + other + `],` + layersMember, says: `"LAYERS" differs only by case`},
		{name: "a digest twice in a descriptor", root: manifest, old: `"digest":`, fresh: `"digest":"sha256:x","digest":`, says: `"digest" twice`},
		{name: "an annotation twice", root: manifest, old: layersMember, fresh: `"annotations":{"a":"1","a":"2"},` + layersMember, says: `"a" twice`},
		{name: "manifests twice", root: index, old: `"manifests":[`, fresh: `"manifests":[` + other + `],"manifests":[`, says: `"manifests" twice`},
		{name: "a platform in capitals", root: index, old: `"digest":`, fresh: `"Platform":{"os":"linux","architecture":"arm64"},"digest":`, says: `"Platform" differs only by case`},
		{name: "something after it", root: manifest, old: `{"schemaVersion":2`, fresh: `{}{"schemaVersion":2`, says: "after top-level value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.asMediaType == "" {
				c.asMediaType = c.root
			}
			dir := rewritten(t, c.root == index, c.asMediaType, replacing(t, c.old, c.fresh))
			requireAllRefuse(t, dir, skills.Limits{}, skills.ErrNotSkill, c.says)
			_, err := skills.Verify(t.Context(), openLayout(t, dir), "x", tree(t, map[string]string{"SKILL.md": skillMD}), skills.VerifyOptions{})
			require.ErrorIs(t, err, skills.ErrNotSkill)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// TestTwinsInAConfiguration are refused as in a manifest.
func TestTwinsInAConfiguration(t *testing.T) {
	t.Parallel()
	layer := archive(t, tar.Header{Name: "SKILL.md"})
	image, err := json.Marshal(ocispec.Image{
		Platform: ocispec.Platform{OS: "linux", Architecture: "amd64"},
		Config:   ocispec.ImageConfig{Labels: labelsOf(layer)},
		RootFS:   ocispec.RootFS{Type: "layers"},
	})
	require.NoError(t, err)
	for name, c := range map[string]struct{ old, fresh, says string }{
		"a label twice":       {`"Labels":{`, `"Labels":{"` + skills.LabelSkillName + `":"evil",`, `"` + skills.LabelSkillName + `" twice`},
		"labels in two cases": {`"Labels":{`, `"labels":{},"Labels":{`, `"labels" differs only by case from "Labels"`},
		"CONFIG":              {`"config":{`, `"CONFIG":{},"config":{`, `"CONFIG" differs only by case from "config"`},
		"rootfs twice":        {`"rootfs":{`, `"rootfs":{},"rootfs":{`, `"rootfs" twice`},
		"layers":              {`"rootfs":{`, `"layers":[],"rootfs":{`, `"layers", which is one of another kind`},
		"a file twice":        {`[\"SKILL.md\"]`, `[\"SKILL.md\",\"SKILL.md\"]`, `lists "SKILL.md"`},
		"metadata twice":      {`"Labels":{`, `"Labels":{"` + skills.LabelSkillMetadata + `":"{\"a\":\"1\",\"a\":\"2\"}",`, `"a" twice`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := replacing(t, c.old, c.fresh)(string(image))
			config = replacing(t, `"diff_ids":null`, `"diff_ids":["`+digest.FromBytes(gunzip(layer)).String()+`"]`)(config)
			want := skills.ErrNotSkill
			if name == "a file twice" {
				want = skills.ErrCorrupt
			}
			requireAllRefuse(t, foreign{layer: layer, configData: []byte(config)}.dir(t), skills.Limits{}, want, c.says)
		})
	}
}

// TestLayoutIndexWithTwins is refused; a media type it need not have
// (image-spec 1.1, "Image Layout").
func TestLayoutIndexWithTwins(t *testing.T) {
	t.Parallel()
	dir := foreign{layer: archive(t, tar.Header{Name: "SKILL.md"})}.dir(t)
	path := filepath.Join(dir, "index.json")
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(good), ocispec.MediaTypeImageIndex)
	_, err = openLayout(t, dir).Resolve(t.Context(), "x")
	require.NoError(t, err)
	for _, edit := range []func(string) string{
		replacing(t, `"manifests":[`, `"manifests":[],"manifests":[`),
		replacing(t, `"manifests":[`, `"Manifests":[],"manifests":[`),
		replacing(t, `"digest":`, `"digest":"sha256:x","digest":`),
		replacing(t, `"annotations":{`, `"annotations":{"org.opencontainers.image.ref.name":"y",`),
	} {
		require.NoError(t, os.WriteFile(path, []byte(edit(string(good))), 0o644))
		_, err := openLayout(t, dir).Resolve(t.Context(), "x")
		require.ErrorIs(t, err, ocilayout.ErrNotLayout)
		require.ErrorContains(t, err, "index.json: not an OCI layout: ")
	}
}
