// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills"
)

// TestFormatNumber packs by number: 0 is format 1, and others are unknown.
func TestFormatNumber(t *testing.T) {
	t.Parallel()
	dir := tree(t, smallSkill())
	_, byDefault := packDir(t, dir, skills.PackageOptions{})
	_, one := packDir(t, dir, skills.PackageOptions{Format: 1})
	require.Equal(t, byDefault.IndexDigest, one.IndexDigest)
	for _, format := range []int{-1, 2, 1000} {
		store := &countingStore{Target: memory.New()}
		_, err := skills.NewPackager(store).Package(context.Background(), dir, skills.PackageOptions{Format: format})
		require.ErrorIs(t, err, skills.ErrUnknownFormat)
		require.ErrorContains(t, err, "knows format 1")
		require.Zero(t, store.writes)
	}
}

// TestArtifactOfANewerFormat can't be verified, but is read as any other.
func TestArtifactOfANewerFormat(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, smallSkill())
	store, packed := packDir(t, dir, skills.PackageOptions{})

	var index ocispec.Index
	fetch(t, store, packed.Index, &index)
	index.Annotations[skills.AnnotationFormat] = "2"
	for i, desc := range index.Manifests {
		var manifest ocispec.Manifest
		fetch(t, store, desc, &manifest)
		manifest.Annotations[skills.AnnotationFormat] = "2"
		index.Manifests[i] = putJSON(t, store, ocispec.MediaTypeImageManifest, manifest)
		index.Manifests[i].Platform = desc.Platform
	}
	require.NoError(t, store.Tag(ctx, index.Manifests[0], "manifest"))
	require.NoError(t, store.Tag(ctx, putJSON(t, store, ocispec.MediaTypeImageIndex, index), "index"))

	for _, reference := range []string{"index", "manifest"} {
		_, err := skills.Verify(ctx, store, reference, dir, skills.VerifyOptions{})
		require.ErrorIs(t, err, skills.ErrUnknownFormat)
		require.ErrorContains(t, err, `"2"`)
		require.ErrorContains(t, err, "verify with a newer one")
		_, err = skills.Inspect(ctx, store, reference, skills.InspectOptions{Files: true})
		require.NoError(t, err)
		_, err = skills.Unpack(ctx, store, reference, filepath.Join(t.TempDir(), "demo"), skills.UnpackOptions{})
		require.NoError(t, err)
	}
}
