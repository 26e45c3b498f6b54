// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"errors"
	"net/http"
	"strings"
)

// request is a call and all that an endpoint needs to answer it. Endpoints know
// nothing of faults, which choose the store and stand behind w.
type request struct {
	call
	h     *Handler
	w     http.ResponseWriter
	r     *http.Request
	store Store // what the call works on

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
	if err == nil {
		err = q.perform()
	}
	if err != nil {
		q.refuse(err)
	}
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
	writeError(q.w, err)
}

var errReadOnly = errorf(ErrUnsupported, "the registry is read-only")

// perform answers a call that was understood and is permitted. An error is
// returned only while nothing has been answered.
func (q *request) perform() error {
	if q.h.opts.ReadOnly && q.op.writes() {
		return errReadOnly
	}
	switch q.op {
	case OpPing:
		q.w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
		writeJSON(q.w, "application/json", struct{}{})
		return nil
	case OpToken:
		return q.serveToken()
	case OpBlobGet, OpBlobHead:
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
	default:
		return errNotFound
	}
}
