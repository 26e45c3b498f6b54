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
	"strings"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// startUpload answers end-4a to end-4c.
func (q *request) startUpload() error {
	ctx, query := q.r.Context(), q.query
	algorithm := digest.Canonical
	if a := query.Get("digest-algorithm"); a != "" {
		if algorithm = digest.Algorithm(a); !grammar.Supported(algorithm) {
			return errorf(ErrDigestInvalid, "algorithm %.40q is not supported, only sha256 and sha512 are", a)
		}
	}
	var dgst digest.Digest
	var err error
	if query.Has("digest") && q.op == OpUploadStart && !q.h.opts.NoSinglePost {
		if dgst, err = parseDigest(query.Get("digest")); err != nil {
			return err
		}
		algorithm = dgst.Algorithm()
	}
	q.upload, err = q.store.StartUpload(ctx, q.repo, algorithm)
	if err != nil {
		return err
	}
	if dgst == "" {
		if n := q.h.opts.ChunkMinLength; n > 0 {
			q.w.Header().Set("OCI-Chunk-Min-Length", strconv.FormatInt(n, 10))
		}
		q.writeUploadProgress(http.StatusAccepted, 0)
		return nil
	}
	if _, err := q.store.AppendUpload(ctx, q.repo, q.upload, -1, q.r.Body); err != nil {
		q.abandonUpload()
		return bodyError(err)
	}
	if err := q.commitUpload(dgst); err != nil {
		return err
	}
	q.writeBlobCreated(dgst)
	return nil
}

// patchUpload answers end-5, with a Content-Range (a chunk) or without.
func (q *request) patchUpload() error {
	var size int64
	err := q.inTurn(func() (err error) {
		if err = q.checkState(); err == nil {
			size, err = q.receive()
		}
		return err
	})
	if err != nil {
		return err
	}
	q.writeUploadProgress(http.StatusAccepted, size)
	return nil
}

// putUpload answers end-6.
func (q *request) putUpload() error {
	dgst, err := parseDigest(q.query.Get("digest"))
	if err != nil {
		return err
	}
	err = q.inTurn(func() error {
		if err := q.checkState(); err != nil {
			return err
		}
		if q.r.ContentLength != 0 || q.r.Header["Content-Range"] != nil {
			if _, err := q.receive(); err != nil {
				return err
			}
		}
		return q.commitUpload(dgst)
	})
	if err != nil {
		return err
	}
	q.writeBlobCreated(dgst)
	return nil
}

// receive appends the request's body to an upload. A chunk that does not begin
// where the upload ends is answered with 416 and the state of the upload. Of one
// that has another length than its range nothing stays.
func (q *request) receive() (int64, error) {
	offset, body := int64(-1), io.Reader(q.r.Body)
	if lines := q.r.Header["Content-Range"]; lines != nil {
		cr := strings.Join(lines, ", ")
		start, length, ok := grammar.ParseContentRange(cr)
		if !ok {
			return 0, errorf(ErrBlobUploadInvalid, "Content-Range %.60q is not <first>-<last>", cr)
		}
		if n := q.r.ContentLength; n >= 0 && n != length {
			return 0, errorf(ErrSizeInvalid, "Content-Range says %d bytes, Content-Length %d", length, n)
		}
		offset = start
		if err := q.h.short.add(q.upload, length, q.h.opts.ChunkMinLength); err != nil {
			return 0, err
		}
		if q.r.ContentLength < 0 {
			body = &chunkBody{body, length}
		}
	}
	size, err := q.store.AppendUpload(q.r.Context(), q.repo, q.upload, offset, body)
	if errors.Is(err, ErrBlobUploadInvalid) {
		q.setUploadHeaders(size)
		return 0, withStatus(http.StatusRequestedRangeNotSatisfiable, err)
	}
	return size, bodyError(err)
}

// chunkBody fails unless it ends after the bytes that are left.
type chunkBody struct {
	r    io.Reader
	left int64
}

func (b *chunkBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		return 0, errorf(ErrSizeInvalid, "the chunk is longer than Content-Range says")
	case b.left > 0 && err == io.EOF:
		err = errorf(ErrSizeInvalid, "the chunk is %d bytes shorter than Content-Range says", b.left)
	}
	return n, err
}

func (q *request) commitUpload(dgst digest.Digest) error {
	err := q.store.CommitUpload(q.r.Context(), q.repo, q.upload, dgst)
	if errors.Is(err, ErrDenied) {
		q.abandonUpload()
	}
	return err
}

// abandonUpload ends an upload that can't be completed. The client has not asked
// for it, so that it is not up to the call's store.
func (q *request) abandonUpload() {
	_ = q.h.opts.Store.CancelUpload(q.r.Context(), q.repo, q.upload)
}

