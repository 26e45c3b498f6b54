// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// guard keeps the rules of the options that depend on what is in the store:
// strictness, immutable tags and the quota.
type guard struct {
	strict, immutableTags bool
	quota                 int64

	mu   sync.Mutex // held by those who look at the store and then change it accordingly
	used int64      // bytes stored, if there is a quota; below 0: not counted yet

	// changes is held by those who change manifests and tags: by all together, or by
	// one that has preconditions.
	changes sync.RWMutex
}

func newGuard(o Options) *guard {
	return &guard{strict: o.Strict, immutableTags: o.ImmutableTags, quota: o.Quota, used: -1}
}

// over puts the rules before a store, if there are any.
func (g *guard) over(s Store) Store {
	if !g.strict && !g.immutableTags && g.quota <= 0 {
		return s
	}
	return &guardedStore{s, g}
}

// guardedStore refuses changes that break a rule. No method that holds the lock
// reads from a client: all others would wait for one that is slow.
type guardedStore struct {
	Store
	*guard
}

func (s *guardedStore) PutManifest(ctx context.Context, repo string, m Manifest, tags ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.strict && m.view != nil {
		if err := s.checkPresent(ctx, repo, m.view); err != nil {
			return err
		}
	}
	for _, tag := range tags {
		if err := s.checkTag(ctx, repo, tag, m.Digest); err != nil {
			return err
		}
	}
	return s.addCharged(ctx, repo, m.Digest, int64(len(m.Content)), func() error {
		return s.Store.PutManifest(ctx, repo, m, tags...)
	})
}

func (s *guardedStore) DeleteTag(ctx context.Context, repo, tag string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkTag(ctx, repo, tag, ""); err != nil {
		return err
	}
	return s.Store.DeleteTag(ctx, repo, tag)
}

func (s *guardedStore) DeleteManifest(ctx context.Context, repo string, dgst digest.Digest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkUntagged(ctx, repo, dgst); err != nil {
		return err
	}
	return s.removeCharged(ctx, repo, dgst, func() error { return s.Store.DeleteManifest(ctx, repo, dgst) })
}

func (s *guardedStore) DeleteBlob(ctx context.Context, repo string, dgst digest.Digest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.removeCharged(ctx, repo, dgst, func() error { return s.Store.DeleteBlob(ctx, repo, dgst) })
}

