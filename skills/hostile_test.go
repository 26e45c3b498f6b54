// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"archive/tar"
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// hostile is an artifact that every reader refuses; see TestHostileArtifacts.
type hostile struct {
	name string
	foreign
	opts skills.UnpackOptions
	want error
	says string
}

// othersRefuse holds Inspect and Verify to what Unpack is held to: an error of
// one line that says why, and of which artifact.
func (h hostile) othersRefuse(t *testing.T, store *ocilayout.Store, reference string) {
	t.Helper()
	ctx := context.Background()
	limits := skills.InspectOptions{Files: true, Limits: h.opts.Limits}
	_, err := skills.Inspect(ctx, store, reference, limits)
	h.requireRefused(t, err)
	dir := tree(t, map[string]string{"SKILL.md": skillMD})
	_, err = skills.Verify(ctx, store, reference, dir, skills.VerifyOptions{Limits: h.opts.Limits})
	h.requireRefused(t, err)
}

func (h hostile) requireRefused(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, h.want)
	require.ErrorContains(t, err, h.says)
	require.ErrorContains(t, err, `"x" in OCI layout `)
	require.NotContains(t, err.Error(), "\n")
	require.Less(t, len(err.Error()), 1000)
}

// hostileMetadata are artifacts whose manifests, configurations and
// descriptors are wrong.
func hostileMetadata(layer []byte) []hostile {
	unknown := digest.Digest("blake9:" + strings.Repeat("0", 64))
	outside := digest.Digest("sha256:../../../../../../etc/passwd")
	long := strings.Repeat("x", 5<<20)
	cases := []hostile{
		{name: "configuration without rootfs", foreign: foreign{image: func(i *ocispec.Image) { i.RootFS = ocispec.RootFS{} }}, want: skills.ErrCorrupt, says: "0 diff IDs"},
		{name: "configuration with two diff IDs", foreign: foreign{image: func(i *ocispec.Image) { i.RootFS.DiffIDs = append(i.RootFS.DiffIDs, layout1Digest) }}, want: skills.ErrCorrupt, says: "2 diff IDs"},
		{name: "configuration that is null", foreign: foreign{configData: []byte("null")}, want: skills.ErrNotSkill, says: "label"},
		{name: "configuration that is a list", foreign: foreign{configData: []byte("[]")}, want: skills.ErrNotSkill, says: "array"},
		{name: "configuration that is no JSON", foreign: foreign{configData: []byte("\n{\n\n")}, want: skills.ErrNotSkill, says: "JSON"},
		{name: "configuration that is empty", foreign: foreign{configData: []byte{}}, want: skills.ErrNotSkill, says: "JSON"},
		{name: "configuration without end", foreign: foreign{configData: bytes.Repeat([]byte("["), 1<<20)}, want: skills.ErrNotSkill, says: "depth"},
		{name: "configuration that is huge", foreign: foreign{configData: []byte(long)}, want: skills.ErrSkillTooLarge, says: "5242880"},
		{name: "configuration whose labels are a list", foreign: foreign{configData: []byte(`{"config":{"Labels":["a"]}}`)}, want: skills.ErrNotSkill, says: "Labels"},
		{name: "configuration of another media type", foreign: foreign{configDesc: func(d *ocispec.Descriptor) { d.MediaType = "a\nb" }}, want: skills.ErrNotSkill, says: `"a\nb"`},
		{name: "configuration size negative", foreign: foreign{configDesc: func(d *ocispec.Descriptor) { d.Size = -5 }}, want: skills.ErrCorrupt, says: "size -5"},
		{name: "configuration size too small", foreign: foreign{configDesc: func(d *ocispec.Descriptor) { d.Size-- }}, want: skills.ErrCorrupt},
		{name: "configuration size too large", foreign: foreign{configDesc: func(d *ocispec.Descriptor) { d.Size++ }}, want: skills.ErrCorrupt},
		{name: "configuration that is missing", foreign: foreign{configDesc: func(d *ocispec.Descriptor) { d.Digest = digest.FromString("missing") }}, want: errdef.ErrNotFound, says: digest.FromString("missing").String()},
		{name: "manifest without a layer", foreign: foreign{manifest: func(m *ocispec.Manifest) { m.Layers = nil }}, want: skills.ErrNotSkill, says: "0 layers"},
		{name: "manifest without a configuration", foreign: foreign{manifest: func(m *ocispec.Manifest) { m.Config = ocispec.Descriptor{} }}, want: skills.ErrNotSkill, says: "configuration"},
		{name: "manifest with huge annotations", foreign: foreign{manifest: func(m *ocispec.Manifest) { m.Annotations = map[string]string{"a": long} }}, want: skills.ErrSkillTooLarge, says: "limit"},
		{name: "manifest with huge embedded data", foreign: foreign{manifest: func(m *ocispec.Manifest) { m.Layers[0].Data = []byte(long) }}, want: skills.ErrSkillTooLarge, says: "limit"},
		{name: "manifest that says it is an index", foreign: foreign{manifest: func(m *ocispec.Manifest) { m.MediaType = ocispec.MediaTypeImageIndex }}, want: skills.ErrNotSkill, says: "it says that it is"},
		{name: "manifest of an artifact type in two lines", foreign: foreign{artifact: "application/x\nskillcask: all is well"}, want: skills.ErrNotSkill, says: `x\nskillcask`},
		{name: "index that says it is a manifest", foreign: foreign{indexTweaks: func(i *ocispec.Index) { i.MediaType = ocispec.MediaTypeImageManifest }}, want: skills.ErrNotSkill, says: "it says that it is"},
		{name: "index with huge annotations", foreign: foreign{indexTweaks: func(i *ocispec.Index) { i.Annotations = map[string]string{"a": long} }}, want: skills.ErrSkillTooLarge, says: "limit"},
		{name: "index with a manifest of negative size", foreign: foreign{indexTweaks: func(i *ocispec.Index) { i.Manifests[0].Size = -1 }}, want: skills.ErrCorrupt, says: "size -1"},
		{name: "index with a manifest that is missing", foreign: foreign{indexTweaks: func(i *ocispec.Index) { i.Manifests[0].Digest = layout1Digest }}, want: errdef.ErrNotFound, says: layout1Digest},
		{name: "index with a Docker manifest", foreign: foreign{indexTweaks: func(i *ocispec.Index) {
			i.Manifests[0].MediaType = "application/vnd.docker.distribution.manifest.v2+json"
		}}, want: skills.ErrNotSkill, says: "vnd.docker"},
		{name: "root of another media type", foreign: foreign{rootDesc: func(d *ocispec.Descriptor) { d.MediaType = "a\nb" }}, want: skills.ErrNotSkill, says: `"a\nb"`},
		{name: "root without a media type", foreign: foreign{rootDesc: func(d *ocispec.Descriptor) { d.MediaType = "" }}, want: skills.ErrNotSkill, says: `""`},
		{name: "root that is a layer", foreign: foreign{rootDesc: func(d *ocispec.Descriptor) {
			d.Digest, d.Size = digest.FromBytes(layer), int64(len(layer))
		}}, want: skills.ErrNotSkill, says: "not UTF-8"},
		{name: "root size negative", foreign: foreign{rootDesc: func(d *ocispec.Descriptor) { d.Size = -1 }}, want: skills.ErrCorrupt, says: "size -1"},
		{name: "diff ID of an unknown algorithm", foreign: foreign{diffID: unknown}, want: skills.ErrCorrupt, says: "blake9"},
		{name: "layer named by SHA-512 that is missing", foreign: foreign{layerDesc: func(d *ocispec.Descriptor) { d.Digest = digest.SHA512.FromBytes(layer) }}, want: errdef.ErrNotFound, says: "sha512:"},
		{name: "layer size zero", foreign: foreign{layerDesc: func(d *ocispec.Descriptor) { d.Size = 0 }}, want: skills.ErrCorrupt},
	}
	for _, mediaType := range []string{"", ocispec.MediaTypeImageLayer, "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/octet-stream", "a\nb"} {
		cases = append(cases, hostile{name: "layer of media type " + mediaType,
			foreign: foreign{layerDesc: func(d *ocispec.Descriptor) { d.MediaType = mediaType }}, want: skills.ErrNotSkill, says: "its layer has media type"})
	}
	for name, dgst := range map[string]digest.Digest{"of an unknown algorithm": unknown, "that leads out": outside, "that is empty": ""} {
		change := func(d *ocispec.Descriptor) { d.Digest = dgst }
		for part, f := range map[string]foreign{
			"root":          {rootDesc: change},
			"configuration": {configDesc: change},
			"layer":         {layerDesc: change},
			"manifest":      {indexTweaks: func(i *ocispec.Index) { change(&i.Manifests[0]) }},
		} {
			cases = append(cases, hostile{name: part + " with a digest " + name, foreign: f, want: skills.ErrCorrupt, says: `digest "` + dgst.String() + `"`})
		}
	}
	for i := range cases {
		cases[i].layer = layer
	}
	return cases
}

// TestEmbeddedDataIsNotBelieved has descriptors that carry other content than
// they name (image-spec 1.1, "Embedded Content"). What they name is read.
func TestEmbeddedDataIsNotBelieved(t *testing.T) {
	t.Parallel()
	layer := archive(t, tar.Header{Name: "SKILL.md"})
	evil := func(d *ocispec.Descriptor) {
		d.Data = []byte(`{"config":{"Labels":{"` + skills.LabelSkillName + `":"evil"}}}`)
	}
	store, reference := foreign{layer: layer, configDesc: evil, layerDesc: evil, rootDesc: evil,
		indexTweaks: func(i *ocispec.Index) { evil(&i.Manifests[0]) }}.store(t)
	got, err := skills.Inspect(context.Background(), store, reference, skills.InspectOptions{Files: true})
	require.NoError(t, err)
	require.Equal(t, "demo", got.Config.Name)
	require.Len(t, got.Files, 1)
}