// uploadStatus answers end-13.
func (q *request) uploadStatus() error {
	size, err := q.store.UploadSize(q.r.Context(), q.repo, q.upload)
	if err != nil {
		return err
	}
	q.writeUploadProgress(http.StatusNoContent, size)
	return nil
}

// cancelUpload answers end-14. A request that adds to the upload fails at once.
func (q *request) cancelUpload() error {
	ctx := q.r.Context()
	if err := q.store.CancelUpload(ctx, q.repo, q.upload); err != nil {
		return err
	}
	// A store may say yes and not do it.
	if _, err := q.store.UploadSize(ctx, q.repo, q.upload); errors.Is(err, ErrBlobUploadUnknown) {
		q.h.turns.stop(q.upload)
	}
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (q *request) writeUploadProgress(status int, size int64) {
	q.setUploadHeaders(size)
	q.w.WriteHeader(status)
}

// setUploadHeaders says where to go on. The specification has no way to say that
// nothing was received; as elsewhere it is "0-0".
func (q *request) setUploadHeaders(size int64) {
	location := "/v2/" + q.repo + "/blobs/uploads/" + q.upload
	if q.h.opts.UploadState {
		location = q.scheme() + "://" + q.r.Host + location + "?_state=" + q.h.uploadState(q.upload, size)
	}
	setHeaders(q.w.Header(), "Location", location, "Range", "0-"+strconv.FormatInt(max(0, size-1), 10))
}

// uploadState is what the Location of an upload says of what was received.
func (h *Handler) uploadState(upload string, size int64) string {
	return digest.FromString(fmt.Sprint(h.key, upload, size)).Encoded()
}

// checkState refuses a request to an upload that does not come from its last Location.
func (q *request) checkState() error {
	if !q.h.opts.UploadState {
		return nil
	}
	size, err := q.store.UploadSize(q.r.Context(), q.repo, q.upload)
	if err == nil && q.query.Get("_state") != q.h.uploadState(q.upload, size) {
		err = errorf(ErrBlobUploadInvalid, "_state is not that of the last Location")
	}
	return err
}

// shortChunks remembers the uploads that have had a chunk which only the last may be.
type shortChunks struct {
	mu      sync.Mutex
	uploads map[string]bool
}

// add refuses a chunk after a short one. Uploads are not forgotten: their IDs are not
// used again.
func (s *shortChunks) add(upload string, length, minLength int64) error {
	if minLength <= 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uploads[upload] {
		return errorf(ErrSizeInvalid, "the chunk before has less than %d bytes, which only the last may", minLength)
	}
	if length < minLength {
		if s.uploads == nil {
			s.uploads = map[string]bool{}
		}
		s.uploads[upload] = true
	}
	return nil
}

// bodyError gives an error of reading the request's body its status.
func bodyError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the body ended too early", ErrSizeInvalid)
	}
	return err
}

// uploadTurns lets one request at a time add to an upload, so that whoever commits it
// does not wait for a slow client while others wait for the commit.
type uploadTurns struct {
	mu   sync.Mutex
	busy map[string]*turn // by the upload's ID
}

type turn struct {
	stop  func() // fails the request that has the turn
	ended chan struct{}
}

// take waits for the turn of a request to an upload. The caller calls end.
func (t *uploadTurns) take(ctx context.Context, upload string, stop func()) (end func(), err error) {
	mine := &turn{stop, make(chan struct{})}
	for {
		other := t.set(upload, mine)
		if other == nil {
			return func() { t.end(upload, mine) }, nil
		}
		select {
		case <-other.ended:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// set gives the turn to mine, unless another has it, which it returns.
func (t *uploadTurns) set(upload string, mine *turn) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.busy[upload]; other != nil {
		return other
	}
	if t.busy == nil {
		t.busy = map[string]*turn{}
	}
	t.busy[upload] = mine
	return nil
}

func (t *uploadTurns) end(upload string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.busy, upload)
	close(mine.ended)
}

// stop fails the request that has the turn, if one has.
func (t *uploadTurns) stop(upload string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.busy[upload]; other != nil {
		other.stop()
	}
}

// inTurn runs f when no other request adds to the upload any more.
func (q *request) inTurn(f func() error) error {
	end, err := q.h.turns.take(q.r.Context(), q.upload, func() {
		// The client may have nothing to send for now, but hears of it this way.
		// Without deadlines the request fails when the next bytes come.
		_ = http.NewResponseController(q.w).SetReadDeadline(time.Unix(1, 0))
	})
	if err != nil {
		return err
	}
	defer end()
	return f()
}
