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
	"sync"
	"sync/atomic"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
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
	rates     rateWindows
	short     shortChunks
	guard     *guard
	store     Store  // behind the guard
	key       string // of the state of uploads
	ownsStore bool
	storage   string   // URL of the object store, if there is one
	made      sync.Map // repositories, where they must exist first

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
		key:       grammar.NewUUID(),
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
	h.serve(w, r, parseCall(r.Method, r.URL.Path, query))
}

// serve answers a call.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, c call) {
	q := &request{call: c, h: h, r: r, store: h.store}
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

// request is a call and all that an endpoint needs to answer it. Endpoints know
// nothing of faults, which choose the store and stand behind w.
type request struct {
	call
	h     *Handler
	w     http.ResponseWriter
	r     *http.Request
	store Store // what the call works on

	user       string   // "" if anonymous, or if nobody is asked
	granted    []access // what the bearer token covers
	challenge  string   // how to authenticate, where that is asked for
	unreadable bool     // the user may not read the source of the mount
}

// answer performs the call unless that was refused. Who may not come in is not shown
// the request's other errors.
func (q *request) answer(refusal error) {
	if q.h.warnings != nil {
		q.w.Header()["Warning"] = q.h.warnings
	}
	if q.challenge != "" {
		q.w.Header().Set("Www-Authenticate", q.challenge)
	}
	err := refusal
	if err == nil {
		err = q.err
	}
	if err == nil && q.h.opts.MustExist {
		err = q.checkMade()
	}
	if err == nil {
		err = q.countRate()
	}
	if err == nil {
		err = q.perform()
	}
	if err != nil {
		q.refuse(err)
	}
}

// CreateRepository makes a repository where one must exist before a push: see
// [Options.MustExist]. Its error wraps [ErrNameInvalid] for a name that is none.
func (h *Handler) CreateRepository(name string) error {
	h.made.Store(name, true)
	return checkName(name)
}

// checkMade refuses a call about a repository that was neither made nor seeded.
func (q *request) checkMade() error {
	if q.repo == "" {
		return nil
	}
	if _, ok := q.h.made.Load(q.repo); ok {
		return nil
	}
	if _, err := q.h.opts.Store.ListContent(q.r.Context(), q.repo); err != nil {
		return errorf(ErrNameUnknown, "the repository %.300q does not exist", q.repo)
	}
	q.h.made.Store(q.repo, true)
	return nil
}

// refuse answers with an error. A 405 names the methods that there are, which
// may be none (RFC 9110, sections 15.5.6 and 10.2.1). Where the status is not
// the usual one of its code it is no 405.
func (q *request) refuse(err error) {
	var me *methodError
	var se *statusError
	if errors.As(err, &me) {
		q.w.Header().Set("Allow", strings.Join(me.allowed, ", "))
	} else if errors.Is(err, ErrUnsupported) && !errors.As(err, &se) {
		q.w.Header().Set("Allow", q.op.reads())
	}
	q.writeError(err)
}

var (
	errReadOnly = errorf(ErrUnsupported, "the registry is read-only")
	errNoDelete = errorf(ErrUnsupported, "the registry does not delete this")
)

// perform answers a call that was understood and is permitted. An error is
// returned only while nothing has been answered.
func (q *request) perform() error {
	if q.h.opts.ReadOnly && q.op.writes() {
		return errReadOnly
	}
	if o := q.h.opts; o.NoDelete && (q.op == OpBlobDelete || q.op == OpManifestDelete && q.tag == "") || o.NoTagDelete && q.op == OpManifestDelete && q.tag != "" {
		return errNoDelete
	}
	switch q.op {
	case OpPing:
		q.w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
		writeJSON(q.w, "application/json", struct{}{})
		return nil
	case OpToken:
		return q.serveToken()
	case OpBlobGet, OpBlobHead, OpStorageGet:
		return q.getBlob()
	case OpBlobDelete:
		return q.deleteBlob()
	case OpBlobMount:
		return q.mountBlob()
	case OpUploadStart:
		return q.startUpload()
	case OpUploadPatch:
		return q.patchUpload()
	case OpUploadPut:
		return q.putUpload()
	case OpUploadStatus:
		return q.uploadStatus()
	case OpUploadCancel:
		return q.cancelUpload()
	case OpManifestGet, OpManifestHead:
		return q.getManifest()
	case OpManifestPut:
		return q.putManifest()
	case OpManifestDelete:
		return q.deleteManifest()
	case OpTagsList:
		return q.listTags()
	case OpReferrersList:
		return q.listReferrers()
	case OpCatalog:
		return q.listRepositories()
	default:
		return errNotFound
	}
}
