// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/errdef"
)

// Layout is an OCI image layout (image-spec 1.1, "Image Layout") in a
// directory. It is an [oras.Target] that keeps three promises which the layout
// store of oras-go does not make, and may be used with that store on one
// directory:
//
//   - index.json is replaced in one step and never half written;
//   - it lists what was tagged, and no manifest that an index lists already;
//   - processes that tag at the same time do not lose each other's tags (on
//     systems that have flock).
//
// Nothing is created before the first Push. Blobs without a tag that refers to
// them may remain where a process was killed; they do no harm.
type Layout struct {
	path    string
	storage *oci.Storage
}

var _ oras.Target = (*Layout)(nil)

// maxIndexBytes bounds index.json of a layout.
const maxIndexBytes = 64 << 20

// OpenLayout returns the layout in the directory path, which need not exist. It
// is an error if path is something else than a layout or an empty directory, or
// a layout of another version than 1.0.0.
func OpenLayout(path string) (*Layout, error) {
	storage, err := oci.NewStorage(path)
	if err != nil {
		return nil, fmt.Errorf("OCI layout %s: %w", path, err)
	}
	l := &Layout{path: path, storage: storage}
	data, err := os.ReadFile(filepath.Join(path, ocispec.ImageLayoutFile))
	if err == nil {
		var layout ocispec.ImageLayout
		if json.Unmarshal(data, &layout) != nil || layout.Version != ocispec.ImageLayoutVersion {
			return nil, fmt.Errorf("OCI layout %s: its file %s does not say version %s; name a layout or a new directory", path, ocispec.ImageLayoutFile, ocispec.ImageLayoutVersion)
		}
		return l, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("OCI layout %s: %w; name a directory", path, bare(err))
	}
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("OCI layout %s: %w; name a directory", path, bare(err))
	}
	for _, entry := range entries {
		switch name := entry.Name(); {
		case name == ocispec.ImageLayoutFile: // it was made just now
			return OpenLayout(path)
		case name == ocispec.ImageBlobsDir, name == ingestDir, strings.HasPrefix(name, tempPrefix):
			// A push that has not ended leaves no more than these.
		default:
			return nil, fmt.Errorf("OCI layout %s: the directory holds %s and no file %s; name a layout or a new directory", path, name, ocispec.ImageLayoutFile)
		}
	}
	return l, nil
}

// tempPrefix begins the names of files that are about to be renamed.
const tempPrefix = ".skillcask-"

// ingestDir is where the storage of oras-go puts blobs while it writes them. It
// stays: another process may be about to use it.
const ingestDir = "ingest"

// Exists reports whether the blob is there.
func (l *Layout) Exists(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	return l.storage.Exists(ctx, desc)
}

// Fetch returns the content of a blob, or an error that wraps
// [errdef.ErrNotFound].
func (l *Layout) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	return l.storage.Fetch(ctx, desc)
}

// Push writes a blob, whole or not at all. It checks size and digest. The error
// for a blob that is there already wraps [errdef.ErrAlreadyExists].
func (l *Layout) Push(ctx context.Context, desc ocispec.Descriptor, content io.Reader) error {
	return l.storage.Push(ctx, desc, contextReader(ctx, content))
}

// Resolve returns the descriptor for a tag or for the digest of a manifest that
// is listed or that a listed index lists. The error for one that is unknown
// wraps [errdef.ErrNotFound] and names the tags that there are.
func (l *Layout) Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	index, err := l.readIndex()
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	for _, desc := range index.Manifests {
		if reference == desc.Annotations[ocispec.AnnotationRefName] || reference == desc.Digest.String() {
			desc.Annotations = nil
			return desc, nil
		}
	}
	for _, desc := range index.Manifests {
		if desc.MediaType != ocispec.MediaTypeImageIndex || !strings.Contains(reference, ":") {
			continue
		}
		var nested ocispec.Index
		if err := fetchJSON(ctx, l, desc, &nested); err != nil {
			continue // other entries may be whole
		}
		for _, child := range nested.Manifests {
			if reference == child.Digest.String() {
				return child, nil
			}
		}
	}
	return ocispec.Descriptor{}, fmt.Errorf("%q in OCI layout %s: %w; %s", reference, l.path, errdef.ErrNotFound, tagsHint(index))
}

func tagsHint(index *ocispec.Index) string {
	tags := tagsOf(index)
	if len(tags) == 0 {
		return "it has no tags"
	}
	if len(tags) > 10 {
		tags = append(tags[:10], "…")
	}
	return "its tags are " + strings.Join(tags, ", ")
}

// Tags returns all tags, sorted.
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

// Tag lists desc in index.json under the tag reference, which may be any text,
// and takes the tag from what had it. If reference is the digest of desc, desc
// is listed without a tag. desc must be there: the error otherwise wraps
// [errdef.ErrNotFound].
func (l *Layout) Tag(ctx context.Context, desc ocispec.Descriptor, reference string) error {
	if reference == "" {
		return errdef.ErrMissingReference
	}
	exists, err := l.Exists(ctx, desc)
	if err == nil && !exists {
		err = errdef.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", desc.Digest, err)
	}
	unlock, err := lockDir(l.path)
	if err != nil {
		return fmt.Errorf("lock OCI layout %s: %w", l.path, err)
	}
	defer unlock()
	index, err := l.readIndex()
	if err != nil {
		return err
	}
	entry := ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size, ArtifactType: desc.ArtifactType}
	listed := slices.ContainsFunc(index.Manifests, func(d ocispec.Descriptor) bool { return d.Digest == desc.Digest })
	if reference == desc.Digest.String() {
		if listed {
			return nil
		}
	} else {
		entry.Annotations = map[string]string{ocispec.AnnotationRefName: reference}
		index.Manifests = slices.DeleteFunc(index.Manifests, func(d ocispec.Descriptor) bool {
			tag := d.Annotations[ocispec.AnnotationRefName]
			return tag == reference || d.Digest == desc.Digest && tag == ""
		})
	}
	index.Manifests = append(index.Manifests, entry)
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
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return index, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := json.NewDecoder(io.LimitReader(file, maxIndexBytes)).Decode(index); err != nil {
		return nil, fmt.Errorf("%s: not an OCI index: %w", name, err)
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
	if err := replaceFile(filepath.Join(l.path, ocispec.ImageLayoutFile), version); err != nil {
		return err
	}
	data, err := json.Marshal(index)
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(l.path, ocispec.ImageIndexFile), data)
}

// replaceFile writes a file whole or not at all.
func replaceFile(name string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(name), tempPrefix+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	_, err = file.Write(data)
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err == nil {
		err = file.Sync()
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
