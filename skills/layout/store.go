// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/oci"
)

// Store is an OCI image layout (image-spec 1.1, "Image Layout") in a directory. It
// is an [oras.GraphTarget] with guarantees that the layout store of oras-go does not
// give:
//
//   - Blobs and index.json are synced and put in place in one step; they are never
//     half written.
//   - Damaged or truncated blobs count as missing and are written again.
//   - index.json lists manifests that were tagged, that were pushed without a tag,
//     and that lost their tag to another. So a digest that could be resolved stays
//     resolvable until it is deleted. Manifests of a listed index are not listed
//     themselves unless they have a tag.
//   - What other programs wrote into index.json stays there, with its tag.
//   - Concurrent writers do not lose each other's tags: goroutines on all systems,
//     processes where there are file locks, which is on Windows and on systems with
//     flock.
//
// Other programs may read the directory at any time. One that writes to it at the
// same time without the lock, as the store of oras-go does, may lose tags.
//
// index.json has at most 10,000 entries and 4 MiB. The error for a change that would
// exceed them wraps [ErrFull].
//
// Nothing is created before the first Push. A process that is killed may leave
// unreferenced blobs, which do no harm, and files in a hidden directory, which the
// next Push or Tag removes.
type Store struct {
	path    string // absolute
	tryLock atomicfile.FileLock
	// whole has the digests of the blobs that were seen to be whole.
	whole     sync.Map
	sweepOnce sync.Once
}

var (
	_ oras.GraphTarget   = (*Store)(nil)
	_ content.Untagger   = (*Store)(nil)
	_ content.Deleter    = (*Store)(nil)
	_ registry.TagLister = (*Store)(nil)
)

// Limits of the files of a layout, in bytes.
const (
	maxIndexBytes      = 4 << 20
	maxLayoutFileBytes = 4 << 10
)

// Open returns the layout in the directory path, which need not exist. The error
// wraps [ErrNotLayout] if path is empty, is neither a layout nor an empty directory,
// or is a layout of another version than 1.0.0. Other errors are those of the file
// system.
func Open(path string) (*Store, error) {
	if path == "" {
		return nil, fmt.Errorf("%w: the path is empty; name a directory", ErrNotLayout)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(abs); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s: %w: it is no directory; name a layout or a new directory", path, ErrNotLayout)
	}
	found, err := readLayoutFile(abs)
	if err == nil && !found {
		err = checkUnmade(abs)
	}
	if errors.Is(err, errLayoutFile) { // it was made just now, or is a link to nothing
		if found, err = readLayoutFile(abs); err == nil && !found {
			err = fmt.Errorf("%w: its file %s can't be read, as of a link that leads nowhere; name a layout or a new directory", ErrNotLayout, ocispec.ImageLayoutFile)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Store{path: abs, tryLock: atomicfile.TryLock}, nil
}

// readLayoutFile reads the file that makes a directory a layout, and reports
// whether it is there.
func readLayoutFile(dir string) (found bool, err error) {
	data, err := atomicfile.ReadRegular(filepath.Join(dir, ocispec.ImageLayoutFile), maxLayoutFileBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w; name a layout or a new directory", ocispec.ImageLayoutFile, notLayout(err))
	}
	var layout ocispec.ImageLayout
	if json.Unmarshal(data, &layout) != nil || layout.Version != ocispec.ImageLayoutVersion {
		return false, fmt.Errorf("%w: its file %s does not say version %s; name a layout or a new directory", ErrNotLayout, ocispec.ImageLayoutFile, ocispec.ImageLayoutVersion)
	}
	return true, nil
}

// notLayout is the error for a file of a layout that can't be read: it is no
// layout, unless nobody was allowed to look.
func notLayout(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return atomicfile.WithoutPath(err)
	}
	return fmt.Errorf("%w: %w", ErrNotLayout, atomicfile.WithoutPath(err))
}

// errLayoutFile says that a directory has the file that makes it a layout.
var errLayoutFile = errors.New("it is a layout")

// checkUnmade reports whether a directory without that file can become a layout.
func checkUnmade(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return atomicfile.WithoutPath(err)
	}
	hasBlobs := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ocispec.ImageBlobsDir && e.IsDir() })
	for _, entry := range entries {
		switch name := entry.Name(); {
		case name == ocispec.ImageLayoutFile:
			return errLayoutFile
		case name == ocispec.ImageBlobsDir, strings.HasPrefix(name, atomicfile.TempPrefix):
			// A push that has not ended leaves no more than these.
		case name == ocispec.ImageIndexFile && hasBlobs:
			// Another process is about to make a layout of it.
		default:
			return fmt.Errorf("%w: the directory holds %s and no file %s; name a layout or a new directory", ErrNotLayout, name, ocispec.ImageLayoutFile)
		}
	}
	return nil
}

