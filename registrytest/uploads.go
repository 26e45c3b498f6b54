// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// startUpload answers end-4a to end-4c.
func (h *Handler) startUpload(w http.ResponseWriter, r *http.Request, c *call) error {
	query := c.query
	algorithm := digest.Canonical
	if a := query.Get("digest-algorithm"); a != "" {
		if algorithm = digest.Algorithm(a); !grammar.Supported(algorithm) {
			return errorf(ErrDigestInvalid, "algorithm %.40q is not supported, only sha256 and sha512 are", a)
		}
	}
	var dgst digest.Digest
	if query.Has("digest") && c.op == OpUploadStart {
		var err error
		if dgst, err = parseDigest(query.Get("digest")); err != nil {
			return err
		}
		algorithm = dgst.Algorithm()
	}
	id, err := h.store.StartUpload(r.Context(), c.repo, algorithm)
	if err != nil {
		return err
	}
	if dgst == "" {
		writeUploadProgress(w, http.StatusAccepted, c.repo, id, 0)
		return nil
	}
	body, err := h.limitUpload(r.Context(), 0, r.Body)
	if err == nil {
		_, err = h.storeFor(c).AppendUpload(r.Context(), c.repo, id, -1, body)
	}
	if err != nil {
		_ = h.store.CancelUpload(r.Context(), c.repo, id)
		return bodyError(err)
	}
	c.upload = id
	if err := h.commitUpload(r, c, dgst); err != nil {
		return err
	}
	writeBlobCreated(w, c.repo, dgst)
	return nil
}

// patchUpload answers end-5, with a Content-Range (a chunk) or without.
func (h *Handler) patchUpload(w http.ResponseWriter, r *http.Request, c *call) error {
	var size int64
	err := h.inTurn(w, r, c, func() (err error) {
		size, err = h.receive(w, r, c)
		return err
	})
	if err != nil {
		return err
	}
	writeUploadProgress(w, http.StatusAccepted, c.repo, c.upload, size)
	return nil
}

// putUpload answers end-6.
func (h *Handler) putUpload(w http.ResponseWriter, r *http.Request, c *call) error {
	dgst, err := parseDigest(c.query.Get("digest"))
	if err != nil {
		return err
	}
	err = h.inTurn(w, r, c, func() error {
		if r.ContentLength != 0 {
			if _, err := h.receive(w, r, c); err != nil {
				return err
			}
		}
		return h.commitUpload(r, c, dgst)
	})
	if err != nil {
		return err
	}
	writeBlobCreated(w, c.repo, dgst)
	return nil
}

// receive appends a request's body to an upload. A chunk that does not begin
// where the upload ends is answered with 416 and the state of the upload.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request, c *call) (int64, error) {
	offset := int64(-1)
	if cr := r.Header.Get("Content-Range"); cr != "" {
		start, length, ok := grammar.ParseContentRange(cr)
		if !ok {
			return 0, errorf(ErrBlobUploadInvalid, "Content-Range %.60q is not <first>-<last>", cr)
		}
		if r.ContentLength >= 0 && r.ContentLength != length {
			return 0, errorf(ErrSizeInvalid, "Content-Range says %d bytes, Content-Length %d", length, r.ContentLength)
		}
		offset = start
	}
	body := io.Reader(r.Body)
	if h.opts.Quota > 0 {
		had, err := h.store.UploadSize(r.Context(), c.repo, c.upload)
		if err != nil {
			return 0, err
		}
		if body, err = h.limitUpload(r.Context(), had, r.Body); err != nil {
			return 0, err
		}
	}
	size, err := h.storeFor(c).AppendUpload(r.Context(), c.repo, c.upload, offset, body)
	if errors.Is(err, ErrBlobUploadInvalid) {
		setUploadHeaders(w, c.repo, c.upload, size)
		return 0, withStatus(http.StatusRequestedRangeNotSatisfiable, err)
	}
	return size, bodyError(err)
}

func (h *Handler) commitUpload(r *http.Request, c *call, dgst digest.Digest) error {
	defer h.lockIf(h.opts.Quota > 0)()
	size, err := int64(0), error(nil)
	if h.opts.Quota > 0 {
		if size, err = h.store.UploadSize(r.Context(), c.repo, c.upload); err != nil {
			return err
		}
	}
	err = h.charge(r.Context(), c.repo, dgst, size, func() error {
		return h.storeFor(c).CommitUpload(r.Context(), c.repo, c.upload, dgst)
	})
	if errors.Is(err, ErrDenied) {
		_ = h.store.CancelUpload(r.Context(), c.repo, c.upload)
	}
	return err
}

// uploadStatus answers end-13.
func (h *Handler) uploadStatus(w http.ResponseWriter, r *http.Request, c *call) error {
	size, err := h.store.UploadSize(r.Context(), c.repo, c.upload)
	if err != nil {
		return err
	}
	writeUploadProgress(w, http.StatusNoContent, c.repo, c.upload, size)
	return nil
}

// cancelUpload answers end-14.
func (h *Handler) cancelUpload(w http.ResponseWriter, r *http.Request, c *call) error {
	if err := h.storeFor(c).CancelUpload(r.Context(), c.repo, c.upload); err != nil {
		return err
	}
	if !c.forget {
		h.turns.stop(c.upload)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func writeUploadProgress(w http.ResponseWriter, status int, repo, id string, size int64) {
	setUploadHeaders(w, repo, id, size)
	w.WriteHeader(status)
}

// setUploadHeaders tells where to go on. The specification has no way to say
// that nothing was received; as elsewhere it is "0-0".
func setUploadHeaders(w http.ResponseWriter, repo, id string, size int64) {
	setHeaders(w.Header(), "Location", "/v2/"+repo+"/blobs/uploads/"+id,
		"Range", "0-"+strconv.FormatInt(max(0, size-1), 10))
}

// bodyError gives an error of reading the request's body its status.
func bodyError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the body ended too early", ErrSizeInvalid)
	}
	return err
}

func errorf(code ErrorCode, format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{code}, args...)...)
}
