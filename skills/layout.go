// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/errdef"
)

// Layout is an OCI image layout (image-spec 1.1, "Image Layout") in a
// directory. It is an [oras.Target] that keeps promises which the layout store
// of oras-go does not make:
//
//   - blobs and index.json are synced and put in place in one step, and never
//     half written;
//   - what is damaged or cut short counts as absent, and is written again;
//   - index.json lists what was tagged, and no manifest that an index lists;
//   - processes that tag at the same time do not lose each other's tags (on
//     systems that have flock).
//
// Other programs may read the directory at any time. One that writes to it at
// the same time without a lock, as the store of oras-go does, may lose tags.
//
// index.json has at most 10,000 entries and 4 MiB; what would exceed that is
// not tagged.
//
// Nothing is created before the first Push. Blobs that no tag leads to may
// remain where a process was killed; they do no harm.
type Layout struct {
	path string // absolute
	// whole has the digests of the blobs that were seen to be whole.
	whole sync.Map
}

var _ oras.Target = (*Layout)(nil)

// Limits of the files of a layout, in bytes.
const (
	maxIndexBytes      = 4 << 20
	maxLayoutFileBytes = 4 << 10
)

// OpenLayout returns the layout in the directory path, which need not exist. It
// is an error if path is something else than a layout or an empty directory, or
// a layout of another version than 1.0.0.
func OpenLayout(path string) (*Layout, error) {
	if path == "" {
		return nil, errors.New("OCI layout: the path is empty; name a directory")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	data, err := readRegular(filepath.Join(abs, ocispec.ImageLayoutFile), maxLayoutFileBytes)
	if err == nil {
		var layout ocispec.ImageLayout
		if json.Unmarshal(data, &layout) != nil || layout.Version != ocispec.ImageLayoutVersion {
			return nil, fmt.Errorf("OCI layout %s: its file %s does not say version %s; name a layout or a new directory", path, ocispec.ImageLayoutFile, ocispec.ImageLayoutVersion)
		}
		return &Layout{path: abs}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("OCI layout %s: %w; name a directory", path, bare(err))
	}
	entries, err := os.ReadDir(abs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("OCI layout %s: %w; name a directory", path, bare(err))
	}
	hasBlobs := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ocispec.ImageBlobsDir && e.IsDir() })
	for _, entry := range entries {
		switch name := entry.Name(); {
		case name == ocispec.ImageLayoutFile: // it was made just now
			return OpenLayout(path)
		case name == ocispec.ImageBlobsDir, strings.HasPrefix(name, tempPrefix):
			// A push that has not ended leaves no more than these.
		case name == ocispec.ImageIndexFile && hasBlobs:
			// A registry that serves the directory is about to make a layout of it.
		default:
			return nil, fmt.Errorf("OCI layout %s: the directory holds %s and no file %s; name a layout or a new directory", path, name, ocispec.ImageLayoutFile)
		}
	}
	return &Layout{path: abs}, nil
}

// Resolve returns the descriptor for a tag or for the digest of a manifest that
// is listed or that a listed index lists. The error for one that is unknown
// wraps [errdef.ErrNotFound] and names the tags that there are. Others are as of
// [Layout.Tags] and of ctx.
func (l *Layout) Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	if err := ctx.Err(); err != nil {
		return ocispec.Descriptor{}, err
	}
	index, err := l.readIndex()
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	wanted := digest.Digest(reference)
	isDigest := wanted.Validate() == nil
	for _, desc := range index.Manifests {
		if isDigest && desc.Digest == wanted || !isDigest && desc.Annotations[ocispec.AnnotationRefName] == reference {
			desc.Annotations = nil
			return desc, nil
		}
	}
	if isDigest {
		desc, err := l.resolveChild(ctx, index, wanted)
		if err == nil || !errors.Is(err, errdef.ErrNotFound) {
			return desc, err
		}
	}
	return ocispec.Descriptor{}, fmt.Errorf("%q in OCI layout %s: %w; %s", reference, l.path, errdef.ErrNotFound, l.tagsHint(index))
}

// resolveChild looks for a digest among what the listed indexes list.
func (l *Layout) resolveChild(ctx context.Context, index *ocispec.Index, wanted digest.Digest) (ocispec.Descriptor, error) {
	seen := map[digest.Digest]bool{}
	for _, desc := range index.Manifests {
		if desc.MediaType != ocispec.MediaTypeImageIndex || seen[desc.Digest] {
			continue
		}
		seen[desc.Digest] = true
		if err := ctx.Err(); err != nil {
			return ocispec.Descriptor{}, err
		}
		nested, err := fetchJSON(ctx, l, desc, decodeIndex)
		if err != nil {
			continue // other entries may be whole
		}
		for _, child := range nested.Manifests {
			if child.Digest == wanted {
				return child, nil
			}
		}
	}
	return ocispec.Descriptor{}, errdef.ErrNotFound
}

