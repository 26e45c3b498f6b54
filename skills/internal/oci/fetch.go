// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"fmt"
	"io"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// expectedKey is the key of the size of what is fetched, in the context of the
// request for it.
type expectedKey struct{}

// Fetch is Fetch of src. The answer of a registry is held to the size in desc.
func Fetch(ctx context.Context, src content.Fetcher, desc ocispec.Descriptor) (io.ReadCloser, error) {
	return src.Fetch(context.WithValue(ctx, expectedKey{}, desc.Size), desc)
}

// ExpectedSize returns the size of what is fetched; ok is false if that is not
// known.
func ExpectedSize(ctx context.Context) (size int64, ok bool) {
	size, ok = ctx.Value(expectedKey{}).(int64)
	return size, ok
}

// fetchAll fetches content into memory. Size and digest must be valid, and the
// size one that memory has room for. Errors wrap [ErrCorrupt] for content that
// has another size or digest.
func fetchAll(ctx context.Context, src content.Fetcher, desc ocispec.Descriptor) ([]byte, error) {
	rc, err := Fetch(ctx, src, desc)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	data, err := io.ReadAll(io.LimitReader(rc, desc.Size+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(data)) != desc.Size:
		return nil, WrongSize(desc.Size)
	case desc.Digest.Algorithm().FromBytes(data) != desc.Digest:
		return nil, fmt.Errorf("%w: its content does not match its digest; %s", ErrCorrupt, GetAgain)
	}
	return data, nil
}

// FetchJSON fetches a manifest, an index or an image configuration, checks its
// size and digest, and decodes it. Errors wrap [ErrCorrupt], [ErrSkillTooLarge]
// for one of more than 4 MiB, [ErrNotSkill] for what decode refuses, and what
// classify makes of the errors of src.
func FetchJSON[T any](ctx context.Context, src content.Fetcher, desc ocispec.Descriptor, classify func(error) error, decode func([]byte, *T) error) (*T, error) {
	if err := CheckDescriptor(desc); err != nil {
		return nil, err
	}
	if desc.Size > MaxMetadataBytes {
		return nil, fmt.Errorf("%s %s: %w: it has %d bytes, the limit is %d", desc.MediaType, desc.Digest, ErrSkillTooLarge, desc.Size, MaxMetadataBytes)
	}
	data, err := fetchAll(ctx, src, desc)
	if err != nil {
		if classify != nil {
			err = classify(err)
		}
		return nil, fmt.Errorf("%s %s: %w", desc.MediaType, desc.Digest, err)
	}
	into := new(T)
	if err := decode(data, into); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %w", desc.MediaType, desc.Digest, ErrNotSkill, err)
	}
	return into, nil
}

// CheckDescriptor refuses descriptors that the libraries below can't take.
func CheckDescriptor(desc ocispec.Descriptor) error {
	if err := desc.Digest.Validate(); err != nil {
		return fmt.Errorf("%w: digest %q: %w", ErrCorrupt, desc.Digest, err)
	}
	if desc.Size < 0 {
		return fmt.Errorf("%w: %s has the size %d", ErrCorrupt, desc.Digest, desc.Size)
	}
	return nil
}
