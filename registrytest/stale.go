// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
)

// staleStore answers reads for a while as if what was written last had not been, as
// a registry whose replicas lag behind does: see [Options.StaleReads]. Lists of
// repositories, content and referrers are never stale.
type staleStore struct {
	Store
	reads int
	lag   time.Duration
	now   func() time.Time

	mu     sync.Mutex
	writes map[staleName]staleWrite
}

// staleName is a tag or a digest in a repository.
type staleName struct{ repo, name string }

// staleWrite is a write that is not to be seen yet.
type staleWrite struct {
	before digest.Digest // what the name stood for, "" if it was not there
	reads  int           // how many are still to be answered with that
	until  time.Time     // if there are no more
}

func newStaleStore(s Store, o Options) Store {
	if o.StaleReads <= 0 && o.StaleFor <= 0 {
		return s
	}
	return &staleStore{Store: s, reads: o.StaleReads, lag: o.StaleFor, now: o.Now, writes: map[staleName]staleWrite{}}
}

// write notes that a name is written, unless an older write of it is not seen yet.
func (s *staleStore) write(repo, name string, before digest.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := staleName{repo, name}
	if old, ok := s.writes[key]; ok && s.isStale(old) {
		before = old.before
	}
	s.writes[key] = staleWrite{before, s.reads, s.now().Add(s.lag)}
}

func (s *staleStore) isStale(w staleWrite) bool { return w.reads > 0 || s.now().Before(w.until) }

// read returns what a name stood for and true while its last write is not seen.
func (s *staleStore) read(repo, name string) (before digest.Digest, stale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := staleName{repo, name}
	w, ok := s.writes[key]
	if !ok {
		return "", false
	}
	if !s.isStale(w) {
		delete(s.writes, key)
		return "", false
	}
	w.reads = max(0, w.reads-1)
	s.writes[key] = w
	return w.before, true
}

// hides reports whether content is not to be seen yet.
func (s *staleStore) hides(repo string, dgst digest.Digest) bool {
	before, stale := s.read(repo, dgst.String())
	return stale && before == ""
}

func (s *staleStore) OpenBlob(ctx context.Context, repo string, dgst digest.Digest) (io.ReadSeekCloser, int64, error) {
	if s.hides(repo, dgst) {
		return nil, 0, errorf(ErrBlobUnknown, "%s is not here yet", dgst)
	}
	return s.Store.OpenBlob(ctx, repo, dgst)
}

func (s *staleStore) GetManifest(ctx context.Context, repo string, dgst digest.Digest) (Manifest, error) {
	if s.hides(repo, dgst) {
		return Manifest{}, errorf(ErrManifestUnknown, "%s is not here yet", dgst)
	}
	return s.Store.GetManifest(ctx, repo, dgst)
}

func (s *staleStore) ResolveTag(ctx context.Context, repo, tag string) (digest.Digest, error) {
	if before, stale := s.read(repo, tag); stale {
		if before == "" {
			return "", errorf(ErrManifestUnknown, "tag %s is not here yet", tag)
		}
		return before, nil
	}
	return s.Store.ResolveTag(ctx, repo, tag)
}

func (s *staleStore) ListTags(ctx context.Context, repo string) ([]string, error) {
	tags, err := s.Store.ListTags(ctx, repo)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	tags = slices.Clone(tags)
	for key, w := range s.writes {
		at, found := slices.BinarySearch(tags, key.name)
		switch {
		case key.repo != repo || digest.Digest(key.name).Validate() == nil || !s.isStale(w):
		case found && w.before == "":
			tags = slices.Delete(tags, at, at+1)
		case !found && w.before != "":
			tags = slices.Insert(tags, at, key.name)
		}
	}
	return tags, nil
}

// change runs a change of names and notes it if it succeeds.
func (s *staleStore) change(ctx context.Context, repo string, tags []string, content []digest.Digest, f func() error) error {
	before := map[string]digest.Digest{}
	for _, tag := range tags {
		before[tag], _ = s.Store.ResolveTag(ctx, repo, tag)
	}
	for _, dgst := range content {
		if body, _, err := s.Store.OpenBlob(ctx, repo, dgst); err == nil {
			before[dgst.String()] = dgst
			body.Close()
		} else {
			before[dgst.String()] = ""
		}
	}
	err := f()
	if err != nil {
		return err
	}
	for name, old := range before {
		if digest.Digest(name) != old { // content that was there does not change
			s.write(repo, name, old)
		}
	}
	return nil
}

func (s *staleStore) PutManifest(ctx context.Context, repo string, m Manifest, tags ...string) error {
	return s.change(ctx, repo, tags, []digest.Digest{m.Digest}, func() error { return s.Store.PutManifest(ctx, repo, m, tags...) })
}

func (s *staleStore) CommitUpload(ctx context.Context, repo, id string, dgst digest.Digest) error {
	return s.change(ctx, repo, nil, []digest.Digest{dgst}, func() error { return s.Store.CommitUpload(ctx, repo, id, dgst) })
}

func (s *staleStore) MountBlob(ctx context.Context, repo, from string, dgst digest.Digest) error {
	return s.change(ctx, repo, nil, []digest.Digest{dgst}, func() error { return s.Store.MountBlob(ctx, repo, from, dgst) })
}

func (s *staleStore) DeleteTag(ctx context.Context, repo, tag string) error {
	return s.change(ctx, repo, []string{tag}, nil, func() error { return s.Store.DeleteTag(ctx, repo, tag) })
}
