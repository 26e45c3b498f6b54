// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// TestManifestListedTwice is refused wherever an artifact is read.
func TestManifestListedTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store, packed := packDir(t, tree(t, smallSkill()), skills.PackageOptions{})
	children, err := content.Successors(ctx, store, packed.Index)
	require.NoError(t, err)
	root := putJSON(t, store, ocispec.MediaTypeImageIndex, ocispec.Index{
		MediaType: ocispec.MediaTypeImageIndex, ArtifactType: skills.ArtifactTypeSkill, Manifests: []ocispec.Descriptor{children[0], children[1], children[0]},
	})
	require.NoError(t, store.Tag(ctx, root, "twice"))
	require.NoError(t, store.Tag(ctx, root, root.Digest.String()))
	_, err = skills.Inspect(ctx, store, "twice", skills.InspectOptions{Files: true})
	require.ErrorIs(t, err, skills.ErrNotSkill)
	require.ErrorContains(t, err, "twice")
	srv := registrytest.New(t)
	err = newRegistry(t, srv).Push(ctx, store, root.Digest, srv.Host()+"/a/demo:1", skills.TransferOptions{})
	require.ErrorIs(t, err, skills.ErrNotSkill)
}

// pushAttached puts a skill of one manifest with a subject into the registry.
func pushAttached(t *testing.T, registry *skills.Registry, ref string) ocispec.Descriptor {
	t.Helper()
	ctx := context.Background()
	store, packed := packDir(t, tree(t, smallSkill()), skills.PackageOptions{Platforms: platforms("linux/amd64")})
	children, err := content.Successors(ctx, store, packed.Index)
	require.NoError(t, err)
	data, err := content.FetchAll(ctx, store, children[0])
	require.NoError(t, err)
	var manifest ocispec.Manifest
	require.NoError(t, json.Unmarshal(data, &manifest))
	subject := content.NewDescriptorFromBytes(ocispec.MediaTypeImageManifest, []byte("{}"))
	manifest.Subject = &subject
	data, err = json.Marshal(manifest)
	require.NoError(t, err)
	repository, tag, err := registry.Repository(ref)
	require.NoError(t, err)
	for _, desc := range append(manifest.Layers, manifest.Config) {
		blob, err := store.Fetch(ctx, desc)
		require.NoError(t, err)
		require.NoError(t, repository.Push(ctx, desc, blob))
		require.NoError(t, blob.Close())
	}
	root := content.NewDescriptorFromBytes(ocispec.MediaTypeImageManifest, data)
	require.NoError(t, repository.PushReference(ctx, root, bytes.NewReader(data), tag))
	return root
}

// TestSkillWithASubject pulls a skill that is attached to something else, which
// stays where it is.
func TestSkillWithASubject(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t)
	registry := newRegistry(t, srv)
	ref := srv.Host() + "/a/demo:1"
	root := pushAttached(t, registry, ref)
	path := t.TempDir()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	got, err := registry.Pull(ctx, layout, ref, skills.TransferOptions{Tag: "1"})
	require.NoError(t, err)
	require.Equal(t, root.Digest, got)
	exists, err := layout.Exists(ctx, root)
	require.NoError(t, err)
	require.True(t, exists)
	_, err = skills.Unpack(ctx, layout, "1", filepath.Join(t.TempDir(), "demo"), skills.UnpackOptions{})
	require.NoError(t, err)

	// What it is made of must be there all the same.
	inspection, err := skills.Inspect(ctx, layout, "1", skills.InspectOptions{Files: true})
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(path, "blobs", "sha256", inspection.Layer.Digest.Encoded())))
	exists, err = layout.Exists(ctx, root)
	require.NoError(t, err)
	require.False(t, exists)
}

// lossyTarget forgets what it was given before it is tagged.
type lossyTarget struct{ oras.Target }

func (lossyTarget) Tag(context.Context, ocispec.Descriptor, string) error { return errdef.ErrNotFound }

// TestErrorsOfTheOtherStore are not explained as the registry's.
func TestErrorsOfTheOtherStore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t)
	registry := newRegistry(t, srv)
	ref := srv.Host() + "/a/demo:1"
	path := t.TempDir()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	packed, err := skills.NewPackager(layout).Package(ctx, tree(t, smallSkill()), skills.PackageOptions{})
	require.NoError(t, err)
	require.NoError(t, registry.Push(ctx, layout, packed.IndexDigest, ref, skills.TransferOptions{}))
	const advice = "check the name and the tag"
	_, err = registry.Pull(ctx, lossyTarget{memory.New()}, ref, skills.TransferOptions{})
	require.ErrorIs(t, err, errdef.ErrNotFound)
	require.NotContains(t, err.Error(), advice)

	for _, lost := range []digest.Digest{packed.LayerDigest, packed.ConfigDigest} {
		require.NoError(t, os.Remove(filepath.Join(path, "blobs", "sha256", lost.Encoded())))
		err = registry.Push(ctx, layout, packed.IndexDigest, srv.Host()+"/b/demo:1", skills.TransferOptions{})
		require.ErrorIs(t, err, errdef.ErrNotFound)
		require.NotContains(t, err.Error(), advice)
	}

	// Those of the registry are.
	_, err = registry.Pull(ctx, layout, srv.Host()+"/a/other:1", skills.TransferOptions{})
	require.ErrorContains(t, err, advice)
}
