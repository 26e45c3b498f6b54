// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"io"
	"net/http"

	"github.com/opencontainers/go-digest"
)

var errReadOnly = errorf(ErrUnsupported, "the registry is read-only")

// serve answers a request that was understood and is permitted. An error is
// returned only while nothing has been answered.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, c *call) error {
	if h.opts.ReadOnly && c.op.writes() {
		return errReadOnly
	}
	switch c.op {
	case OpPing:
		w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
		writeJSON(w, "application/json", struct{}{})
		return nil
	case OpToken:
		return h.serveToken(w, r)
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

// writes tells whether an operation changes the store.
func (o Operation) writes() bool {
	switch o {
	case OpBlobDelete, OpBlobMount, OpUploadStart, OpUploadPatch, OpUploadPut, OpUploadCancel,
		OpManifestPut, OpManifestDelete:
		return true
	}
	return false
}

// reads is what can be done with the resource of an operation that writes, while
// it can't be written: the methods of an Allow header.
func (o Operation) reads() string {
	switch o {
	case OpBlobDelete, OpManifestPut, OpManifestDelete:
		return "GET, HEAD"
	case OpUploadPatch, OpUploadPut, OpUploadCancel:
		return "GET"
	}
	return ""
}

// storeFor is the store that a call works on.
func (h *Handler) storeFor(c *call) Store {
	if c.forget {
		return forgetful{h.store}
	}
	return h.store
}

// forgetful is a store that says yes to every change and makes none, but for
// the sessions of uploads, which begin and are closed: a client could not be
// told of success otherwise.
type forgetful struct{ Store }

func (s forgetful) AppendUpload(ctx context.Context, repo, id string, offset int64, r io.Reader) (int64, error) {
	size, err := s.UploadSize(ctx, repo, id)
	if err != nil {
		return 0, err
	}
	if offset >= 0 && offset != size {
		return size, errorf(ErrBlobUploadInvalid, "offset %d, but %d bytes are here", offset, size)
	}
	n, err := io.Copy(io.Discard, r)
	if _, gone := s.UploadSize(ctx, repo, id); gone != nil {
		return size, gone // cancelled, which is why r failed
	}
	return size + n, err
}

func (s forgetful) CommitUpload(ctx context.Context, repo, id string, _ digest.Digest) error {
	return s.Store.CancelUpload(ctx, repo, id)
}

func (forgetful) CancelUpload(context.Context, string, string) error             { return nil }
func (forgetful) MountBlob(context.Context, string, string, digest.Digest) error { return nil }
func (forgetful) DeleteBlob(context.Context, string, digest.Digest) error        { return nil }
func (forgetful) PutManifest(context.Context, string, Manifest, ...string) error { return nil }
func (forgetful) DeleteManifest(context.Context, string, digest.Digest) error    { return nil }
func (forgetful) DeleteTag(context.Context, string, string) error                { return nil }
