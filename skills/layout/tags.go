// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// Tags calls fn with all tags that come after last, sorted and in one page, unless
// there are none. Without an index.json there are none. [registry.Tags] returns
// them as a slice. The error wraps [ErrNotLayout] if index.json is no index,
// [ErrFull] if it has more than a layout may have, or is that of fn, of ctx or of
// the file system.
func (s *Store) Tags(ctx context.Context, last string, fn func(tags []string) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	index, err := s.readIndex()
	if err != nil {
		return err
	}
	tags := tagsOf(index)
	if last != "" {
		place, found := slices.BinarySearch(tags, last)
		if found {
			place++
		}
		tags = tags[place:]
	}
	if len(tags) == 0 {
		return nil
	}
	return fn(tags)
}

func tagsOf(index *indexFile) []string {
	var tags []string
	for _, entry := range index.entries {
		if entry.tag != "" {
			tags = append(tags, entry.tag)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

func (s *Store) tagsHint(index *indexFile) string {
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		return "the directory does not exist"
	}
	tags := tagsOf(index)
	if len(tags) == 0 {
		return "it has no tags"
	}
	if len(tags) > 10 {
		tags = append(tags[:10], "…")
	}
	return "its tags are " + strings.Join(tags, ", ")
}

// Tag lists desc in index.json under the tag reference, which may be any text except the
// digest of something else. It moves a tag that exists: its former artifact stays listed
// without it. If reference is the digest of desc, desc is listed without a tag.
//
// desc and everything it references must be present and intact; the error otherwise
// wraps [errdef.ErrNotFound]. Other errors wrap [errdef.ErrMissingReference] for an
// empty reference, [errdef.ErrInvalidReference] for the digest of something else or
// text that is not UTF-8, [ErrFull], or are those of [Store.Exists].
func (s *Store) Tag(ctx context.Context, desc ocispec.Descriptor, reference string) error {
	before, err := s.retag(ctx, desc, reference)
	if err == nil {
		oci.ReportTagged(ctx, before)
	}
	return err
}

// Untag removes a tag. What had it stays listed and can be resolved by its digest. Errors
// wrap [errdef.ErrMissingReference] for an empty reference, [errdef.ErrInvalidReference]
// for a digest, [errdef.ErrNotFound] for a tag that does not exist, or are as of
// [Store.Tag].
func (s *Store) Untag(ctx context.Context, reference string) error {
	if reference == "" {
		return errdef.ErrMissingReference
	}
	if digest.Digest(reference).Validate() == nil {
		return fmt.Errorf("%w: %s is a digest; name a tag", errdef.ErrInvalidReference, reference)
	}
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%q in OCI layout %s: %w; the directory does not exist", reference, s.path, errdef.ErrNotFound)
	}
	return s.locked(ctx, func(index *indexFile) error {
		if index.untagOthers("", reference) == "" {
			return fmt.Errorf("%q in OCI layout %s: %w; %s", reference, s.path, errdef.ErrNotFound, s.tagsHint(index))
		}
		return s.writeIndex(ctx, index, true)
	})
}

// retag is Tag, and returns what had the tag before.
func (s *Store) retag(ctx context.Context, desc ocispec.Descriptor, reference string) (before digest.Digest, err error) {
	if reference == "" {
		return "", errdef.ErrMissingReference
	}
	if !utf8.ValidString(reference) { // JSON has no bytes for it
		return "", fmt.Errorf("%w: %q is not valid UTF-8", errdef.ErrInvalidReference, reference)
	}
	tag := reference
	if digest.Digest(reference).Validate() == nil {
		if reference != desc.Digest.String() {
			return "", fmt.Errorf("%w: %s can't be the tag of %s", errdef.ErrInvalidReference, reference, desc.Digest)
		}
		tag = ""
	}
	s.sweep()
	exists, err := s.holds(ctx, desc)
	if err == nil && !exists {
		err = errdef.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", desc.Digest, err)
	}
	return s.list(ctx, desc, tag)
}

// list lists desc, which is there with all its parts, under a tag, or without
// one if that is empty. It returns what had the tag before.
func (s *Store) list(ctx context.Context, desc ocispec.Descriptor, tag string) (before digest.Digest, err error) {
	err = s.locked(ctx, func(index *indexFile) error {
		// Another may have deleted it since it was looked at.
		exists, err := s.holds(ctx, desc)
		if err == nil && !exists {
			err = fmt.Errorf("%s: %w", desc.Digest, errdef.ErrNotFound)
		}
		if err != nil {
			return err
		}
		var children []ocispec.Descriptor
		if isIndex(desc.MediaType) {
			node, err := s.readNode(ctx, desc)
			if err != nil {
				return err
			}
			children = node.parts
		}
		var changed bool
		before, changed = index.tag(desc, tag, children)
		if err := ctx.Err(); err != nil {
			return err
		}
		return s.writeIndex(ctx, index, changed)
	})
	return before, err
}
