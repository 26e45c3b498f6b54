// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// layoutState is what an index.json says, with the manifests that it leads to.
type layoutState struct {
	manifests map[digest.Digest]ocispec.Descriptor
	tags      map[string]digest.Digest
	foreign   []ocispec.Descriptor // entries whose name is no tag; kept as they are
	referrers referrerIndex

	info fs.FileInfo // of index.json
	sum  [sha256.Size]byte
}

func newLayoutState() *layoutState {
	return &layoutState{
		manifests: map[digest.Digest]ocispec.Descriptor{},
		tags:      map[string]digest.Digest{},
		referrers: referrerIndex{},
	}
}

func (r *layoutRepo) indexPath() string { return path.Join(r.dir, ocispec.ImageIndexFile) }

// current returns what index.json says now. It is read again only if it is
// another file than the one that the state came from.
func (r *layoutRepo) current() (*layoutState, error) {
	if s, err := r.unchanged(); s != nil || err != nil {
		return s, err
	}
	r.mu.Lock() // perhaps the change is our own, and about to be done
	defer r.mu.Unlock()
	if s, err := r.unchanged(); s != nil || err != nil {
		return s, err
	}
	return r.reload()
}

// unchanged returns the state if index.json is still that file.
func (r *layoutRepo) unchanged() (*layoutState, error) {
	s := r.state.Load()
	info, err := r.l.root.Stat(r.indexPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil // somebody removes the repository; what was known stays
	case err != nil:
		return nil, err
	case os.SameFile(s.info, info) && s.info.ModTime().Equal(info.ModTime()) && s.info.Size() == info.Size():
		return s, nil
	}
	return nil, nil
}

// reload reads index.json, whatever its time is. r.mu is held.
func (r *layoutRepo) reload() (*layoutState, error) {
	old := r.state.Load()
	s, err := r.read(old)
	if errors.Is(err, fs.ErrNotExist) {
		return old, nil
	}
	if err != nil {
		return nil, err
	}
	r.state.Store(s)
	return s, nil
}

// read reads index.json. If its content is that of old, so is the state.
func (r *layoutRepo) read(old *layoutState) (*layoutState, error) {
	f, err := r.l.root.Open(r.indexPath())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	if old != nil && sum == old.sum {
		s := *old
		s.info = info
		return &s, nil
	}
	var index ocispec.Index
	if err := json.Unmarshal(b, &index); err != nil {
		return nil, fmt.Errorf("%s: %w", r.indexPath(), err)
	}
	s := newLayoutState()
	s.info, s.sum = info, sum
	for _, desc := range index.Manifests {
		if !r.adopt(s, desc) {
			continue
		}
		switch tag := desc.Annotations[ocispec.AnnotationRefName]; {
		case tagExp.MatchString(tag):
			s.tags[tag] = desc.Digest
		case tag != "":
			s.foreign = append(s.foreign, desc)
		}
	}
	return s, nil
}

// adopt takes in a manifest that the index names, and those that it holds
// itself: other tools do not list these. It is false if it is not there.
func (r *layoutRepo) adopt(s *layoutState, desc ocispec.Descriptor) bool {
	if _, err := parseDigest(desc.Digest.String()); err != nil {
		return false
	}
	if _, known := s.manifests[desc.Digest]; known {
		return true
	}
	content, err := r.l.root.ReadFile(r.blobPath(desc.Digest))
	if err != nil || int64(len(content)) != desc.Size {
		return false
	}
	desc.Annotations = maps.Clone(desc.Annotations)
	delete(desc.Annotations, ocispec.AnnotationRefName)
	s.manifests[desc.Digest] = desc
	s.referrers.add(Manifest{MediaType: desc.MediaType, Digest: desc.Digest, Content: content})
	if view, err := parseManifest(content); err == nil && isIndex(desc.MediaType) {
		for _, child := range view.Manifests {
			r.adopt(s, child)
		}
	}
	return true
}

// update changes state and index.json together. The repository is locked.
func (r *layoutRepo) update(change func(*layoutState)) error {
	old := r.state.Load()
	s := &layoutState{
		manifests: maps.Clone(old.manifests),
		tags:      maps.Clone(old.tags),
		foreign:   slices.Clone(old.foreign),
		referrers: old.referrers.clone(),
	}
	change(s)
	if err := r.writeIndex(s); err != nil {
		return err
	}
	r.state.Store(s)
	return nil
}

// writeIndex replaces index.json: an entry for each tag, and one for each
// manifest that has none.
func (r *layoutRepo) writeIndex(s *layoutState) error {
	index := ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageIndex,
		Manifests: make([]ocispec.Descriptor, 0, len(s.manifests)+len(s.tags)),
	}
	named := make(map[digest.Digest]bool, len(s.tags))
	for _, tag := range slices.Sorted(maps.Keys(s.tags)) {
		desc := s.manifests[s.tags[tag]]
		named[desc.Digest] = true
		annotations := map[string]string{ocispec.AnnotationRefName: tag}
		for key, value := range desc.Annotations {
			annotations[key] = value
		}
		desc.Annotations = annotations
		index.Manifests = append(index.Manifests, desc)
	}
	for _, desc := range s.foreign {
		named[desc.Digest] = true
		index.Manifests = append(index.Manifests, desc)
	}
	rest := make([]ocispec.Descriptor, 0, len(s.manifests))
	for dgst, desc := range s.manifests {
		if !named[dgst] {
			rest = append(rest, desc)
		}
	}
	sortByDigest(rest)
	index.Manifests = append(index.Manifests, rest...)
	b, err := json.Marshal(index)
	if err != nil {
		return err
	}
	s.sum = sha256.Sum256(b)
	s.info, err = r.l.replace(r.indexPath(), b)
	return err
}
