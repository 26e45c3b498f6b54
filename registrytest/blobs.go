// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

const headerDigest = "Docker-Content-Digest"

func blobPath(repo string, dgst digest.Digest) string {
	return "/v2/" + repo + "/blobs/" + dgst.String()
}

// getBlob answers end-2.
func (q *request) getBlob() error {
	body, size, err := q.store.OpenBlob(q.r.Context(), q.repo, q.digest)
	if err != nil {
		return err
	}
	defer body.Close()
	if done, err := q.answerUnchanged(q.digest); done || err != nil {
		return err
	}
	head := q.w.Header()
	if q.redirect(size) {
		return nil
	}
	setHeaders(head, "Content-Type", manifest.BlobMediaType, "Etag", etag(q.digest))
	if !q.h.opts.IgnoreRange {
		setHeaders(head, "Accept-Ranges", "bytes")
	}
	q.setDigest(q.digest)
	start, length, partial, err := grammar.ParseRange(q.rangeHeader(), size)
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
	q.w.WriteHeader(status)
	if q.r.Method == http.MethodHead {
		return nil
	}
	var src io.Reader = body
	if start+length != size {
		src = io.LimitReader(body, length)
	}
	// The status is sent; a reader that fails leaves the body short, which
	// the client sees by its length.
	_, _ = io.Copy(q.w, src)
	return nil
}

// redirect sends a client elsewhere for a blob, if the options say where.
func (q *request) redirect(size int64) bool {
	if q.op != OpBlobGet {
		return false
	}
	to := ""
	if q.h.opts.Redirect != nil {
		to = q.h.opts.Redirect(q.repo, ocispec.Descriptor{MediaType: manifest.BlobMediaType, Digest: q.digest, Size: size})
	}
	if to == "" && q.h.storage != "" {
		to = q.h.storage + "/" + q.repo + "/" + q.digest.String() + "?X-Signature=" + q.h.sign(q.repo, q.digest)
	}
	if to == "" {
		return false
	}
	setHeaders(q.w.Header(), "Location", to, "Content-Length", "0")
	q.setDigest(q.digest)
	q.w.WriteHeader(http.StatusTemporaryRedirect)
	return true
}

// sign is the signature in the URL of a blob in the object store.
func (h *Handler) sign(repo string, dgst digest.Digest) string {
	return digest.FromString(h.key + repo + "@" + dgst.String()).Encoded()
}

// storageHandler serves the object store that blobs are redirected to.
func (h *Handler) storageHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := call{op: OpStorageGet, query: r.URL.Query()}
		repo, dgst := cutLast(r.URL.Path)
		c.repo = strings.TrimPrefix(repo, "/")
		if c.digest, c.err = parseDigest(dgst); c.err == nil {
			c.err = allow(r.Method, http.MethodGet)
		}
		h.serve(w, r, c)
	})
}

// authorizeStorage refuses a request without the signature of its URL, or with more.
func (q *request) authorizeStorage() error {
	switch {
	case q.r.Header.Get("Authorization") != "":
		return withStatus(http.StatusBadRequest, errorf(ErrDenied, "only one way of authentication is allowed: the URL is signed, and there is an Authorization"))
	case q.query.Get("X-Signature") != q.h.sign(q.repo, q.digest):
		return errorf(ErrDenied, "the signature of the URL is wrong")
	}
	return nil
}

// setDigest sets the header that names the content, where the options let it.
func (q *request) setDigest(dgst digest.Digest) {
	if !slices.Contains(q.h.opts.NoDigest, q.op) {
		setHeaders(q.w.Header(), headerDigest, dgst.String())
	}
}

// rangeHeader is the Range that counts: of a GET only, and not of content that
// has changed, which If-Range asks for (RFC 9110, sections 14.2 and 13.1.5).
func (q *request) rangeHeader() string {
	if q.r.Method != http.MethodGet || q.h.opts.IgnoreRange {
		return ""
	}
	if ifRange := q.r.Header.Get("If-Range"); ifRange != "" && ifRange != etag(q.digest) {
		return ""
	}
	return q.r.Header.Get("Range")
}

// etag is the digest: content never changes.
func etag(dgst digest.Digest) string { return `"` + dgst.String() + `"` }

var errNotModified = errors.New("not modified")

// precondition is nil if what the request names, which has the digest now or none,
// is in the state that the request asks for (RFC 9110, section 13.2.2). For a read,
// errNotModified says that the client has it.
func (q *request) precondition(now digest.Digest) error {
	head := q.r.Header
	failed := func(name string) error {
		return withStatus(http.StatusPreconditionFailed, errorf(ErrUnsupported, "%s: it is %s", name, cmp.Or(now, "not there")))
	}
	if lines := head["If-Match"]; lines != nil && (now == "" || !grammar.MatchETag(lines, etag(now), false)) {
		return failed("If-Match")
	}
	if lines := head["If-None-Match"]; lines != nil && now != "" && grammar.MatchETag(lines, etag(now), true) {
		if !q.op.writes() {
			return errNotModified
		}
		return failed("If-None-Match")
	}
	return nil
}

// answerUnchanged checks the preconditions of a read. If the client has what it asks
// for it answers with 304 and returns true.
func (q *request) answerUnchanged(dgst digest.Digest) (done bool, err error) {
	err = q.precondition(dgst)
	if err != errNotModified {
		return false, err
	}
	setHeaders(q.w.Header(), headerDigest, dgst.String(), "Etag", etag(dgst))
	q.w.WriteHeader(http.StatusNotModified)
	return true, nil
}

// deleteBlob answers end-10.
func (q *request) deleteBlob() error {
	if err := q.store.DeleteBlob(q.r.Context(), q.repo, q.digest); err != nil {
		return err
	}
	q.w.WriteHeader(http.StatusAccepted)
	return nil
}

// mountBlob answers end-11. Where the blob can't be mounted an upload begins.
func (q *request) mountBlob() error {
	if q.h.opts.NoMount {
		return q.startUpload()
	}
	err := q.mount()
	if errors.Is(err, ErrBlobUnknown) {
		return q.startUpload()
	}
	if err != nil {
		return err
	}
	q.writeBlobCreated(q.digest)
	return nil
}

func (q *request) mount() error {
	if q.unreadable {
		return ErrBlobUnknown // so that nobody learns what is there
	}
	from := q.from
	if a := q.h.opts.Auth; from == "" && a != nil {
		if a.Allow != nil {
			return ErrBlobUnknown // it might be in a repository that is not for all
		}
		if a.Bearer {
			var err error
			if from, err = q.coveredSource(); err != nil {
				return err
			}
		}
	}
	return q.store.MountBlob(q.r.Context(), q.repo, from, q.digest)
}

// coveredSource finds the blob of a mount in a repository that the token lets
// the client pull from.
func (q *request) coveredSource() (string, error) {
	for _, n := range q.granted {
		if n.action != actionPull {
			continue
		}
		body, _, err := q.store.OpenBlob(q.r.Context(), n.repo, q.digest)
		if err == nil {
			return n.repo, body.Close()
		}
		if !errors.Is(err, ErrBlobUnknown) {
			return "", err
		}
	}
	return "", ErrBlobUnknown
}

func (q *request) writeBlobCreated(dgst digest.Digest) {
	setHeaders(q.w.Header(), "Location", blobPath(q.repo, dgst))
	q.setDigest(dgst)
	q.w.WriteHeader(http.StatusCreated)
}
