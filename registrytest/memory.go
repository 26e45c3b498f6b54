// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/chunks"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
	"github.com/skillcask/skillcask/registrytest/internal/sessions"
)

// NewMemory returns an empty store in memory.
func NewMemory() Store {
	m := &memory{repos: map[string]*memoryRepo{}}
	m.uploads = sessions.New[*memoryUpload](&m.Clock, ErrBlobUploadUnknown, nil)
	return m
}

type memory struct {
	sessions.Clock
	mu      sync.RWMutex
	repos   map[string]*memoryRepo
	uploads *sessions.Table[*memoryUpload]
}

type memoryRepo struct {
	blobs     map[digest.Digest]*chunks.List
	manifests map[digest.Digest]Manifest
	tags      map[string]digest.Digest
	referrers manifest.Referrers
}

// memoryUpload is used under the lock of its session.
type memoryUpload struct {
	algorithm digest.Algorithm
	hash      hash.Hash
	content   chunks.List
}

// repo returns a repository, made where it is missing. m.mu is held.
func (m *memory) repo(name string) *memoryRepo {
	r := m.repos[name]
	if r == nil {
		r = &memoryRepo{
			blobs:     map[digest.Digest]*chunks.List{},
			manifests: map[digest.Digest]Manifest{},
			tags:      map[string]digest.Digest{},
		}
		m.repos[name] = r
	}
	return r
}

var emptyRepo = &memoryRepo{}

// lookup returns a repository for reading only. m.mu is held.
func (m *memory) lookup(name string) *memoryRepo {
	if r := m.repos[name]; r != nil {
		return r
	}
	return emptyRepo
}

func (m *memory) OpenBlob(_ context.Context, repo string, dgst digest.Digest) (io.ReadSeekCloser, int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	c := m.lookup(repo).content(dgst)
	if c == nil {
		return nil, 0, fmt.Errorf("%w: %s is not in %s", ErrBlobUnknown, dgst, repo)
	}
	return c.Open(), c.Size(), nil
}

// content returns blob or manifest, or nil.
func (r *memoryRepo) content(dgst digest.Digest) *chunks.List {
	if c := r.blobs[dgst]; c != nil {
		return c
	}
	if m, ok := r.manifests[dgst]; ok {
		return chunks.Of(m.Content)
	}
	return nil
}

func (m *memory) MountBlob(_ context.Context, repo, from string, dgst digest.Digest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var c *chunks.List
	if from != "" {
		c = m.lookup(from).content(dgst)
	} else {
		for _, r := range m.repos {
			if c = r.content(dgst); c != nil {
				break
			}
		}
	}
	if c == nil {
		return fmt.Errorf("%w: %s is not in %q", ErrBlobUnknown, dgst, from)
	}
	m.repo(repo).blobs[dgst] = c
	return nil
}

func (m *memory) DeleteBlob(_ context.Context, repo string, dgst digest.Digest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.lookup(repo)
	if _, ok := r.manifests[dgst]; ok {
		return fmt.Errorf("%w: %s is a manifest; delete it as one", ErrUnsupported, dgst)
	}
	if r.blobs[dgst] == nil {
		return fmt.Errorf("%w: %s is not in %s", ErrBlobUnknown, dgst, repo)
	}
	delete(r.blobs, dgst)
	return nil
}

func (m *memory) StartUpload(_ context.Context, repo string, a digest.Algorithm) (string, error) {
	return m.uploads.Start(repo, &memoryUpload{algorithm: a, hash: a.Hash()}), nil
}

func (m *memory) AppendUpload(ctx context.Context, repo, id string, offset int64, r io.Reader) (int64, error) {
	s, err := m.uploads.Lock(ctx, repo, id)
	if err != nil {
		return 0, err
	}
	defer m.uploads.Unlock(s)
	u := s.State
	if offset >= 0 && offset != u.content.Size() {
		return u.content.Size(), errOffset(offset, u.content.Size())
	}
	before := u.content.Size()
	err = u.content.Append(s.Reader(r), u.hash)
	if errors.Is(err, ErrSizeInvalid) {
		s.TakeBack(u.content.Size() - before)
		u.content.Cut(before)
		u.hash = u.algorithm.Hash()
		u.content.WriteInto(u.hash)
	}
	return u.content.Size(), err
}

