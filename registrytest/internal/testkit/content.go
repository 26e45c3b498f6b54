// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package testkit has what the tests of registrytest and of the packages below it
// share.
package testkit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/registrytest"
)

// SeedText is the content that [Seed] puts into a store.
const SeedText = "0123456789abcdefghijklmnopqrstuvwxyz"

// SeedDigest is that of SeedText.
var SeedDigest = digest.FromString(SeedText)

// Seed puts a blob of 36 bytes into the repository demo/app.
func Seed(t testing.TB, store registrytest.Store) {
	t.Helper()
	PutBlob(t, store, "demo/app", SeedText)
}

// PutBlob puts text into a repository and returns its digest.
func PutBlob(t testing.TB, store registrytest.Store, repo, text string) digest.Digest {
	t.Helper()
	ctx := t.Context()
	id, err := store.StartUpload(ctx, repo, digest.SHA256)
	require.NoError(t, err)
	_, err = store.AppendUpload(ctx, repo, id, 0, strings.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, store.CommitUpload(ctx, repo, id, digest.FromString(text)))
	return digest.FromString(text)
}

// ImageType is the media type of [Image].
const ImageType = ocispec.MediaTypeImageManifest

// Image is a manifest whose only content is the blob of [Seed]. The text makes it
// differ from others.
func Image(text string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"artifactType":"application/vnd.example.thing","config":{"mediaType":"application/vnd.example.config","digest":%q,"size":%d},"layers":[],"annotations":{"text":%q}}`,
		ImageType, SeedDigest, len(SeedText), text)
}

// ImageManifest is [Image] as a store takes it.
func ImageManifest(text string) registrytest.Manifest {
	return registrytest.Manifest{MediaType: ImageType, Digest: digest.FromString(Image(text)), Content: []byte(Image(text))}
}

// NewRepo returns oras-go's client for a repository of srv.
func NewRepo(t testing.TB, srv *registrytest.Server, name string, user, password string) *remote.Repository {
	t.Helper()
	repo, err := remote.NewRepository(srv.Host() + "/" + name)
	require.NoError(t, err)
	repo.PlainHTTP = srv.URL[:5] == "http:"
	client := &auth.Client{Client: srv.Client(), Cache: auth.NewCache()}
	if user != "" {
		client.Credential = auth.StaticCredential(srv.Host(), auth.Credential{Username: user, Password: password})
	}
	repo.Client = client
	return repo
}

// Pack puts an artifact with one layer and the tag into memory.
func Pack(t testing.TB, tag, text string) (*memory.Store, ocispec.Descriptor) {
	t.Helper()
	ctx := context.Background()
	src := memory.New()
	layer, err := oras.PushBytes(ctx, src, "application/vnd.example.layer", []byte(text))
	require.NoError(t, err)
	desc, err := oras.PackManifest(ctx, src, oras.PackManifestVersion1_1, "application/vnd.example.thing",
		oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}})
	require.NoError(t, err)
	require.NoError(t, src.Tag(ctx, desc, tag))
	return src, desc
}

// WriteFile writes a file and makes its directory.
func WriteFile(t testing.TB, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
}