func (s *guardedStore) MountBlob(ctx context.Context, repo, from string, dgst digest.Digest) error {
	if s.quota <= 0 {
		return s.Store.MountBlob(ctx, repo, from, dgst)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if from == "" {
		return ErrBlobUnknown // its cost is not known: it can be uploaded
	}
	size, _, err := s.has(ctx, from, dgst)
	if err != nil {
		return err
	}
	return s.addCharged(ctx, repo, dgst, size, func() error { return s.Store.MountBlob(ctx, repo, from, dgst) })
}

// AppendUpload refuses what would make the upload exceed the quota by itself.
func (s *guardedStore) AppendUpload(ctx context.Context, repo, id string, offset int64, r io.Reader) (int64, error) {
	if s.quota > 0 {
		size, err := s.UploadSize(ctx, repo, id)
		if err != nil {
			return 0, err
		}
		s.mu.Lock()
		remaining, err := s.remaining(ctx)
		s.mu.Unlock()
		if err != nil {
			return size, err
		}
		r = &quotaReader{r, remaining - size, s.errQuota()}
	}
	return s.Store.AppendUpload(ctx, repo, id, offset, r)
}

func (s *guardedStore) CommitUpload(ctx context.Context, repo, id string, dgst digest.Digest) error {
	commit := func() error { return s.Store.CommitUpload(ctx, repo, id, dgst) }
	if s.quota <= 0 {
		return commit()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	size, err := s.UploadSize(ctx, repo, id)
	if err != nil {
		return err
	}
	return s.addCharged(ctx, repo, dgst, size, commit)
}

// has reports whether repo has content, and its size.
func (s *guardedStore) has(ctx context.Context, repo string, dgst digest.Digest) (size int64, found bool, err error) {
	body, size, err := s.OpenBlob(ctx, repo, dgst)
	if errors.Is(err, ErrBlobUnknown) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return size, true, body.Close()
}

// checkTag refuses to point a tag that is immutable elsewhere.
func (s *guardedStore) checkTag(ctx context.Context, repo, tag string, dgst digest.Digest) error {
	if !s.immutableTags {
		return nil
	}
	old, err := s.ResolveTag(ctx, repo, tag)
	if errors.Is(err, ErrManifestUnknown) {
		return nil
	}
	if err == nil && old != dgst {
		err = errorf(ErrDenied, "tag %s is immutable and points at %s", tag, old)
	}
	return err
}

// checkUntagged refuses to delete a manifest that an immutable tag points at.
func (s *guardedStore) checkUntagged(ctx context.Context, repo string, dgst digest.Digest) error {
	if !s.immutableTags {
		return nil
	}
	tags, err := s.ListTags(ctx, repo)
	if errors.Is(err, ErrNameUnknown) {
		return nil
	}
	for _, tag := range tags {
		if got, err := s.ResolveTag(ctx, repo, tag); err == nil && got == dgst {
			return errorf(ErrDenied, "tag %s is immutable", tag)
		}
	}
	return err
}

// checkPresent refuses a manifest whose content is absent (code-5), or not as the
// manifest describes it.
func (s *guardedStore) checkPresent(ctx context.Context, repo string, view *manifest.View) error {
	return view.EachContent(func(desc ocispec.Descriptor, isManifest bool) error {
		var err error
		size, mediaType := int64(0), desc.MediaType
		if isManifest {
			var m Manifest
			m, err = s.GetManifest(ctx, repo, desc.Digest)
			size, mediaType = int64(len(m.Content)), m.MediaType
		} else {
			var found bool
			if size, found, err = s.has(ctx, repo, desc.Digest); err == nil && !found {
				err = ErrBlobUnknown
			}
		}
		switch {
		case errors.Is(err, ErrBlobUnknown) || errors.Is(err, ErrManifestUnknown):
			return errorf(ErrManifestBlobUnknown, "%s is not in %s", desc.Digest, repo)
		case err != nil:
			return err
		case size != desc.Size:
			return errorf(ErrManifestInvalid, "%s has %d bytes, not %d", desc.Digest, size, desc.Size)
		case mediaType != desc.MediaType:
			return errorf(ErrManifestInvalid, "%s is %.100q, not %.100q", desc.Digest, mediaType, desc.MediaType)
		}
		return nil
	})
}

// remaining returns how many bytes may still be stored. s.mu is held.
func (s *guardedStore) remaining(ctx context.Context) (int64, error) {
	if s.used < 0 {
		var used int64
		repos, err := s.ListRepositories(ctx)
		if err != nil {
			return 0, err
		}
		for _, repo := range repos {
			list, err := s.ListContent(ctx, repo)
			if err != nil && !errors.Is(err, ErrNameUnknown) {
				return 0, err
			}
			for _, desc := range list {
				used += desc.Size
			}
		}
		s.used = used
	}
	return s.quota - s.used, nil
}

// addCharged runs a change that adds content of a size, if the quota has room for it.
// Content that is there already costs nothing. s.mu is held.
func (s *guardedStore) addCharged(ctx context.Context, repo string, dgst digest.Digest, size int64, change func() error) error {
	if s.quota <= 0 {
		return change()
	}
	_, found, err := s.has(ctx, repo, dgst)
	if err != nil {
		return err
	}
	remaining, err := s.remaining(ctx)
	if err != nil {
		return err
	}
	if !found && size > remaining {
		return s.errQuota()
	}
	if err := change(); err != nil || found {
		return err
	}
	_, found, err = s.has(ctx, repo, dgst) // a store may say yes and not do it
	if found {
		s.used += size
	}
	return err
}

// removeCharged runs a change that removes content. s.mu is held.
func (s *guardedStore) removeCharged(ctx context.Context, repo string, dgst digest.Digest, change func() error) error {
	if s.quota <= 0 {
		return change()
	}
	size, _, err := s.has(ctx, repo, dgst)
	if err != nil {
		return err
	}
	if _, err := s.remaining(ctx); err != nil { // so that it is counted
		return err
	}
	if err := change(); err != nil {
		return err
	}
	_, found, err := s.has(ctx, repo, dgst)
	if !found {
		s.used -= size
	}
	return err
}

func (g *guard) errQuota() error {
	return errorf(ErrDenied, "the quota of %d bytes is used up", g.quota)
}

// quotaReader fails with err when more than rest bytes were read.
type quotaReader struct {
	r    io.Reader
	rest int64
	err  error
}

func (q *quotaReader) Read(p []byte) (int, error) {
	n, err := q.r.Read(p)
	if q.rest -= int64(n); q.rest < 0 {
		return 0, q.err
	}
	return n, err
}