func (m *memory) UploadSize(_ context.Context, repo, id string) (int64, error) {
	return m.uploads.Size(repo, id)
}

func (m *memory) CommitUpload(ctx context.Context, repo, id string, dgst digest.Digest) error {
	u, err := m.uploads.End(ctx, repo, id)
	if err != nil {
		return err
	}
	got := chunks.Encode(u.algorithm, u.hash)
	if u.algorithm != dgst.Algorithm() {
		got = u.content.Digest(dgst.Algorithm())
	}
	if got != dgst {
		return fmt.Errorf("%w: the content is %s, not %s", ErrDigestInvalid, got, dgst)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.repo(repo).blobs[dgst] = &u.content
	return nil
}

func (m *memory) CancelUpload(_ context.Context, repo, id string) error {
	return m.uploads.Cancel(repo, id)
}

func (m *memory) GetManifest(_ context.Context, repo string, dgst digest.Digest) (Manifest, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	man, ok := m.lookup(repo).manifests[dgst]
	if !ok {
		return Manifest{}, fmt.Errorf("%w: %s is not in %s", ErrManifestUnknown, dgst, repo)
	}
	return man, nil
}

func (m *memory) PutManifest(_ context.Context, repo string, man Manifest, tags ...string) error {
	if err := man.verify(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.repo(repo)
	if old, ok := r.manifests[man.Digest]; !ok || old.MediaType != man.MediaType {
		if ok {
			r.referrers.Remove(man.Digest)
		}
		r.referrers.Add(man.descriptor(), man.Content, man.view)
		man.view = nil // not worth its memory
		r.manifests[man.Digest] = man
	}
	for _, tag := range tags {
		r.tags[tag] = man.Digest
	}
	return nil
}

func (m *memory) DeleteManifest(_ context.Context, repo string, dgst digest.Digest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.lookup(repo)
	if _, ok := r.manifests[dgst]; !ok {
		return fmt.Errorf("%w: %s is not in %s", ErrManifestUnknown, dgst, repo)
	}
	delete(r.manifests, dgst)
	delete(r.blobs, dgst)
	r.referrers.Remove(dgst)
	maps.DeleteFunc(r.tags, func(_ string, d digest.Digest) bool { return d == dgst })
	return nil
}

func (m *memory) ResolveTag(_ context.Context, repo, tag string) (digest.Digest, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	dgst, ok := m.lookup(repo).tags[tag]
	if !ok {
		return "", fmt.Errorf("%w: %s has no tag %s", ErrManifestUnknown, repo, tag)
	}
	return dgst, nil
}

func (m *memory) DeleteTag(_ context.Context, repo, tag string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.lookup(repo)
	if _, ok := r.tags[tag]; !ok {
		return fmt.Errorf("%w: %s has no tag %s", ErrManifestUnknown, repo, tag)
	}
	delete(r.tags, tag)
	return nil
}

func (m *memory) ListTags(_ context.Context, repo string) ([]string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r := m.repos[repo]
	if r == nil {
		return nil, fmt.Errorf("%w: %s", ErrNameUnknown, repo)
	}
	return slices.Sorted(maps.Keys(r.tags)), nil
}

func (m *memory) ListReferrers(_ context.Context, repo string, subject digest.Digest) ([]ocispec.Descriptor, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.lookup(repo).referrers.List(subject), nil
}

func (m *memory) ListRepositories(context.Context) ([]string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Sorted(maps.Keys(m.repos)), nil
}

func (m *memory) ListContent(_ context.Context, repo string) ([]ocispec.Descriptor, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r := m.repos[repo]
	if r == nil {
		return nil, fmt.Errorf("%w: %s", ErrNameUnknown, repo)
	}
	var list []ocispec.Descriptor
	for _, man := range r.manifests {
		list = append(list, man.descriptor())
	}
	for dgst, c := range r.blobs {
		if _, ok := r.manifests[dgst]; !ok {
			list = append(list, ocispec.Descriptor{MediaType: manifest.BlobMediaType, Digest: dgst, Size: c.Size()})
		}
	}
	manifest.SortByDigest(list)
	return list, nil
}

func (m *memory) Close() error { return nil }
