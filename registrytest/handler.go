// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"errors"
	"net/http"
	"strings"
	"sync"
)

// Handler is a registry as an http.Handler. Make one by [NewHandler].
type Handler struct {
	opts  Options
	store Store

	// content is held by those who look at the store and change it according
	// to what they saw.
	content sync.Mutex
}

const defaultMaxManifestSize = 4 << 20

// NewHandler returns a registry for use outside of a test, where [New] is not
// to be had. It may be served at the root of a server only: the specification
// fixes the path.
func NewHandler(opts Options) *Handler {
	if opts.Store == nil {
		opts.Store = NewMemory()
	}
	if opts.MaxManifestSize == 0 {
		opts.MaxManifestSize = defaultMaxManifestSize
	}
	return &Handler{opts: opts, store: opts.Store}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	c, err := parseCall(r.Method, r.URL.Path, r.URL.Query())
	if authErr := h.authorize(w, r, c); authErr != nil {
		err = authErr
	}
	if err == nil {
		err = h.serve(w, r, c)
	}
	if err != nil {
		var me *methodError
		if errors.As(err, &me) {
			w.Header().Set("Allow", strings.Join(me.allowed, ", "))
		}
		writeError(w, err)
	}
}

// serve answers a request that was understood and is permitted. An error is
// returned only while nothing has been answered.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, c *call) error {
	if h.opts.ReadOnly && c.op.writes() {
		return withStatus(http.StatusMethodNotAllowed, errReadOnly)
	}
	switch c.op {
	case OpPing:
		writeJSON(w, "application/json", struct{}{})
		return nil
	case OpBlobGet, OpBlobHead:
		return h.getBlob(w, r, c)
	case OpBlobDelete:
		return h.deleteBlob(w, r, c)
	case OpBlobMount:
		return h.mountBlob(w, r, c)
	case OpUploadStart:
		return h.startUpload(w, r, c)
	case OpUploadPatch:
		return h.patchUpload(w, r, c)
	case OpUploadPut:
		return h.putUpload(w, r, c)
	case OpUploadStatus:
		return h.uploadStatus(w, r, c)
	case OpUploadCancel:
		return h.cancelUpload(w, r, c)
	case OpManifestGet, OpManifestHead:
		return h.getManifest(w, r, c)
	case OpManifestPut:
		return h.putManifest(w, r, c)
	case OpManifestDelete:
		return h.deleteManifest(w, r, c)
	case OpTagsList:
		return h.listTags(w, r, c)
	case OpReferrersList:
		return h.listReferrers(w, r, c)
	default:
		return errNotFound
	}
}

var errReadOnly = errorf(ErrUnsupported, "the registry is read-only")

func (o Operation) writes() bool {
	switch o {
	case OpBlobDelete, OpBlobMount, OpUploadStart, OpUploadPatch, OpUploadPut, OpUploadCancel, OpManifestPut, OpManifestDelete:
		return true
	}
	return false
}
