// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/opencontainers/go-digest"
)

// apply does what a fault does before the request is answered, and prepares what
// it does to the answer. It returns true if it has answered already. Refusal is the
// error of a request that lacks credentials.
func (x *exchange) apply(f *queuedFault, q *request, refusal error) (answered bool) {
	x.fault = f
	if f.Delay > 0 {
		x.fire()
		x.waitOrDrop(f.Delay)
	}
	switch {
	case f.Effect == Perform:
		performed := *q
		performed.w = unseen{http.Header{}}
		performed.answer(refusal)
		x.fire()
		return x.applyStatus(&f.Fault, q)
	case f.Status != 0:
		x.fire()
		return x.applyStatus(&f.Fault, q)
	case f.Do != nil:
		x.fire()
		f.Do(http.HandlerFunc(q.handOn)).ServeHTTP(x, x.r)
		return true
	}
	switch f.Effect {
	case DropRequest:
		x.fire()
		x.drop()
	case DropUpload:
		if f.At <= 0 || x.r.ContentLength == 0 { // nobody may ask for the body
			x.fire()
			x.drop()
		}
	case LoseUpload:
		if q.upload != "" && q.store.CancelUpload(x.r.Context(), q.repo, q.upload) == nil {
			x.fire()
		}
	case IgnoreRange:
		if q.op == OpBlobGet && q.rangeHeader() != "" {
			x.fire()
			q.r.Header.Del("Range")
		}
	case Forget:
		q.store = x.h.guard.over(discardStore{x.h.opts.Store, x.fire})
	}
	return false
}

// unseen is an answer that nobody gets.
type unseen struct{ header http.Header }

func (u unseen) Header() http.Header         { return u.header }
func (u unseen) WriteHeader(int)             {}
func (u unseen) Write(p []byte) (int, error) { return len(p), nil }

// handOn answers a request that a test's own function hands on.
func (q *request) handOn(w http.ResponseWriter, r *http.Request) {
	handed := &request{call: q.call, h: q.h, w: w, r: r, store: q.store}
	if q.op != OpStorageGet { // which has paths of its own
		handed.call = parseCall(r.Method, r.URL.Path, r.URL.Query())
	}
	handed.answer(handed.authorize())
}

// fire notes, once, that the fault takes effect.
func (x *exchange) fire() {
	if x.fired {
		return
	}
	x.fired = true
	x.h.faults.fire(x.fault)
	x.h.record.update(x.entry, func(r *Request) { r.Fault = x.fault.String() })
}

// applyStatus answers with a fault's status. It returns false where that was an
// interim answer, which the registry's own follows (RFC 9110, section 15.2).
func (x *exchange) applyStatus(f *Fault, q *request) (answered bool) {
	head := x.Header()
	for key, values := range f.Header {
		head[http.CanonicalHeaderKey(key)] = slices.Clone(values)
	}
	switch {
	case f.Status == http.StatusSwitchingProtocols:
		x.WriteHeader(f.Status)
		x.flush()
		x.drop() // nobody here speaks another protocol
	case f.Status < 200:
		x.w.WriteHeader(f.Status)
		clear(head)
		return false
	case f.Status < 400:
		if f.Status != http.StatusNoContent && f.Status != http.StatusNotModified {
			head.Set("Content-Length", "0")
		}
		x.WriteHeader(f.Status)
	default:
		if f.Status == http.StatusUnauthorized && x.h.opts.Auth != nil && head.Get("Www-Authenticate") == "" {
			head.Set("Www-Authenticate", q.challengeFor(""))
		}
		q.writeErrorBody(x, f.Status, codeFor(f.Status, q.op), "registrytest: a fault was asked for")
	}
	return true
}

// discardStore is a store that says yes to every change and makes none, but for
// the sessions of uploads, which begin and are closed: without them a client
// could not be answered as if it had succeeded.
type discardStore struct {
	Store
	fire func() // is called with each change that is not made
}

func (s discardStore) AppendUpload(ctx context.Context, repo, id string, offset int64, r io.Reader) (int64, error) {
	size, err := s.UploadSize(ctx, repo, id)
	if err != nil {
		return 0, err
	}
	if offset >= 0 && offset != size {
		return size, errOffset(offset, size)
	}
	s.fire()
	n, err := io.Copy(io.Discard, r)
	if _, gone := s.UploadSize(ctx, repo, id); gone != nil {
		return size, gone // cancelled, which is why r failed
	}
	return size + n, err
}

func (s discardStore) CommitUpload(ctx context.Context, repo, id string, _ digest.Digest) error {
	s.fire()
	return s.Store.CancelUpload(ctx, repo, id)
}

func (s discardStore) CancelUpload(context.Context, string, string) error { return s.discard() }
func (s discardStore) MountBlob(context.Context, string, string, digest.Digest) error {
	return s.discard()
}
func (s discardStore) DeleteBlob(context.Context, string, digest.Digest) error { return s.discard() }
func (s discardStore) PutManifest(context.Context, string, Manifest, ...string) error {
	return s.discard()
}
func (s discardStore) DeleteManifest(context.Context, string, digest.Digest) error {
	return s.discard()
}
func (s discardStore) DeleteTag(context.Context, string, string) error { return s.discard() }

func (s discardStore) discard() error {
	s.fire()
	return nil
}