func (l *Layout) tagsHint(index *ocispec.Index) string {
	if _, err := os.Stat(l.path); errors.Is(err, fs.ErrNotExist) {
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

// Tags returns all tags, sorted. It is an error if index.json can't be read or
// is no index; without one there are no tags.
func (l *Layout) Tags(context.Context) ([]string, error) {
	index, err := l.readIndex()
	if err != nil {
		return nil, err
	}
	return tagsOf(index), nil
}

func tagsOf(index *ocispec.Index) []string {
	var tags []string
	for _, desc := range index.Manifests {
		if tag := desc.Annotations[ocispec.AnnotationRefName]; tag != "" {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	return tags
}

// Tag lists desc in index.json under the tag reference, which may be any text
// but the digest of something else, and takes the tag from what had it. If
// reference is the digest of desc, desc is listed without a tag. desc and all
// that it refers to must be there and whole: the error otherwise wraps
// [errdef.ErrNotFound]. Other errors wrap [errdef.ErrMissingReference] for an
// empty reference, [errdef.ErrInvalidReference] for the digest of something
// else, or are those of [Layout.Exists], ctx and the file system.
func (l *Layout) Tag(ctx context.Context, desc ocispec.Descriptor, reference string) error {
	if reference == "" {
		return errdef.ErrMissingReference
	}
	isDigest := digest.Digest(reference).Validate() == nil
	if isDigest && reference != desc.Digest.String() {
		return fmt.Errorf("%w: %s can't be the tag of %s", errdef.ErrInvalidReference, reference, desc.Digest)
	}
	exists, err := l.Exists(ctx, desc)
	if err == nil && !exists {
		err = errdef.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", desc.Digest, err)
	}
	unlock, err := lockDir(ctx, l.path)
	if err != nil {
		return fmt.Errorf("lock OCI layout %s: %w", l.path, err)
	}
	defer unlock()
	index, err := l.readIndex()
	if err != nil {
		return err
	}
	entry := ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size, ArtifactType: desc.ArtifactType}
	for _, listed := range index.Manifests {
		if listed.Digest != desc.Digest {
			continue
		}
		if isDigest {
			return nil
		}
		entry = listed // with what others have noted there
		entry.Annotations = maps.Clone(listed.Annotations)
	}
	if !isDigest {
		if entry.Annotations == nil {
			entry.Annotations = map[string]string{}
		}
		entry.Annotations[ocispec.AnnotationRefName] = reference
		index.Manifests = slices.DeleteFunc(index.Manifests, func(d ocispec.Descriptor) bool {
			tag := d.Annotations[ocispec.AnnotationRefName]
			return tag == reference || d.Digest == desc.Digest && tag == ""
		})
	}
	index.Manifests = append(index.Manifests, entry)
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.writeIndex(index)
}

// readIndex reads index.json; one that is missing is empty.
func (l *Layout) readIndex() (*ocispec.Index, error) {
	index := &ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageIndex,
		Manifests: []ocispec.Descriptor{},
	}
	name := filepath.Join(l.path, ocispec.ImageIndexFile)
	data, err := readRegular(name, maxIndexBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return index, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, bare(err))
	}
	if err := decodeIndex(data, index); errors.Is(err, errListed) {
		return nil, fmt.Errorf("%s: %w; take tags out of it, or use another layout", name, err)
	} else if err != nil {
		return nil, fmt.Errorf("%s: not an OCI index: %w", name, err)
	}
	if index.Manifests == nil {
		index.Manifests = []ocispec.Descriptor{} // it must be a list in JSON
	}
	return index, nil
}

// writeIndex replaces index.json, after the file that makes a directory a
// layout.
func (l *Layout) writeIndex(index *ocispec.Index) error {
	version, err := json.Marshal(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	if err != nil {
		return err
	}
	layoutFile := filepath.Join(l.path, ocispec.ImageLayoutFile)
	if _, err := os.Stat(layoutFile); err != nil {
		if err := replaceFile(layoutFile, bytes.NewReader(version)); err != nil {
			return err
		}
	}
	data, err := json.Marshal(index)
	if err != nil {
		return err
	}
	if len(index.Manifests) > maxListed || len(data) > maxIndexBytes {
		return fmt.Errorf("OCI layout %s is full: its %s has %d entries and %d bytes, the limits are %d and %d; use another layout", l.path, ocispec.ImageIndexFile, len(index.Manifests), len(data), maxListed, maxIndexBytes)
	}
	return replaceFile(filepath.Join(l.path, ocispec.ImageIndexFile), bytes.NewReader(data))
}
