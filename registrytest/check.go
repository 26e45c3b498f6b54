// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// CheckStore reads everything in a store and returns an error that joins one for
// each defect: content that does not match its digest, a manifest whose config,
// layers or manifests are absent or of another size, a tag that points at nothing.
// Subjects and non-distributable layers may be absent. Nobody may change the store
// meanwhile.
func CheckStore(ctx context.Context, s Store) error {
	repos, err := s.ListRepositories(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, repo := range repos {
		faults = append(faults, checkRepo(ctx, s, repo)...)
	}
	return errors.Join(faults...)
}

func checkRepo(ctx context.Context, s Store, repo string) (faults []error) {
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf(repo+": "+format, args...))
	}
	list, err := s.ListContent(ctx, repo)
	if err != nil {
		fault("%w", err)
		return faults
	}
	sizes := make(map[digest.Digest]ocispec.Descriptor, len(list))
	for _, desc := range list {
		sizes[desc.Digest] = desc
	}
	for _, desc := range list {
		if err := checkBlob(ctx, s, repo, desc); err != nil {
			fault("%w", err)
		}
		if desc.MediaType == manifest.BlobMediaType {
			continue
		}
		m, err := s.GetManifest(ctx, repo, desc.Digest)
		if err != nil {
			fault("%w", err)
			continue
		}
		view, err := checkManifest(m, true)
		if err != nil {
			fault("%s: %w", m.Digest, err)
		}
		if err != nil || view == nil {
			continue
		}
		_ = view.EachContent(func(want ocispec.Descriptor, isManifest bool) error {
			got, ok := sizes[want.Digest]
			switch {
			case !ok || isManifest && got.MediaType == manifest.BlobMediaType:
				fault("%s refers to %s, which is not there", m.Digest, want.Digest)
			case got.Size != want.Size:
				fault("%s says that %s has %d bytes, but it has %d", m.Digest, want.Digest, want.Size, got.Size)
			}
			return nil
		})
	}
	tags, err := s.ListTags(ctx, repo)
	if err != nil {
		fault("%w", err)
	}
	for _, tag := range tags {
		dgst, err := s.ResolveTag(ctx, repo, tag)
		if err == nil {
			_, err = s.GetManifest(ctx, repo, dgst)
		}
		if err != nil {
			fault("tag %s: %w", tag, err)
		}
	}
	return faults
}

func checkBlob(ctx context.Context, s Store, repo string, desc ocispec.Descriptor) error {
	body, size, err := s.OpenBlob(ctx, repo, desc.Digest)
	if err != nil {
		return err
	}
	defer body.Close()
	d := desc.Digest.Algorithm().Digester()
	n, err := io.Copy(d.Hash(), body)
	if err != nil {
		return err
	}
	if got := d.Digest(); got != desc.Digest || n != size || n != desc.Size {
		return fmt.Errorf("%s of %d bytes holds %d bytes that are %s", desc.Digest, desc.Size, n, got)
	}
	return nil
}
