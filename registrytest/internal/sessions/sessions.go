// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package sessions keeps the open upload sessions of a store, and the clock by which
// they age.
package sessions

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// timeout is how long an idle session is kept (specification, "Cancel a blob
// upload": the server SHOULD eventually time out unfinished uploads).
const timeout = time.Hour

// Table has the open sessions, by their IDs. All methods may be called at the
// same time. Their errors wrap the one given to [New], of a session that is not
// there or has ended, or are those of a context.
type Table[T any] struct {
	unknown error
	release func(T)
	clock   *Clock

	mu       sync.Mutex
	sessions map[string]*Session[T]
}

// Session is an upload that has begun.
type Session[T any] struct {
	State T // guarded by Table.Lock

	repo     string
	used     time.Time     // guarded by Table.mu
	turn     chan struct{} // full while somebody uses State
	ended    chan struct{} // closed when the session leaves the table
	received atomic.Int64  // counted while State is in use
	unknown  error
}

// New returns an empty table, whose sessions age by a clock. Those that are not there
// are reported as unknown. release, which may be nil, is called with the state of a
// session that timed out or was cancelled, once nobody uses it.
func New[T any](clock *Clock, unknown error, release func(T)) *Table[T] {
	return &Table[T]{clock: clock, unknown: unknown, release: release, sessions: map[string]*Session[T]{}}
}

// Start opens a session of a repository, returns its ID, a UUID, and drops those
// that nobody has used for an hour.
func (t *Table[T]) Start(repo string, state T) (id string) {
	id, now := grammar.NewUUID(), t.clock.time()
	t.mu.Lock()
	defer t.mu.Unlock()
	for old, s := range t.sessions {
		if now.Sub(s.used) <= timeout {
			continue
		}
		select {
		case s.turn <- struct{}{}: // for good
			t.remove(old, s)
			t.releaseState(s)
		default: // in use
		}
	}
	t.sessions[id] = &Session[T]{State: state, repo: repo, used: now,
		turn: make(chan struct{}, 1), ended: make(chan struct{}), unknown: t.unknown}
	return id
}

// find returns a session that has not ended.
func (t *Table[T]) find(repo, id string) (*Session[T], error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sessions[id]
	if s == nil || s.repo != repo {
		return nil, t.errUnknown(id)
	}
	s.used = t.clock.time()
	return s, nil
}

func (t *Table[T]) errUnknown(id string) error { return fmt.Errorf("%w: %s", t.unknown, id) }

// Lock finds a session and waits until nobody else uses it. The caller calls
// Unlock.
func (t *Table[T]) Lock(ctx context.Context, repo, id string) (*Session[T], error) {
	s, err := t.find(repo, id)
	if err != nil {
		return nil, err
	}
	select {
	case s.turn <- struct{}{}:
	case <-s.ended:
		return nil, t.errUnknown(id)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.hasEnded() {
		t.Unlock(s)
		return nil, t.errUnknown(id)
	}
	return s, nil
}

// Unlock lets others use a session that the caller has locked.
func (t *Table[T]) Unlock(s *Session[T]) {
	<-s.turn
	if s.hasEnded() {
		t.drop(s)
	}
}

// drop releases a cancelled session, or leaves that to the Unlock of whoever uses
// it.
func (t *Table[T]) drop(s *Session[T]) {
	select {
	case s.turn <- struct{}{}: // for good
		t.releaseState(s)
	default:
	}
}

func (t *Table[T]) releaseState(s *Session[T]) {
	if t.release != nil {
		t.release(s.State)
	}
}

// remove takes a session out of the table. t.mu is held. It returns false if
// somebody else has.
func (t *Table[T]) remove(id string, s *Session[T]) bool {
	if t.sessions[id] != s {
		return false
	}
	delete(t.sessions, id)
	close(s.ended)
	return true
}

// End waits until nobody uses a session, takes it out of the table and returns
// its state, which is the caller's now and is not released.
func (t *Table[T]) End(ctx context.Context, repo, id string) (state T, err error) {
	s, err := t.Lock(ctx, repo, id)
	if err != nil {
		return state, err
	}
	t.mu.Lock()
	removed := t.remove(id, s)
	t.mu.Unlock()
	if !removed { // cancelled just now
		t.Unlock(s)
		return state, t.errUnknown(id)
	}
	return s.State, nil
}

// Cancel ends a session at once. Whoever is appending to it fails when the next
// bytes come.
func (t *Table[T]) Cancel(repo, id string) error {
	s, err := t.find(repo, id)
	if err != nil {
		return err
	}
	t.mu.Lock()
	removed := t.remove(id, s)
	t.mu.Unlock()
	if !removed {
		return t.errUnknown(id)
	}
	t.drop(s)
	return nil
}

// Size returns how many bytes a session has received, be it in use or not.
func (t *Table[T]) Size(repo, id string) (int64, error) {
	s, err := t.find(repo, id)
	if err != nil {
		return 0, err
	}
	return s.received.Load(), nil
}

func (s *Session[T]) hasEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// Reader counts what is read for the session, and fails once that has ended.
func (s *Session[T]) Reader(r io.Reader) io.Reader { return &sessionReader[T]{s, r} }

type sessionReader[T any] struct {
	s *Session[T]
	r io.Reader
}

func (r *sessionReader[T]) Read(p []byte) (int, error) {
	if r.s.hasEnded() {
		return 0, r.s.errCancelled()
	}
	n, err := r.r.Read(p)
	r.s.received.Add(int64(n))
	if err != nil && r.s.hasEnded() {
		err = r.s.errCancelled()
	}
	return n, err
}

// TakeBack says that the last n bytes that were read do not count.
func (s *Session[T]) TakeBack(n int64) { s.received.Add(-n) }

func (s *Session[T]) errCancelled() error {
	return fmt.Errorf("%w: the upload was cancelled", s.unknown)
}
