// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

const headerDigest = "Docker-Content-Digest"

func blobPath(repo string, dgst digest.Digest) string {
	return "/v2/" + repo + "/blobs/" + dgst.String()
}

// getBlob answers end-2.
func (h *Handler) getBlob(w http.ResponseWriter, r *http.Request, c *call) error {
	body, size, err := h.store.OpenBlob(r.Context(), c.repo, c.digest)
	if err != nil {
		return err
	}
	defer body.Close()
	head := w.Header()
	setHeaders(head, "Content-Type", manifest.BlobMediaType, "Accept-Ranges", "bytes",
		headerDigest, c.digest.String(), "Etag", etag(c.digest))
	start, length, partial, err := grammar.ParseRange(rangeHeader(r, c), size)
	if err != nil {
		head.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return withStatus(http.StatusRequestedRangeNotSatisfiable, errorf(ErrSizeInvalid, "%v", err))
	}
	status := http.StatusOK
	if partial {
		status = http.StatusPartialContent
		head.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, start+length-1, size))
		if _, err := body.Seek(start, io.SeekStart); err != nil {
			return err
		}
	}
	head.Set("Content-Length", strconv.FormatInt(length, 10))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	var src io.Reader = body
	if start+length != size {
		src = io.LimitReader(body, length)
	}
	// The status is sent; a reader that fails leaves the body short, which
	// the client sees by its length.
	_, _ = io.Copy(w, src)
	return nil
}

// rangeHeader is the Range that counts: of a GET only, and not of content that
// has changed, which If-Range asks for (RFC 9110, sections 14.2 and 13.1.5).
func rangeHeader(r *http.Request, c *call) string {
	if r.Method != http.MethodGet {
		return ""
	}
	if ifRange := r.Header.Get("If-Range"); ifRange != "" && ifRange != etag(c.digest) {
		return ""
	}
	return r.Header.Get("Range")
}

// etag is the digest: content never changes.
func etag(dgst digest.Digest) string { return `"` + dgst.String() + `"` }

// deleteBlob answers end-10.
func (h *Handler) deleteBlob(w http.ResponseWriter, r *http.Request, c *call) error {
	if err := h.removeBlob(r, c); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func (h *Handler) removeBlob(r *http.Request, c *call) error {
	defer h.exclusive()()
	return h.release(r.Context(), c.repo, c.digest, func() error {
		return h.storeFor(c).DeleteBlob(r.Context(), c.repo, c.digest)
	})
}

// mountBlob answers end-11. Where the blob can't be mounted an upload begins.
func (h *Handler) mountBlob(w http.ResponseWriter, r *http.Request, c *call) error {
	err := h.mount(r, c)
	if errors.Is(err, ErrBlobUnknown) {
		return h.startUpload(w, r, c)
	}
	if err != nil {
		return err
	}
	writeBlobCreated(w, c.repo, c.digest)
	return nil
}

func (h *Handler) mount(r *http.Request, c *call) error {
	from := c.from
	if a := h.opts.Auth; from == "" && a != nil {
		if a.Allow != nil {
			return ErrBlobUnknown // it might be in a repository that is not for all
		}
		if a.Bearer {
			var err error
			if from, err = h.coveredSource(r.Context(), c); err != nil {
				return err
			}
		}
	}
	defer h.lockIf(h.opts.Quota > 0)()
	size := int64(0)
	if h.opts.Quota > 0 && from != "" {
		var err error
		if size, _, err = h.has(r.Context(), from, c.digest); err != nil {
			return err
		}
	} else if h.opts.Quota > 0 {
		return ErrBlobUnknown // what it costs is not known: it can be uploaded
	}
	return h.charge(r.Context(), c.repo, c.digest, size, func() error {
		return h.storeFor(c).MountBlob(r.Context(), c.repo, from, c.digest)
	})
}

// coveredSource finds the blob of a mount in a repository that the token lets
// the client pull from.
func (h *Handler) coveredSource(ctx context.Context, c *call) (string, error) {
	for _, n := range c.granted {
		if n.action != actionPull {
			continue
		}
		if _, found, err := h.has(ctx, n.repo, c.digest); err != nil || found {
			return n.repo, err
		}
	}
	return "", ErrBlobUnknown
}

func writeBlobCreated(w http.ResponseWriter, repo string, dgst digest.Digest) {
	setHeaders(w.Header(), "Location", blobPath(repo, dgst), headerDigest, dgst.String())
	w.WriteHeader(http.StatusCreated)
}
