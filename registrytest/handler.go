// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/skillcask/skillcask/registrytest/internal/sessions"
)

// Handler is a registry as an http.Handler. Make one by [NewHandler].
type Handler struct {
	opts     Options
	tokens   *tokenIssuer
	warnings []string
	faults   faultQueue
	record   record
	checked  atomic.Pointer[checked]

	turns     uploadTurns
	guard     *guard
	store     Store // behind the guard
	ownsStore bool

	closing context.Context // done when the handler is closed
	close   context.CancelFunc
}

// NewHandler returns a registry for a server of the caller's. It has to be at the root
// of that: the specification fixes its paths. [Options.Faults] make it panic as
// [Handler.Inject] does, and an [Auth.TokenServer] that issues no tokens does too.
func NewHandler(opts Options) *Handler {
	ownsStore, now := opts.Store == nil, opts.Now
	opts = opts.withDefaults()
	if now != nil {
		sessions.SetClock(opts.Store, now)
	}
	h := &Handler{
		opts:      opts,
		tokens:    newTokenIssuer(opts),
		warnings:  warningHeaders(opts.Warnings),
		record:    record{limit: opts.RecordLimit},
		guard:     newGuard(opts),
		ownsStore: ownsStore,
	}
	h.store = h.guard.over(opts.Store)
	h.faults.add(opts.Faults)
	h.closing, h.close = context.WithCancel(context.Background())
	return h
}

// Inject adds faults to those that are there, and returns a handle that ends them and
// says how often they took effect. It panics over a fault that can do nothing or not
// what it says: one with neither Delay nor Status nor Effect, with a Status and an
// Effect, a Header without a Status, a number below 0, an At where the Effect has no
// place in a body, a Status that has not three digits, an unknown Match.Operation or
// Effect, a Match.Method not in capitals, a Match.Path that is no pattern or can't be
// a path, a Match.Digest that is no digest.
func (h *Handler) Inject(faults ...Fault) *Injection { return h.faults.add(faults) }

// Requests returns the last requests, [Options.RecordLimit] at most, in the order in
// which they came. Those that are being answered are among them.
func (h *Handler) Requests() []Request { return h.record.list() }

// ResetRequests empties the record of requests.
func (h *Handler) ResetRequests() { h.record.reset() }

// Close ends the requests that wait by [Options] or a [Fault]: those that are stalled
// or delayed are dropped, and a slow line is slow no more. Requests that come later are
// answered with 503. It waits for no request: that is for the server which calls the
// handler, whose own Close or Shutdown ends then. It closes the store that the handler
// made itself, but not [Options.Store]. A second call does nothing. The error is that
// of the store.
func (h *Handler) Close() error {
	h.close()
	if h.ownsStore {
		return h.opts.Store.Close()
	}
	return nil
}

// errClosed answers requests to a handler that was closed.
var errClosed = withStatus(http.StatusServiceUnavailable, errors.New("the registry is closed"))

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var query url.Values
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
	}
	q := &request{call: parseCall(r.Method, r.URL.Path, query), h: h, r: r, store: h.store}
	x := newExchange(h, w, r)
	x.entry = h.record.begin(r, &q.call, x.start)
	defer x.note()
	q.w = x
	if h.closing.Err() != nil {
		x.Header().Set("Connection", "close")
		q.refuse(errClosed)
		return
	}
	if h.opts.Latency > 0 {
		x.waitOrDrop(h.opts.Latency)
	}
	refusal := q.authorize()
	if f := h.faults.next(q, q.challenge != ""); f == nil || !x.apply(f, q) {
		q.answer(refusal)
	}
	x.finish()
}

// maxWarnings is the most bytes of warnings in an answer ("Warnings").
const maxWarnings = 4096

func warningHeaders(texts []string) (headers []string) {
	total := 0
	for _, text := range texts {
		text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", " ").Replace(text)
		header := fmt.Sprintf(`299 - "%s"`, text)
		if total += len(header); total > maxWarnings {
			break
		}
		headers = append(headers, header)
	}
	return headers
}
