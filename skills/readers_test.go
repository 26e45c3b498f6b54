// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// reader is a way to read an artifact, which has the tag "x" in the OCI layout
// in a directory. What it leaves behind if it fails is its own to look at.
type reader struct {
	name string
	read func(t *testing.T, layoutDir string, limits skills.Limits) (*skills.SkillConfig, error)
}

// readers are all ways to read an artifact in which the layer is read.
var readers = []reader{
	{"Inspect", func(t *testing.T, layoutDir string, limits skills.Limits) (*skills.SkillConfig, error) {
		got, err := skills.Inspect(t.Context(), openLayout(t, layoutDir), "x", skills.InspectOptions{Files: true, Limits: limits})
		if err != nil {
			return nil, err
		}
		return got.Config, nil
	}},
	{"Unpack", func(t *testing.T, layoutDir string, limits skills.Limits) (*skills.SkillConfig, error) {
		parent := t.TempDir()
		got, err := skills.Unpack(t.Context(), openLayout(t, layoutDir), "x", filepath.Join(parent, "out"), skills.UnpackOptions{Limits: limits})
		if err != nil {
			require.Empty(t, names(t, parent))
			return nil, err
		}
		return got.Config, nil
	}},
	{"Push", func(t *testing.T, layoutDir string, limits skills.Limits) (*skills.SkillConfig, error) {
		srv := registrytest.New(t)
		registry := newRegistry(t, srv)
		ref := srv.Host() + "/a/demo:1"
		layout := openLayout(t, layoutDir)
		root, err := layout.Resolve(t.Context(), "x")
		require.NoError(t, err)
		err = registry.Push(t.Context(), layout, root.Digest, ref, skills.TransferOptions{Limits: limits})
		if err != nil {
			for _, request := range srv.Requests() {
				require.NotContains(t, []string{http.MethodPost, http.MethodPut, http.MethodPatch}, request.Method, "nothing was sent")
			}
			return nil, err
		}
		repository, tag, err := registry.Repository(ref)
		require.NoError(t, err)
		got, err := skills.Inspect(t.Context(), repository, tag, skills.InspectOptions{Files: true, Limits: limits})
		require.NoError(t, err)
		return got.Config, nil
	}},
	{"Pull", func(t *testing.T, layoutDir string, limits skills.Limits) (*skills.SkillConfig, error) {
		srv := registrytest.New(t)
		registry := newRegistry(t, srv)
		ref := srv.Host() + "/a/demo:1"
		if err := upload(t, registry, ref, layoutDir); err != nil {
			return nil, fmt.Errorf("%w: %w", errUpload, err)
		}
		dir := t.TempDir()
		_, err := registry.Pull(t.Context(), openLayout(t, dir), ref, skills.TransferOptions{Tag: "x", Limits: limits})
		if err != nil {
			requireNotPulled(t, dir)
			return nil, err
		}
		got, err := skills.Inspect(t.Context(), openLayout(t, dir), "x", skills.InspectOptions{Files: true, Limits: limits})
		require.NoError(t, err)
		return got.Config, nil
	}},
}

// requireNotPulled wants no tag in a layout, and no half files.
func requireNotPulled(t *testing.T, dir string) {
	t.Helper()
	tags, err := registry.Tags(t.Context(), openLayout(t, dir))
	require.NoError(t, err)
	require.Empty(t, tags)
	requireNoHalfFiles(t, dir)
}

// errUpload says that the registry refused an artifact before it could be pulled.
var errUpload = errors.New("refused by the registry")

// upload puts the artifact "x" of a layout into a registry, looking at nothing.
// The error is the registry's, which does look at media types.
func upload(t *testing.T, registry *skills.Registry, ref, layoutDir string) error {
	t.Helper()
	ctx := context.Background()
	repository, tag, err := registry.Repository(ref)
	require.NoError(t, err)
	blobs := filepath.Join(layoutDir, "blobs", "sha256")
	for _, name := range names(t, blobs) {
		data, err := os.ReadFile(filepath.Join(blobs, name))
		require.NoError(t, err)
		if err := repository.Blobs().Push(ctx, content.NewDescriptorFromBytes("application/octet-stream", data), bytes.NewReader(data)); err != nil {
			require.ErrorIs(t, err, errdef.ErrAlreadyExists)
		}
	}
	root, err := openLayout(t, layoutDir).Resolve(ctx, "x")
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(blobs, root.Digest.Encoded()))
	require.NoError(t, err)
	var index struct{ Manifests []ocispec.Descriptor }
	_ = json.Unmarshal(data, &index)
	for _, desc := range index.Manifests {
		if child, err := os.ReadFile(filepath.Join(blobs, desc.Digest.Encoded())); err == nil {
			require.NoError(t, repository.Manifests().Push(ctx, desc, bytes.NewReader(child)))
		}
	}
	return repository.PushReference(ctx, root, bytes.NewReader(data), tag)
}

// requireAllRefuse wants the same refusal of every reader.
func requireAllRefuse(t *testing.T, layoutDir string, limits skills.Limits, want error, says ...string) {
	t.Helper()
	for _, r := range readers {
		_, err := r.read(t, layoutDir, limits)
		if errors.Is(err, errUpload) {
			continue
		}
		require.ErrorIs(t, err, want, r.name)
		require.NotContains(t, err.Error(), "\n", r.name)
		for _, s := range says {
			require.ErrorContains(t, err, s, r.name)
		}
	}
}

// requireAllTake wants every reader to read the same.
func requireAllTake(t *testing.T, layoutDir string, want *skills.SkillConfig) {
	t.Helper()
	for _, r := range readers {
		got, err := r.read(t, layoutDir, skills.Limits{})
		require.NoError(t, err, r.name)
		require.Equal(t, want, got, r.name)
	}
}
