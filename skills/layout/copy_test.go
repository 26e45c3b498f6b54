// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// TestCopyGraphMakesALayout, with the descriptor that packing returns and
// nothing besides: the digest can be resolved, here and by the store of oras-go,
// and index.json lists the index alone.
func TestCopyGraphMakesALayout(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "layout")
	source, packed := packDir(t, testkit.Tree(t, testkit.SmallSkill()), skills.PackageOptions{Platforms: []ocispec.Platform{
		{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}, {OS: "linux", Architecture: "arm", Variant: "v7"},
	}})
	layout := openLayout(t, path)
	require.NoError(t, oras.CopyGraph(ctx, source, layout, packed.Index, oras.DefaultCopyGraphOptions))
	require.FileExists(t, filepath.Join(path, "oci-layout"))
	index := readLayoutIndex(t, path)
	require.Len(t, index.Manifests, 1)
	require.Equal(t, packed.IndexDigest, index.Manifests[0].Digest)
	require.Empty(t, index.Manifests[0].Annotations)
	for _, store := range []*ocilayout.Store{layout, openLayout(t, path)} {
		for _, dgst := range []string{packed.IndexDigest.String(), packed.ManifestDigest.String()} {
			_, err := skills.Inspect(ctx, store, dgst, skills.InspectOptions{Files: true})
			require.NoError(t, err)
		}
	}
	theirs, err := oci.New(path)
	require.NoError(t, err)
	_, err = oras.Copy(ctx, theirs, packed.IndexDigest.String(), memory.New(), "", oras.DefaultCopyOptions)
	require.NoError(t, err)

	// Nothing changes when it is copied again, and a tag takes the entry.
	require.NoError(t, oras.CopyGraph(ctx, source, layout, packed.Index, oras.DefaultCopyGraphOptions))
	require.Equal(t, index, readLayoutIndex(t, path))
	require.NoError(t, layout.Tag(ctx, packed.Index, "1.0"))
	require.Len(t, readLayoutIndex(t, path).Manifests, 1)
}

// TestCopyGraphEndsWhatWasBegun: whoever wrote the blobs was killed before
// index.json listed them.
func TestCopyGraphEndsWhatWasBegun(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	source, packed := packDir(t, testkit.Tree(t, testkit.SmallSkill()), skills.PackageOptions{})
	empty := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex}
	empty.SchemaVersion = 2
	text, err := json.Marshal(empty)
	require.NoError(t, err)
	for name, root := range map[string]ocispec.Descriptor{
		"index":    packed.Index,
		"manifest": {MediaType: ocispec.MediaTypeImageManifest, Digest: packed.ManifestDigest},
	} {
		path := filepath.Join(t.TempDir(), "layout")
		if root.Size == 0 {
			root, err = openCopied(t, source, packed).Resolve(ctx, root.Digest.String())
			require.NoError(t, err)
			root.Platform = nil
		}
		layout := openLayout(t, path)
		require.NoError(t, oras.CopyGraph(ctx, source, layout, root, oras.DefaultCopyGraphOptions))
		require.NoError(t, os.WriteFile(filepath.Join(path, "index.json"), text, 0o644))
		exists, err := layout.Exists(ctx, root)
		require.NoError(t, err)
		require.False(t, exists, name)
		require.NoError(t, oras.CopyGraph(ctx, source, layout, root, oras.DefaultCopyGraphOptions))
		_, err = skills.Inspect(ctx, layout, root.Digest.String(), skills.InspectOptions{Files: true})
		require.NoError(t, err, name)
		require.Len(t, readLayoutIndex(t, path).Manifests, 1, name)
	}
}

func openCopied(t *testing.T, source *memory.Store, packed *skills.PackageResult) *ocilayout.Store {
	t.Helper()
	layout := openLayout(t, t.TempDir())
	require.NoError(t, oras.CopyGraph(t.Context(), source, layout, packed.Index, oras.DefaultCopyGraphOptions))
	return layout
}

// TestAManifestThatAnIndexListsIsNotListed, whichever comes first and through
// however many indexes; one with a tag keeps its entry.
func TestAManifestThatAnIndexListsIsNotListed(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), t.TempDir()
	layout := openLayout(t, path)
	push := func(mediaType string, v any) ocispec.Descriptor {
		t.Helper()
		text, err := json.Marshal(v)
		require.NoError(t, err)
		desc := content.NewDescriptorFromBytes(mediaType, text)
		require.NoError(t, layout.Push(ctx, desc, bytes.NewReader(text)))
		return desc
	}
	listed := func() (names []string) {
		for _, desc := range readLayoutIndex(t, path).Manifests {
			names = append(names, desc.Digest.String()+desc.Annotations[ocispec.AnnotationRefName])
		}
		return names
	}
	config := push("text/plain", "config")
	manifest := func(n string) ocispec.Descriptor {
		m := ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, Config: config, Annotations: map[string]string{"n": n}}
		m.SchemaVersion = 2
		return push(m.MediaType, m)
	}
	index := func(children ...ocispec.Descriptor) ocispec.Descriptor {
		x := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: children}
		x.SchemaVersion = 2
		return push(x.MediaType, x)
	}
	one, two, other := manifest("1"), manifest("2"), manifest("3")
	require.Equal(t, []string{one.Digest.String(), two.Digest.String(), other.Digest.String()}, listed())
	require.NoError(t, layout.Tag(ctx, two, "two"))
	inner := index(one, two)
	require.Equal(t, []string{two.Digest.String() + "two", other.Digest.String(), inner.Digest.String()}, listed())
	outer := index(inner)
	want := []string{two.Digest.String() + "two", other.Digest.String(), outer.Digest.String()}
	require.Equal(t, want, listed())
	for _, desc := range []ocispec.Descriptor{one, two, inner, outer} {
		exists, err := layout.Exists(ctx, desc)
		require.NoError(t, err)
		require.True(t, exists)
		got, err := layout.Resolve(ctx, desc.Digest.String())
		require.NoError(t, err)
		require.Equal(t, desc.Digest, got.Digest)
		data, err := content.FetchAll(ctx, layout, desc)
		require.NoError(t, err)
		require.ErrorIs(t, layout.Push(ctx, desc, bytes.NewReader(data)), errdef.ErrAlreadyExists)
	}
	require.Equal(t, want, listed())

	// What lacks a part, or is no manifest, would be in the way of other tools.
	index(content.NewDescriptorFromBytes(ocispec.MediaTypeImageManifest, []byte("absent")))
	push(ocispec.MediaTypeImageIndex, "text")
	push(ocispec.MediaTypeImageManifest, map[string]any{"layers": 3})
	require.Equal(t, want, listed())
}
