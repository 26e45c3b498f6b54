// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// Handler is a registry as an http.Handler. Make one by [NewHandler].
type Handler struct {
	opts     Options
	tokens   *tokenIssuer
	warnings []string
	faults   faultQueue
	record   record
	checked  atomic.Pointer[checked]

	turns uploadTurns
	rates rateWindows
	short shortChunks
	guard *guard
	store Store  // behind the guard
	key   string // of the state of uploads

	closing context.Context // done when the server is closed
	close   context.CancelFunc
}

// NewHandler returns a registry for use outside of a test, where [New] is
// unavailable. It has to be at the root of a server: the specification fixes its
// paths. [Options.Faults] make it panic as [Handler.Inject] does.
func NewHandler(opts Options) *Handler {
	opts = opts.withDefaults()
	h := &Handler{
		opts:     opts,
		tokens:   newTokenIssuer(opts),
		warnings: warningHeaders(opts.Warnings),
		record:   record{limit: opts.RecordLimit},
		guard:    newGuard(opts),
		key:      grammar.NewUUID(),
	}
	h.store = newStaleStore(h.guard.over(opts.Store), opts)
	h.faults.add(opts.Faults)
	h.closing, h.close = context.WithCancel(context.Background())
	return h
}

// Inject adds faults to those that are there, and returns a handle that ends them and
// says how often they took effect. It panics over a fault that can do nothing or not
// what it says: one that does nothing or several things, a number below 0, an At where
// the Effect has no place in a body, [Perform] without a Status, a Status that has not
// three digits, an unknown Match.Operation or Effect, a Match.Method not in capitals,
// a Match.Path that is no pattern or can't be a path, a Match.Tag that is no tag, a
// Match.Digest that is no digest.
func (h *Handler) Inject(faults ...Fault) *Injection { return h.faults.add(faults) }

// Requests returns the last requests, [Options.RecordLimit] at most, in the order in
// which they came. Those that are being answered are among them.
func (h *Handler) Requests() []Request { return h.record.list() }

// ResetRequests empties the record of requests.
func (h *Handler) ResetRequests() { h.record.reset() }

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
	if h.opts.Latency > 0 {
		x.waitOrDrop(h.opts.Latency)
	}
	refusal := q.authorize()
	if f := h.faults.next(q, q.challenge != ""); f == nil || !x.apply(f, q, refusal) {
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
