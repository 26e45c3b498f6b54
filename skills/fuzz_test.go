// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// FuzzArtifact reads artifacts whose manifest, configuration and layer are
// arbitrary. Nothing may panic, and what is unpacked has clean names.
func FuzzArtifact(f *testing.F) {
	store, packed := packDir(f, filepath.Join(sampleDir, "commit-message"), skills.PackageOptions{Platforms: platforms("linux/amd64")})
	read := func(desc ocispec.Descriptor) []byte {
		data, err := content.FetchAll(context.Background(), store, desc)
		require.NoError(f, err)
		return data
	}
	children, err := content.Successors(context.Background(), store, packed.Index)
	require.NoError(f, err)
	blobs, err := content.Successors(context.Background(), store, children[0])
	require.NoError(f, err)
	seeds := [][]byte{read(packed.Index), read(children[0]), read(blobs[0]), read(blobs[1])}
	f.Add(seeds[0], seeds[1], seeds[2], seeds[3], true)
	f.Add(seeds[0], seeds[1], seeds[2], seeds[3], false)
	f.Add([]byte(`{"manifests":[{}]}`), []byte(`{"layers":[{"digest":"sha256"}]}`), []byte("{}"), []byte("\x1f\x8b"), true)
	f.Fuzz(func(t *testing.T, index, manifest, config, layer []byte, indexed bool) {
		ctx := context.Background()
		src := &rawStore{blobs: map[digest.Digest][]byte{}, mediaType: ocispec.MediaTypeImageManifest}
		whole := bytes.Equal(index, seeds[0]) && bytes.Equal(manifest, seeds[1]) && bytes.Equal(config, seeds[2]) && bytes.Equal(layer, seeds[3])
		// Each names what it did before it was changed.
		manifest = relink(relink(manifest, seeds[2], config), seeds[3], layer)
		index = relink(index, seeds[1], manifest)
		src.root = src.put(manifest)
		if indexed {
			src.mediaType, src.root = ocispec.MediaTypeImageIndex, src.put(index)
		}
		src.put(config)
		src.put(layer)
		result, err := skills.Inspect(ctx, src, "x", skills.InspectOptions{Files: true, Limits: skills.Limits{MaxBytes: 1 << 20}})
		if whole {
			require.NoError(t, err, "what is served is not found")
		}
		if err == nil {
			for _, file := range result.Files {
				require.NoError(t, reproducible.CheckName(file.Name))
			}
		}
		_, _ = skills.VerifyFS(ctx, src, "x", os.DirFS(filepath.Join(sampleDir, "commit-message")), skills.VerifyOptions{})
	})
}

// relink lets doc, which may name old, name data.
func relink(doc, old, data []byte) []byte {
	doc = bytes.ReplaceAll(doc, []byte(digest.FromBytes(old)), []byte(digest.FromBytes(data)))
	return bytes.ReplaceAll(doc, fmt.Appendf(nil, `"size":%d`, len(old)), fmt.Appendf(nil, `"size":%d`, len(data)))
}

// FuzzLayoutIndex reads layouts with an arbitrary index.json.
func FuzzLayoutIndex(f *testing.F) {
	f.Add([]byte(`{"manifests":[{"digest":"sha256:x","annotations":{"org.opencontainers.image.ref.name":"a"}}]}`), "a")
	f.Add([]byte(`{}`), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	f.Fuzz(func(t *testing.T, index []byte, reference string) {
		path := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(path, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(path, "index.json"), index, 0o644))
		layout, err := ocilayout.Open(path)
		require.NoError(t, err)
		ctx := context.Background()
		if _, err := layout.Resolve(ctx, reference); err == nil {
			_, _ = skills.Inspect(ctx, layout, reference, skills.InspectOptions{Files: true})
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
