// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
)

// bareStorage serves blobs without looking into them, as a registry does.
type bareStorage struct {
	*memory.Store
	root ocispec.Descriptor
}

func (s bareStorage) Resolve(context.Context, string) (ocispec.Descriptor, error) {
	return s.root, nil
}

// FuzzArtifact reads artifacts whose manifest, configuration and layer are
// arbitrary. Nothing may panic, and what is unpacked has clean names.
func FuzzArtifact(f *testing.F) {
	store, packed := packDir(f, filepath.Join(sampleDir, "commit-message"), skills.PackageOptions{})
	read := func(desc ocispec.Descriptor) []byte {
		data, err := content.FetchAll(context.Background(), store, desc)
		require.NoError(f, err)
		return data
	}
	index := read(packed.Index)
	children, err := content.Successors(context.Background(), store, packed.Index)
	require.NoError(f, err)
	manifest := read(children[0])
	blobs, err := content.Successors(context.Background(), store, children[0])
	require.NoError(f, err)
	f.Add(index, manifest, read(blobs[0]), read(blobs[1]), true)
	f.Add(index, manifest, read(blobs[0]), read(blobs[1]), false)
	f.Add([]byte(`{"manifests":[{}]}`), []byte(`{"layers":[{"digest":"sha256"}]}`), []byte("{}"), []byte("\x1f\x8b"), true)
	f.Fuzz(func(t *testing.T, index, manifest, config, layer []byte, indexed bool) {
		ctx := context.Background()
		mem := memory.New()
		push := func(mediaType string, data []byte) ocispec.Descriptor {
			desc := content.NewDescriptorFromBytes(mediaType, data)
			_ = mem.Push(ctx, ocispec.Descriptor{MediaType: "application/octet-stream", Digest: desc.Digest, Size: desc.Size}, bytes.NewReader(data))
			return desc
		}
		src := bareStorage{Store: mem}
		src.root = push(ocispec.MediaTypeImageManifest, manifest)
		if indexed {
			src.root = push(ocispec.MediaTypeImageIndex, index)
		}
		push(ocispec.MediaTypeImageConfig, config)
		push(ocispec.MediaTypeImageLayerGzip, layer)
		if result, err := skills.Inspect(ctx, src, "x", skills.InspectOptions{Limits: skills.Limits{MaxBytes: 1 << 20}}); err == nil {
			for _, file := range result.Files {
				require.NoError(t, reproducible.CheckName(file.Name))
			}
		}
		_, _ = skills.VerifyFS(ctx, src, "x", os.DirFS(filepath.Join(sampleDir, "commit-message")), skills.VerifyOptions{})
	})
}

// FuzzLayoutIndex reads layouts with an arbitrary index.json.
func FuzzLayoutIndex(f *testing.F) {
	f.Add([]byte(`{"manifests":[{"digest":"sha256:x","annotations":{"org.opencontainers.image.ref.name":"a"}}]}`), "a")
	f.Add([]byte(`{}`), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	f.Fuzz(func(t *testing.T, index []byte, reference string) {
		path := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(path, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(path, "index.json"), index, 0o644))
		layout, err := skills.OpenLayout(path)
		require.NoError(t, err)
		ctx := context.Background()
		if _, err := layout.Resolve(ctx, reference); err == nil {
			_, _ = skills.Inspect(ctx, layout, reference, skills.InspectOptions{})
		}
	})
}

func FuzzParsePlatform(f *testing.F) {
	f.Add("linux/arm/v7")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := skills.ParsePlatform(s); err == nil {
			require.Equal(t, s, skills.PlatformString(p))
		} else {
			require.ErrorIs(t, err, skills.ErrInvalidPlatform)
		}
	})
}