// Resolve returns the descriptor for a tag, or for the digest of a manifest that is
// listed or that a listed index leads to. The error for an unknown one wraps
// [errdef.ErrNotFound] and names the tags that exist. Other errors are those of
// [Store.Tags].
func (s *Store) Resolve(ctx context.Context, reference string) (ocispec.Descriptor, error) {
	if err := ctx.Err(); err != nil {
		return ocispec.Descriptor{}, err
	}
	index, err := s.readIndex()
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	wanted := digest.Digest(reference)
	isDigest := wanted.Validate() == nil
	for _, entry := range index.entries {
		if isDigest && entry.desc.Digest == wanted || !isDigest && reference != "" && entry.tag == reference {
			return entry.desc, nil
		}
	}
	if isDigest {
		desc, err := s.resolveChild(ctx, index, wanted)
		if err == nil || !errors.Is(err, errdef.ErrNotFound) {
			return desc, err
		}
	}
	return ocispec.Descriptor{}, fmt.Errorf("%q in OCI layout %s: %w; %s", reference, s.path, errdef.ErrNotFound, s.tagsHint(index))
}

// Path returns the layout's directory, an absolute path.
func (s *Store) Path() string { return s.path }

// readIndex reads index.json; one that is missing is empty.
func (s *Store) readIndex() (*indexFile, error) {
	name := filepath.Join(s.path, ocispec.ImageIndexFile)
	data, err := atomicfile.ReadRegular(name, maxIndexBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return newIndex(), nil
	}
	if errors.Is(err, atomicfile.ErrTooLong) {
		return nil, fmt.Errorf("%s: %w: %w", name, ErrFull, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, notLayout(err))
	}
	index, err := parseIndex(data)
	if errors.Is(err, oci.ErrListed) {
		return nil, fmt.Errorf("%s: %w: %w; take tags out of it, or use another layout", name, ErrFull, err)
	}
	if errors.Is(err, oci.ErrTruncated) {
		err = fmt.Errorf("%w; restore the file, or use another layout", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, ErrNotLayout, err)
	}
	return index, nil
}

// writeIndex makes the directory a layout, if it is none yet, and replaces
// index.json if it has changed, which is the last that can fail.
func (s *Store) writeIndex(ctx context.Context, index *indexFile, changed bool) error {
	data := index.encode()
	if changed && (len(index.entries) > oci.MaxListed || len(data) > maxIndexBytes) {
		return fmt.Errorf("%w: %s: its %s would have %d entries and %d bytes, the limits are %d and %d; use another layout", ErrFull, s.path, ocispec.ImageIndexFile, len(index.entries), len(data), oci.MaxListed, maxIndexBytes)
	}
	if err := s.make(ctx); err != nil || !changed {
		return err
	}
	return s.replaceFile(ctx, filepath.Join(s.path, ocispec.ImageIndexFile), bytes.NewReader(data))
}

// make writes what a layout must have. The file that makes a directory one comes
// last: who finds it finds an index too.
func (s *Store) make(ctx context.Context) error {
	for _, file := range []struct {
		name    string
		content []byte
	}{
		{ocispec.ImageIndexFile, newIndex().encode()},
		{ocispec.ImageLayoutFile, jsonValue(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})},
	} {
		name := filepath.Join(s.path, file.name)
		if _, err := os.Stat(name); err == nil {
			continue
		}
		if err := s.replaceFile(ctx, name, bytes.NewReader(file.content)); err != nil {
			return err
		}
	}
	return nil
}
