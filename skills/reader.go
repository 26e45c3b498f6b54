// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/skills/internal/bounds"
	"github.com/skillcask/skillcask/skills/internal/oci"
)

// skillReader reads the metadata of one skill. It holds all of it together to
// a limit, and the manifests to one layer: what one platform's user inspects is
// then what another's unpacks.
type skillReader struct {
	bytes int64 // read so far
	layer ocispec.Descriptor
}

func (r *skillReader) index(ctx context.Context, src content.Fetcher, desc ocispec.Descriptor) (*ocispec.Index, error) {
	index, err := readSkill(ctx, r, src, desc, oci.NotIn(oci.DecodeIndex, oci.NotInIndex))
	if err != nil {
		return nil, err
	}
	if err := checkIndex(index); err != nil {
		return nil, fmt.Errorf("%s: %w", desc.Digest, err)
	}
	return index, nil
}

func (r *skillReader) manifest(ctx context.Context, src content.Fetcher, desc ocispec.Descriptor) (*ocispec.Manifest, error) {
	manifest, err := readSkill(ctx, r, src, desc, oci.NotIn(oci.DecodeManifest, oci.NotInManifest))
	if err != nil {
		return nil, err
	}
	if err := checkManifest(manifest); err != nil {
		return nil, fmt.Errorf("%s: %w", desc.Digest, err)
	}
	layer := oci.Plain(manifest.Layers[0])
	if r.layer.Digest != "" && (r.layer.Digest != layer.Digest || r.layer.Size != layer.Size) {
		return nil, fmt.Errorf("%s: %w: its layer is %s, that of another platform is %s; the platforms of a skill share one", desc.Digest, ErrNotSkill, layer.Digest, r.layer.Digest)
	}
	r.layer = layer
	return manifest, nil
}

func (r *skillReader) image(ctx context.Context, src content.Fetcher, desc ocispec.Descriptor) (*ocispec.Image, error) {
	return readSkill(ctx, r, src, desc, oci.NotIn(oci.DecodeImage, oci.NotInImage))
}

// readSkill is fetchJSON for a part of the skill that r reads.
func readSkill[T any](ctx context.Context, r *skillReader, src content.Fetcher, desc ocispec.Descriptor, decode func([]byte, *T) error) (*T, error) {
	r.bytes = bounds.Add(r.bytes, max(0, desc.Size))
	if desc.Size <= oci.MaxMetadataBytes && r.bytes > oci.MaxArtifactMetadataBytes {
		return nil, fmt.Errorf("%s %s: %w: its index, manifests and configurations have more than %d bytes in all", desc.MediaType, desc.Digest, ErrSkillTooLarge, oci.MaxArtifactMetadataBytes)
	}
	return oci.FetchJSON(ctx, src, desc, classify, decode)
}
