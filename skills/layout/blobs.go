// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/oci"
)

// blobPath returns where the blob lies (image-spec 1.1, "Image Layout").
func (s *Store) blobPath(desc ocispec.Descriptor) (string, error) {
	if err := oci.CheckDescriptor(desc); err != nil {
		return "", err
	}
	return filepath.Join(s.path, ocispec.ImageBlobsDir, desc.Digest.Algorithm().String(), desc.Digest.Encoded()), nil
}

// Fetch returns the content of a blob, without comparing it with the digest. Errors
// wrap [errdef.ErrNotFound], ErrCorrupt for a descriptor with an impossible digest or
// size, or are those of ctx and the file system.
func (s *Store) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path, err := s.blobPath(desc)
	if err != nil {
		return nil, err
	}
	file, err := atomicfile.OpenRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s in OCI layout %s: %w", desc.Digest, s.path, errdef.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, atomicfile.WithoutPath(err))
	}
	return file, nil
}

// Exists reports whether a blob is present and intact and, if it is a manifest or an
// index, whether everything it references is too and index.json leads to it. The
// subject is not checked. Exists reads blobs that it has not read or written before.
// A missing or damaged blob is no error.
//
// Errors wrap ErrCorrupt for a descriptor with an impossible digest or size,
// ErrSkillTooLarge for a manifest of more than 4 MiB, ErrNotSkill for content that is
// no manifest, are those of [Store.Tags], or those of files that can't be read.
func (s *Store) Exists(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	if oci.IsTaggedLater(ctx) { // by somebody who writes, even if all is there
		s.sweep()
	}
	if exists, err := s.holds(ctx, desc); err != nil || !exists || !isManifest(desc.MediaType) || oci.IsTaggedLater(ctx) {
		return exists, err
	}
	return s.isListed(ctx, desc.Digest)
}

// holds is Exists for what need not be listed.
func (s *Store) holds(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	return s.exists(ctx, desc, map[seenBlob]bool{})
}

// seenBlob is a blob and how it was looked at.
type seenBlob struct {
	digest    digest.Digest
	size      int64
	mediaType string
}

// exists is holds, except for digests seen before, so that indexes that list one another
// many times take no longer than once.
func (s *Store) exists(ctx context.Context, desc ocispec.Descriptor, seen map[seenBlob]bool) (bool, error) {
	key := seenBlob{desc.Digest, desc.Size, desc.MediaType}
	if seen[key] {
		return true, nil
	}
	seen[key] = true
	whole, err := s.isWhole(ctx, desc)
	if err != nil || !whole {
		return false, err
	}
	node, err := s.readNode(ctx, desc)
	if err != nil {
		return false, err
	}
	for _, part := range node.parts {
		if exists, err := s.exists(ctx, part, seen); err != nil || !exists {
			return false, err
		}
	}
	return true, nil
}

// isWhole reports whether the blob itself is present and intact.
func (s *Store) isWhole(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	path, err := s.blobPath(desc)
	if err != nil {
		return false, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular() || info.Size() != desc.Size:
		return false, nil
	}
	if _, ok := s.whole.Load(desc.Digest); ok {
		return true, nil
	}
	blob, err := s.Fetch(ctx, desc)
	if err != nil {
		return false, err
	}
	defer blob.Close()
	verified := content.NewVerifyReader(oci.ContextReader(ctx, blob), desc)
	if _, err := io.Copy(io.Discard, verified); err != nil {
		return false, err
	}
	if verified.Verify() != nil {
		return false, nil
	}
	s.whole.Store(desc.Digest, true)
	return true, nil
}

// Push writes a blob completely or not at all. A manifest or an index whose parts are
// all present is then listed in index.json without a tag, in place of the manifests
// that an index lists, so that [oras.land/oras-go/v2.CopyGraph] makes a layout that
// can be read.
//
// The error for a blob that exists wraps [errdef.ErrAlreadyExists]; that for content
// of another size or digest, [content.ErrMismatchedDigest] and others of that
// package. Other errors wrap ErrCorrupt for a descriptor with an impossible digest or
// size, [ErrFull] or [ErrNotLayout] as those of [Store.Tag], or are those of r, ctx
// and the file system.
func (s *Store) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	err := s.pushBlob(ctx, desc, r)
	if !isManifest(desc.MediaType) || oci.IsTaggedLater(ctx) || err != nil && !errors.Is(err, errdef.ErrAlreadyExists) {
		return err
	}
	listed, lerr := s.listPushed(ctx, desc)
	if lerr != nil {
		return fmt.Errorf("%s: %w", desc.Digest, lerr)
	}
	if listed {
		return nil // perhaps who wrote it was killed before it could list it
	}
	return err
}

// listPushed lists a manifest that nothing leads to, and reports whether it did.
// One that is not made of what is there would be in the way of other tools.
func (s *Store) listPushed(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	exists, err := s.holds(ctx, desc)
	if errors.Is(err, oci.ErrNotSkill) || errors.Is(err, oci.ErrSkillTooLarge) || errors.Is(err, oci.ErrCorrupt) {
		return false, nil
	}
	if err != nil || !exists {
		return false, err
	}
	listed, err := s.isListed(ctx, desc.Digest)
	if err != nil || listed {
		return false, err
	}
	_, err = s.list(ctx, desc, "")
	return err == nil, err
}

// pushBlob is Push without the listing.
func (s *Store) pushBlob(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	s.sweep()
	path, err := s.blobPath(desc)
	if err != nil {
		return err
	}
	whole, err := s.isWhole(ctx, desc)
	if err != nil {
		return err
	}
	if whole {
		return fmt.Errorf("%s in OCI layout %s: %w", desc.Digest, s.path, errdef.ErrAlreadyExists)
	}
	if err := atomicfile.MkdirSynced(filepath.Dir(path)); err != nil {
		return err
	}
	verified := content.NewVerifyReader(oci.ContextReader(ctx, r), desc)
	err = s.replaceFile(ctx, path, oci.ReaderFunc(func(p []byte) (int, error) {
		n, err := verified.Read(p)
		if errors.Is(err, io.EOF) {
			if verr := verified.Verify(); verr != nil {
				return n, verr
			}
		}
		return n, err
	}))
	if err != nil {
		return fmt.Errorf("%s: %w", desc.Digest, err)
	}
	s.whole.Store(desc.Digest, true)
	return nil
}
