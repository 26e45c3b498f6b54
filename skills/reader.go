// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/reproducible"
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

// readLayer calls each with every file of the layer, in the order of the archive. In the
// end it compares size, digest and diff ID, and what the layer holds with the labels and
// annotations. What each has seen must not be relied on unless readLayer returns nil.
// progress, if not nil, gets the bytes of the layer that were read and its size.
func (a *artifact) readLayer(ctx context.Context, v *platformManifest, limits reproducible.Limits, progress func(done, total int64), each func(reproducible.Entry, io.Reader) error) error {
	layer := v.manifest.Layers[0]
	if err := v.checkLimits(limits); err != nil {
		return err
	}
	blob, err := oci.Fetch(ctx, a.src, layer)
	if err != nil {
		return fmt.Errorf("layer %s: %w", layer.Digest, err)
	}
	defer blob.Close()
	var done int64
	watched := oci.ReaderFunc(func(p []byte) (int, error) {
		n, err := blob.Read(p)
		if done += int64(n); progress != nil && n > 0 {
			progress(min(done, layer.Size), layer.Size)
		}
		return n, err
	})
	if err := a.readLayerFrom(ctx, v, watched, limits, each); err != nil {
		return fmt.Errorf("layer %s: %w", layer.Digest, err)
	}
	return nil
}

// checkLimits refuses a layer that claims to be too large, before any of it is read.
func (v *platformManifest) checkLimits(limits reproducible.Limits) error {
	limits = limits.WithDefaults()
	layer := v.manifest.Layers[0]
	if err := oci.CheckDescriptor(layer); err != nil {
		return err
	}
	if layer.Size > maxLayerBytes(limits) {
		return fmt.Errorf("%w: its layer has %d bytes, the limit is %d", ErrSkillTooLarge, layer.Size, maxLayerBytes(limits))
	}
	if n := len(v.config.Files); n > limits.Files {
		return fmt.Errorf("%w: label %s lists %d, at most %d are allowed", ErrTooManyFiles, LabelSkillFiles, n, limits.Files)
	}
	return nil
}

// readLayerFrom is readLayer for a layer that comes from blob.
func (a *artifact) readLayerFrom(ctx context.Context, v *platformManifest, blob io.Reader, limits reproducible.Limits, each func(reproducible.Entry, io.Reader) error) error {
	var seen layerContents
	layer := v.manifest.Layers[0]
	err := readArchive(ctx, blob, layer, v.image.RootFS.DiffIDs[0], limits, func(entry reproducible.Entry, content io.Reader) error {
		content, err := seen.record(entry, content)
		if err != nil {
			return err
		}
		return each(entry, content)
	})
	if err != nil {
		return err
	}
	return a.agree(v, &seen)
}

func readArchive(ctx context.Context, blob io.Reader, layer ocispec.Descriptor, diffID digest.Digest, limits reproducible.Limits, each func(reproducible.Entry, io.Reader) error) error {
	if err := diffID.Validate(); err != nil {
		return fmt.Errorf("%w: diff ID %q: %w", ErrCorrupt, diffID, err)
	}
	verified := content.NewVerifyReader(oci.ContextReader(ctx, blob), layer)
	zr, err := reproducible.NewGzipReader(verified)
	if err != nil {
		return classify(err)
	}
	diff := diffID.Algorithm().Digester()
	archive := reproducible.NewReader(io.TeeReader(zr, diff.Hash()), limits)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = each(entry, archive)
		}
		if err != nil {
			return classify(err)
		}
	}
	if err := verified.Verify(); err != nil {
		return classify(err)
	}
	if got := diff.Digest(); got != diffID {
		return fmt.Errorf("%w: its diff ID is %s, the configuration says %s", ErrCorrupt, got, diffID)
	}
	return nil
}
