// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"fmt"
	"io"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/skillcask/skillcask/reproducible"
)

// transfer copies the skill below root from src to dst and then tags it.
func transfer(ctx context.Context, src content.ReadOnlyStorage, root ocispec.Descriptor, dst oras.Target, tag string, opts TransferOptions) error {
	if !isManifestType(root.MediaType) {
		return fmt.Errorf("%w: its media type is %q; a skill is an OCI image index or manifest", ErrNotSkill, root.MediaType)
	}
	limits := opts.Limits.archive().WithDefaults()
	progress := newTransferProgress(opts.Progress)
	var reader skillReader
	options := oras.DefaultCopyGraphOptions
	options.MaxMetadataBytes = maxMetadataBytes
	options.FindSuccessors = func(ctx context.Context, fetcher content.Fetcher, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		children, err := skillSuccessors(ctx, fetcher, desc, &reader, limits)
		if err != nil {
			return nil, err
		}
		progress.expect(children...)
		return children, nil
	}
	options.OnCopySkipped = func(_ context.Context, desc ocispec.Descriptor) error {
		progress.reached(desc, desc.Size)
		return nil
	}
	progress.expect(root)
	if layout, ok := dst.(*Layout); ok { // it is tagged in the end, or already
		dst = unlisted{layout}
	}
	watched := watchedSource{src, root, progress}
	if repository, ok := dst.(*remote.Repository); ok { // what it takes counts, not what is read for it
		dst, watched.progress = sendingStore{repository, progress}, nil
	}
	var err error
	if got, rerr := dst.Resolve(ctx, tag); rerr == nil && got.Digest == root.Digest {
		err = oras.CopyGraph(ctx, watched, dst, root, options)
	} else {
		_, err = oras.Copy(ctx, watched, root.Digest.String(), dst, tag, oras.CopyOptions{CopyGraphOptions: options})
	}
	return corrupt(err)
}

// skillSuccessors returns what desc refers to, if it looks like a skill.
func skillSuccessors(ctx context.Context, fetcher content.Fetcher, desc ocispec.Descriptor, reader *skillReader, limits reproducible.Limits) ([]ocispec.Descriptor, error) {
	var children []ocispec.Descriptor
	switch desc.MediaType {
	case ocispec.MediaTypeImageIndex:
		index, err := reader.index(ctx, fetcher, desc)
		if err != nil {
			return nil, err
		}
		children = index.Manifests
	case ocispec.MediaTypeImageManifest:
		manifest, err := reader.manifest(ctx, fetcher, desc)
		if err != nil {
			return nil, err
		}
		image, err := reader.image(ctx, fetcher, manifest.Config)
		if err != nil {
			return nil, err
		}
		if _, err := SkillConfigFromImageConfig(image); err != nil {
			return nil, err
		}
		children = append(manifest.Layers, manifest.Config)
	}
	for _, child := range children {
		if err := checkDescriptor(child); err != nil {
			return nil, err
		}
		if child.Size > maxLayerBytes(limits) {
			return nil, fmt.Errorf("%w: %s %s has %d bytes, the limit is %d", ErrSkillTooLarge, child.MediaType, child.Digest, child.Size, maxLayerBytes(limits))
		}
	}
	return children, nil
}

// watchedSource is a source whose root is known and which reports what is read.
type watchedSource struct {
	content.ReadOnlyStorage
	root     ocispec.Descriptor
	progress *transferProgress
}

func (w watchedSource) Resolve(context.Context, string) (ocispec.Descriptor, error) {
	return w.root, nil
}

func (w watchedSource) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	r, err := fetch(ctx, w.ReadOnlyStorage, desc)
	if err != nil {
		return nil, &sourceError{desc, err}
	}
	return w.progress.watch(r, desc), nil
}
