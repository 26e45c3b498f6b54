// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/internal/grammar"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// state has the contents of an index.json, with the manifests that it leads to.
type state struct {
	index     indexFile
	manifests map[digest.Digest]knownManifest
	tags      map[string]digest.Digest
	referrers manifest.Referrers

	info fs.FileInfo // of index.json
	sum  [sha256.Size]byte
}

// knownManifest is a manifest that index.json lists, even if its file is absent or
// damaged, or one that an index holds and whose file is there.
type knownManifest struct {
	desc     ocispec.Descriptor
	listed   bool
	children []digest.Digest // if it is an index
}

func newState() *state {
	return &state{
		index:     newIndexFile(),
		manifests: map[digest.Digest]knownManifest{},
		tags:      map[string]digest.Digest{},
	}
}

func (r *repository) indexPath() string { return path.Join(r.dir, ocispec.ImageIndexFile) }

// current returns what index.json says now. It is read again only if it is
// another file than the one that the state came from.
func (r *repository) current() (*state, error) {
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
func (r *repository) unchanged() (*state, error) {
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
func (r *repository) reload() (*state, error) {
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
func (r *repository) read(old *state) (*state, error) {
	f, info, err := r.l.openRegular(r.indexPath())
	if err != nil {
		return nil, err
	}
	defer f.Close()
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
	s := newState()
	s.info, s.sum = info, sum
	if s.index, err = parseIndexFile(b); err != nil {
		return nil, fmt.Errorf("%s: %w", r.indexPath(), err)
	}
	var listed []digest.Digest
	for _, e := range s.index.entries {
		dgst := e.desc.Digest
		if _, err := grammar.ParseDigest(dgst.String()); err != nil {
			continue
		}
		if _, known := s.manifests[dgst]; !known {
			s.manifests[dgst] = knownManifest{desc: e.desc, listed: true}
			listed = append(listed, dgst)
		}
		if tag := e.name(); grammar.ValidTag(tag) {
			s.tags[tag] = dgst
		}
	}
	for _, dgst := range listed {
		mediaType := s.manifests[dgst].desc.MediaType
		if !manifest.IsKnown(mediaType) {
			continue
		}
		if m, err := r.readManifest(dgst, mediaType); err == nil {
			r.adopt(s, m)
		}
	}
	return s, nil
}

// adopt takes in what a manifest says, and the manifests that it holds itself:
// other tools do not list these.
func (r *repository) adopt(s *state, m registrytest.Manifest) {
	view := viewOf(m)
	s.referrers.Add(descriptorOf(m), m.Content, view)
	children := childrenOf(m.MediaType, view)
	known := s.manifests[m.Digest]
	known.children = digestsOf(children)
	s.manifests[m.Digest] = known
	for _, child := range children {
		if _, known := s.manifests[child.Digest]; known {
			continue
		}
		if !manifest.IsKnown(child.MediaType) {
			if r.size(child.Digest) == child.Size {
				s.manifests[child.Digest] = knownManifest{desc: child}
			}
		} else if m, err := r.readManifest(child.Digest, child.MediaType); err == nil && int64(len(m.Content)) == child.Size {
			s.manifests[child.Digest] = knownManifest{desc: child}
			r.adopt(s, m)
		}
	}
}

// viewOf parses a manifest. One that can't be parsed has nothing in it.
func viewOf(m registrytest.Manifest) *manifest.View {
	if manifest.IsKnown(m.MediaType) {
		if view, err := manifest.Parse(m.Content); err == nil {
			return view
		}
	}
	return new(manifest.View)
}

func descriptorOf(m registrytest.Manifest) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: m.MediaType, Digest: m.Digest, Size: int64(len(m.Content))}
}

// childrenOf returns what an index holds that can be served, without names.
func childrenOf(mediaType string, view *manifest.View) []ocispec.Descriptor {
	if !manifest.IsIndex(mediaType) {
		return nil
	}
	return slices.DeleteFunc(view.Manifests, func(d ocispec.Descriptor) bool {
		delete(d.Annotations, ocispec.AnnotationRefName) // a name there is none here
		_, err := grammar.ParseDigest(d.Digest.String())
		return err != nil
	})
}

func digestsOf(list []ocispec.Descriptor) (digests []digest.Digest) {
	for _, desc := range list {
		digests = append(digests, desc.Digest)
	}
	return digests
}

// put takes in a manifest that was pushed, and lists it.
func (s *state) put(m registrytest.Manifest, tags []string) {
	known := s.manifests[m.Digest]
	s.referrers.Remove(m.Digest)
	known.desc.Digest, known.desc.MediaType, known.desc.Size = m.Digest, m.MediaType, int64(len(m.Content))
	known.listed = true
	view := viewOf(m)
	known.children = digestsOf(childrenOf(m.MediaType, view))
	s.manifests[m.Digest] = known
	s.referrers.Add(known.desc, m.Content, view)
	s.index.list(known.desc)
	for _, tag := range tags {
		s.index.tag(m.Digest, tag)
		s.tags[tag] = m.Digest
	}
}

// has reports whether put would change nothing.
func (s *state) has(m registrytest.Manifest, tags []string) bool {
	known := s.manifests[m.Digest]
	return known.listed && known.desc.MediaType == m.MediaType &&
		!slices.ContainsFunc(tags, func(tag string) bool { return s.tags[tag] != m.Digest })
}

// drop forgets a manifest and lists those that nothing else leads to, since the
// manifests of an index outlive it, unless another store has removed them.
func (s *state) drop(dgst digest.Digest, isThere func(digest.Digest) bool) {
	children := s.manifests[dgst].children
	delete(s.manifests, dgst)
	maps.DeleteFunc(s.tags, func(_ string, d digest.Digest) bool { return d == dgst })
	s.referrers.Remove(dgst)
	s.index.drop(dgst)
	if len(children) == 0 {
		return
	}
	reached := map[digest.Digest]bool{}
	for dgst, m := range s.manifests {
		if m.listed {
			s.reach(dgst, reached)
		}
	}
	for _, child := range children {
		if m, ok := s.manifests[child]; ok && !reached[child] && isThere(child) {
			m.listed = true
			s.manifests[child] = m
			s.index.list(m.desc)
			s.reach(child, reached)
		}
	}
}

// reach marks a manifest and those that it holds.
func (s *state) reach(dgst digest.Digest, reached map[digest.Digest]bool) {
	m, ok := s.manifests[dgst]
	if !ok || reached[dgst] {
		return
	}
	reached[dgst] = true
	for _, child := range m.children {
		s.reach(child, reached)
	}
}

// update changes state and index.json together. The repository is locked.
func (r *repository) update(change func(*state)) error {
	old := r.state.Load()
	s := &state{
		index:     indexFile{old.index.head, slices.Clone(old.index.entries)},
		manifests: maps.Clone(old.manifests),
		tags:      maps.Clone(old.tags),
		referrers: old.referrers.Clone(),
	}
	change(s)
	if err := r.writeIndex(s); err != nil {
		return err
	}
	r.state.Store(s)
	return nil
}

// writeIndex replaces index.json.
func (r *repository) writeIndex(s *state) error {
	b, err := s.index.encode()
	if err != nil {
		return err
	}
	s.sum = sha256.Sum256(b)
	s.info, err = r.l.replace(r.indexPath(), b)
	return err
}
