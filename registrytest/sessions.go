// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// uploadTimeout is how long an idle session is kept (specification, "Cancel a
// blob upload": the server SHOULD eventually time out unfinished uploads).
const uploadTimeout = time.Hour

// uploads is the table of open upload sessions; both stores have one.
type uploads[T any] struct {
	mu       sync.Mutex
	sessions map[string]*session[T]
	expired  func(T) // releases what a session that timed out holds; may be nil
	now      func() time.Time
}

type session[T any] struct {
	mu    sync.Mutex // held while the session is read or written
	repo  string
	used  time.Time // guarded by uploads.mu
	ended bool      // guarded by mu
	state T
}

func newUploads[T any]() *uploads[T] {
	return &uploads[T]{sessions: map[string]*session[T]{}, now: time.Now}
}

// start opens a session and drops those that nobody has used for long.
func (u *uploads[T]) start(repo string, state T) string {
	id, now := newUUID(), u.now()
	u.mu.Lock()
	defer u.mu.Unlock()
	for old, s := range u.sessions {
		if now.Sub(s.used) > uploadTimeout && s.mu.TryLock() {
			delete(u.sessions, old)
			s.ended = true
			if u.expired != nil {
				u.expired(s.state)
			}
			s.mu.Unlock()
		}
	}
	u.sessions[id] = &session[T]{repo: repo, used: now, state: state}
	return id
}

// lock finds a session and holds it until unlock is called.
func (u *uploads[T]) lock(repo, id string) (state T, unlock func(), err error) {
	u.mu.Lock()
	s := u.sessions[id]
	if s == nil || s.repo != repo {
		u.mu.Unlock()
		return state, nil, fmt.Errorf("%w: %s", ErrBlobUploadUnknown, id)
	}
	s.used = u.now()
	u.mu.Unlock()
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return state, nil, fmt.Errorf("%w: %s", ErrBlobUploadUnknown, id)
	}
	return s.state, s.mu.Unlock, nil
}

// end waits until nobody uses a session and takes it out of the table.
func (u *uploads[T]) end(repo, id string) (state T, err error) {
	state, unlock, err := u.lock(repo, id)
	if err != nil {
		return state, err
	}
	defer unlock()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sessions[id].ended = true
	delete(u.sessions, id)
	return state, nil
}

// newUUID makes a random UUID (RFC 9562, version 4): the specification wants
// one in the location of an upload.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[:], b[:4])
	at := 8
	for _, part := range [...][]byte{b[4:6], b[6:8], b[8:10], b[10:]} {
		s[at] = '-'
		at += 1 + hex.Encode(s[at+1:], part)
	}
	return string(s[:])
}

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
