// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Handler is a registry as an http.Handler. Make one by [NewHandler].
type Handler struct {
	opts     Options
	store    Store
	tokens   *tokenIssuer
	warnings []string
	script   script
	record   record
	checked  atomic.Pointer[checked]

	// content is held by those who look at the store and then change it
	// according to what they saw.
	content sync.Mutex
	used    int64 // bytes stored, if there is a quota; below 0: not yet counted
	turns   turns

	closing context.Context // done when the server goes away
	close   context.CancelFunc
}

// NewHandler returns a registry for use outside of a test, where [New] is not
// to be had. It has to be at the root of a server: the specification fixes its
// paths. It panics over [Options.Faults] as [Handler.Inject] does.
func NewHandler(opts Options) *Handler {
	opts = opts.withDefaults()
	h := &Handler{
		opts:     opts,
		store:    opts.Store,
		tokens:   newTokenIssuer(opts),
		warnings: warningHeaders(opts.Warnings),
		record:   record{limit: opts.RecordLimit},
		used:     -1,
	}
	h.script.add(opts.Faults)
	h.closing, h.close = context.WithCancel(context.Background())
	return h
}

// Inject adds faults to those that are there. It panics if one can't be: a
// Match.Path that is no pattern, a Status that HTTP does not have, or an Effect
// that is none of those above.
func (h *Handler) Inject(faults ...Fault) { h.script.add(faults) }

// Requests returns the requests that came, in their order, up to
// [Options.RecordLimit]. Those that are being answered are among them.
func (h *Handler) Requests() []Request { return h.record.list() }

// ResetRequests forgets the requests that came.
func (h *Handler) ResetRequests() { h.record.reset() }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var query url.Values
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
	}
	c, err := parseCall(r.Method, r.URL.Path, query)
	c.malformed = err != nil
	x := &exchange{w: w, r: r, h: h, fault: &noFault, start: h.opts.Now()}
	x.entry = h.begin(r, c, x.start)
	defer x.note()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	x.body = requestBody{x, r.Body}
	r.Body = &x.body
	if h.opts.Latency > 0 {
		x.waitOrDrop(h.opts.Latency)
	}
	if f := h.script.next(r, c); f != nil {
		h.record.update(x.entry, func(r *Request) { r.Fault = f.String() })
		if h.fail(x, c, f) {
			return
		}
	}
	h.answer(x, r, c, err)
	if x.status == 0 && !x.dropped {
		x.WriteHeader(http.StatusOK)
	}
	if x.fault.Effect == DropBody {
		x.flush() // the body has fewer bytes, or is none
		x.dropped = true
	}
	if x.dropped {
		panic(http.ErrAbortHandler)
	}
}

// maxRecordedMethod is more than any method has that means something.
const maxRecordedMethod = 32

// begin puts a request into the record and returns its number there.
func (h *Handler) begin(r *http.Request, c *call, start time.Time) (number int) {
	method, path := r.Method[:min(len(r.Method), maxRecordedMethod)], recordedPath(r)
	if len(r.Method)+len(r.RequestURI) > maxRecordedPath {
		// All of these are parts of the request's line, of up to a megabyte.
		method, path = strings.Clone(method), strings.Clone(path)
		c.detach()
	}
	return h.record.begin(Request{
		Method: method, Path: path, Operation: c.op,
		Repository: c.repo, Tag: c.tag, Digest: c.digest, Start: start,
	})
}

// answer does what was asked, if it may be done. err is what was wrong with
// the request's line.
func (h *Handler) answer(x *exchange, r *http.Request, c *call, err error) {
	head := x.Header()
	if h.warnings != nil {
		head["Warning"] = h.warnings
	}
	if authErr := h.authorize(x, r, c); authErr != nil {
		err = authErr
	}
	if err == nil {
		err = h.serve(x, r, c)
	}
	if err == nil {
		return
	}
	// A 405 says what there is instead, which may be nothing (RFC 9110, section
	// 15.5.6 and 10.2.1). Other statuses than the usual one are no 405.
	var me *methodError
	var se *statusError
	if errors.As(err, &me) {
		head.Set("Allow", strings.Join(me.allowed, ", "))
	} else if errors.Is(err, ErrUnsupported) && !errors.As(err, &se) {
		head.Set("Allow", c.op.reads())
	}
	writeError(x, err)
}

// setHeaders sets headers, given as names in canonical form and values.
func setHeaders(head http.Header, pairs ...string) {
	values := make([]string, len(pairs)/2)
	for i := range values {
		values[i] = pairs[2*i+1]
		head[pairs[2*i]] = values[i : i+1 : i+1]
	}
}

// fail does a fault's work before the request is answered. It returns true if
// that was the answer.
func (h *Handler) fail(x *exchange, c *call, f *Fault) bool {
	if f.Delay > 0 {
		x.waitOrDrop(f.Delay)
	}
	if f.Status != 0 {
		return h.failWithStatus(x, c, f)
	}
	x.fault = f
	switch f.Effect {
	case DropRequest:
		x.drop()
	case DropUpload:
		if f.At <= 0 || x.r.ContentLength == 0 { // nobody may ask for the body
			x.drop()
		}
	case LoseUpload:
		if c.upload != "" {
			_ = h.store.CancelUpload(x.r.Context(), c.repo, c.upload)
		}
	case Forget:
		c.forget = true
	}
	return false
}

// failWithStatus answers with a fault's status. It returns false where that was
// an interim answer, which the registry's own follows (RFC 9110, section 15.2).
func (h *Handler) failWithStatus(x *exchange, c *call, f *Fault) bool {
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
		if f.Status == http.StatusUnauthorized && h.opts.Auth != nil && head.Get("Www-Authenticate") == "" {
			h.challenge(x, x.r, c, "")
		}
		writeErrorBody(x, f.Status, statusCode(f.Status, c), "registrytest: a fault was asked for")
	}
	return true
}

// statusCode is the error code that goes best with a status.
func statusCode(status int, c *call) ErrorCode {
	if status == http.StatusNotFound {
		switch c.op {
		case OpBlobGet, OpBlobHead, OpBlobDelete, OpBlobMount:
			return ErrBlobUnknown
		case OpManifestGet, OpManifestHead, OpManifestDelete:
			return ErrManifestUnknown
		case OpUploadPatch, OpUploadPut, OpUploadStatus, OpUploadCancel:
			return ErrBlobUploadUnknown
		}
		return ErrNameUnknown
	}
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrDenied
	case http.StatusTooManyRequests:
		return ErrTooManyRequests
	}
	if status >= 500 {
		return errInternal
	}
	return ErrUnsupported
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
