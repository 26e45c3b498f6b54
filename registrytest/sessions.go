// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"fmt"
	"io"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// uploadTimeout is how long an idle session is kept (specification, "Cancel a
// blob upload": the server SHOULD eventually time out unfinished uploads).
const uploadTimeout = time.Hour

// uploads is the table of open upload sessions; both stores have one.
type uploads[T any] struct {
	mu       sync.Mutex
	sessions map[string]*session[T]
	expired  func(T) // releases what a session holds that timed out or was cancelled; may be nil
	now      func() time.Time
}

type session[T any] struct {
	repo     string
	used     time.Time     // guarded by uploads.mu
	turn     chan struct{} // holds one value while somebody uses state
	ended    chan struct{} // closed when the session leaves the table
	received atomic.Int64  // counted while state is in use
	state    T
}

func newUploads[T any]() *uploads[T] {
	return &uploads[T]{sessions: map[string]*session[T]{}, now: time.Now}
}

// start opens a session and drops those that nobody has used for long.
func (u *uploads[T]) start(repo string, state T) string {
	id, now := grammar.NewUUID(), u.now()
	u.mu.Lock()
	defer u.mu.Unlock()
	for old, s := range u.sessions {
		if now.Sub(s.used) <= uploadTimeout {
			continue
		}
		select {
		case s.turn <- struct{}{}: // for good
			u.remove(old, s)
			u.release(s)
		default: // in use
		}
	}
	u.sessions[id] = &session[T]{repo: repo, used: now, state: state,
		turn: make(chan struct{}, 1), ended: make(chan struct{})}
	return id
}

// find returns a session that has not ended.
func (u *uploads[T]) find(repo, id string) (*session[T], error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := u.sessions[id]
	if s == nil || s.repo != repo {
		return nil, fmt.Errorf("%w: %s", ErrBlobUploadUnknown, id)
	}
	s.used = u.now()
	return s, nil
}

// lock finds a session and waits until nobody else uses it. The caller calls
// unlock.
func (u *uploads[T]) lock(ctx context.Context, repo, id string) (*session[T], error) {
	s, err := u.find(repo, id)
	if err != nil {
		return nil, err
	}
	select {
	case s.turn <- struct{}{}:
	case <-s.ended:
		return nil, fmt.Errorf("%w: %s", ErrBlobUploadUnknown, id)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.hasEnded() {
		u.unlock(s)
		return nil, fmt.Errorf("%w: %s", ErrBlobUploadUnknown, id)
	}
	return s, nil
}

func (u *uploads[T]) unlock(s *session[T]) {
	<-s.turn
	if s.hasEnded() {
		u.drop(s)
	}
}

// drop releases what a session holds that was cancelled, unless somebody uses
// it, whose unlock then does.
func (u *uploads[T]) drop(s *session[T]) {
	select {
	case s.turn <- struct{}{}: // for good
		u.release(s)
	default:
	}
}

func (u *uploads[T]) release(s *session[T]) {
	if u.expired != nil {
		u.expired(s.state)
	}
}

// remove takes a session out of the table. u.mu is held. It returns false if
// somebody else has.
func (u *uploads[T]) remove(id string, s *session[T]) bool {
	if u.sessions[id] != s {
		return false
	}
	delete(u.sessions, id)
	close(s.ended)
	return true
}

// end waits until nobody uses a session, takes it out of the table and returns
// what it holds, which is the caller's now.
func (u *uploads[T]) end(ctx context.Context, repo, id string) (state T, err error) {
	s, err := u.lock(ctx, repo, id)
	if err != nil {
		return state, err
	}
	u.mu.Lock()
	removed := u.remove(id, s)
	u.mu.Unlock()
	if !removed { // cancelled just now
		u.unlock(s)
		return state, fmt.Errorf("%w: %s", ErrBlobUploadUnknown, id)
	}
	return s.state, nil
}

// cancel ends a session at once. Who is appending to it fails when the next
// bytes come.
func (u *uploads[T]) cancel(repo, id string) error {
	s, err := u.find(repo, id)
	if err != nil {
		return err
	}
	u.mu.Lock()
	removed := u.remove(id, s)
	u.mu.Unlock()
	if !removed {
		return fmt.Errorf("%w: %s", ErrBlobUploadUnknown, id)
	}
	u.drop(s)
	return nil
}

// size tells how much a session has received, be it in use or not.
func (u *uploads[T]) size(repo, id string) (int64, error) {
	s, err := u.find(repo, id)
	if err != nil {
		return 0, err
	}
	return s.received.Load(), nil
}

func (s *session[T]) hasEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// reader counts what is read for the session, and fails once that has ended.
func (s *session[T]) reader(r io.Reader) io.Reader { return &sessionReader[T]{s, r} }

type sessionReader[T any] struct {
	s *session[T]
	r io.Reader
}

func (r *sessionReader[T]) Read(p []byte) (int, error) {
	if r.s.hasEnded() {
		return 0, errCancelled
	}
	n, err := r.r.Read(p)
	r.s.received.Add(int64(n))
	if err != nil && r.s.hasEnded() {
		err = errCancelled
	}
	return n, err
}

var errCancelled = errorf(ErrBlobUploadUnknown, "the upload was cancelled")

// referrerIndex knows the manifests that have a subject, by subject.
type referrerIndex map[digest.Digest]map[digest.Digest]ocispec.Descriptor

func (x referrerIndex) add(m Manifest) {
	subject, desc, ok := referrer(m)
	if !ok {
		return
	}
	if x[subject.Digest] == nil {
		x[subject.Digest] = map[digest.Digest]ocispec.Descriptor{}
	}
	x[subject.Digest][m.Digest] = desc
}

func (x referrerIndex) remove(m Manifest) {
	if subject, _, ok := referrer(m); ok {
		delete(x[subject.Digest], m.Digest)
		if len(x[subject.Digest]) == 0 {
			delete(x, subject.Digest)
		}
	}
}

func (x referrerIndex) list(subject digest.Digest) []ocispec.Descriptor {
	list := make([]ocispec.Descriptor, 0, len(x[subject]))
	for _, desc := range x[subject] {
		list = append(list, desc)
	}
	sortByDigest(list)
	return list
}

func (x referrerIndex) clone() referrerIndex {
	c := make(referrerIndex, len(x))
	for subject, list := range x {
		c[subject] = maps.Clone(list)
	}
	return c
}
