// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// ErrorCode is an error code of the distribution specification ("Error Codes"). It is
// an error itself, so that a [Store] can return it, wrapped or bare, and the handler
// answers with the code and the status that the specification wants.
type ErrorCode string

// Error returns the code.
func (c ErrorCode) Error() string { return string(c) }

// The codes of the specification, in its order (code-1 to code-14).
const (
	ErrBlobUnknown         ErrorCode = "BLOB_UNKNOWN"
	ErrBlobUploadInvalid   ErrorCode = "BLOB_UPLOAD_INVALID"
	ErrBlobUploadUnknown   ErrorCode = "BLOB_UPLOAD_UNKNOWN"
	ErrDigestInvalid       ErrorCode = "DIGEST_INVALID"
	ErrManifestBlobUnknown ErrorCode = "MANIFEST_BLOB_UNKNOWN"
	ErrManifestInvalid     ErrorCode = "MANIFEST_INVALID"
	ErrManifestUnknown     ErrorCode = "MANIFEST_UNKNOWN"
	ErrNameInvalid         ErrorCode = "NAME_INVALID"
	ErrNameUnknown         ErrorCode = "NAME_UNKNOWN"
	ErrSizeInvalid         ErrorCode = "SIZE_INVALID"
	ErrUnauthorized        ErrorCode = "UNAUTHORIZED"
	ErrDenied              ErrorCode = "DENIED"
	ErrUnsupported         ErrorCode = "UNSUPPORTED"
	ErrTooManyRequests     ErrorCode = "TOOMANYREQUESTS"
)

// codeStatus is the status that goes with a code when nothing else is said.
var codeStatus = map[ErrorCode]int{
	ErrBlobUnknown:         http.StatusNotFound,
	ErrBlobUploadInvalid:   http.StatusBadRequest,
	ErrBlobUploadUnknown:   http.StatusNotFound,
	ErrDigestInvalid:       http.StatusBadRequest,
	ErrManifestBlobUnknown: http.StatusBadRequest,
	ErrManifestInvalid:     http.StatusBadRequest,
	ErrManifestUnknown:     http.StatusNotFound,
	ErrNameInvalid:         http.StatusBadRequest,
	ErrNameUnknown:         http.StatusNotFound,
	ErrSizeInvalid:         http.StatusBadRequest,
	ErrUnauthorized:        http.StatusUnauthorized,
	ErrDenied:              http.StatusForbidden,
	ErrUnsupported:         http.StatusMethodNotAllowed,
	ErrTooManyRequests:     http.StatusTooManyRequests,
}

// errInternal goes with a status of 500 and above, for which the specification
// has no code.
const errInternal ErrorCode = "UNKNOWN"

// errNotFound is a path that no endpoint has: 404 with no code of its own.
var errNotFound = errors.New("no such endpoint")

// statusError is an error whose status is not the usual one of its code.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

func withStatus(status int, err error) error { return &statusError{status, err} }

func errorf(code ErrorCode, format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{code}, args...)...)
}

// errOffset refuses to append to an upload elsewhere than at its end.
func errOffset(offset, size int64) error {
	return errorf(ErrBlobUploadInvalid, "offset %d, but %d bytes are here", offset, size)
}

// errorBody is the JSON form of an error.
type errorBody struct {
	Errors []errorItem `json:"errors"`
}

type errorItem struct {
	Code    ErrorCode `json:"code"`
	Message string    `json:"message,omitempty"`
}

// writeError answers with err in the JSON form of the specification. An error
// without a code is a fault of the store: 500.
func (q *request) writeError(err error) {
	status, code := http.StatusInternalServerError, ErrorCode("")
	if errors.As(err, &code) && codeStatus[code] != 0 {
		status = codeStatus[code]
	} else if errors.Is(err, errNotFound) {
		status, code = http.StatusNotFound, ErrUnsupported
	}
	var se *statusError
	if errors.As(err, &se) {
		status = se.status
	}
	if code == "" {
		code = errInternal
	}
	q.w.Header().Del("Content-Type") // of what would have been answered
	q.writeErrorBody(q.w, status, code, err.Error())
}

// ErrorAnswer is how a request is refused.
type ErrorAnswer struct {
	Status  int
	Code    ErrorCode
	Message string

	// Header has more headers. Content-Type is that of Body.
	Header http.Header
	// Body takes the place of the JSON that says Code and Message.
	Body []byte
}

// writeErrorBody answers with the JSON form of an error, unless the options have
// another. A Content-Type that is set already stays.
func (q *request) writeErrorBody(w http.ResponseWriter, status int, code ErrorCode, message string) {
	e := &ErrorAnswer{Status: status, Code: code, Message: message, Header: http.Header{}}
	if q.h.opts.OnError != nil {
		q.h.opts.OnError(q.op, e)
	}
	if e.Body == nil {
		e.Body, _ = json.Marshal(errorBody{Errors: []errorItem{{Code: e.Code, Message: e.Message}}})
	}
	head := w.Header()
	if head["Content-Type"] == nil {
		head.Set("Content-Type", "application/json")
	}
	for key, values := range e.Header {
		head[http.CanonicalHeaderKey(key)] = values
	}
	head.Set("Content-Length", strconv.Itoa(len(e.Body)))
	w.WriteHeader(e.Status)
	_, _ = w.Write(e.Body)
}

// codeFor is the error code that fits best a status of an operation.
func codeFor(status int, op Operation) ErrorCode {
	if status == http.StatusNotFound {
		switch op {
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
