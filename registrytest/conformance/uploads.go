// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"fmt"
	"net/http"

	"github.com/opencontainers/go-digest"
)

var uploadChecks = []suiteCheck{
	{"single POST", "Single POST", func(s *suite) {
		content := randomBytes(1000)
		dgst := digest.FromBytes(content)
		a := s.do(http.MethodPost, s.path("blobs/uploads/?digest="+dgst.String()), content)
		if a.is(http.StatusCreated, http.StatusAccepted).status == http.StatusAccepted {
			a = s.do(http.MethodPut, withQuery(a.location(), "digest", dgst.String()), content).is(http.StatusCreated)
		}
		s.do(http.MethodGet, a.location(), nil).is(http.StatusOK).holds(content)
	}},
	{"chunks", "Pushing a blob in chunks", func(s *suite) {
		content := randomBytes(3000)
		loc := s.start()
		for at := 0; at < 3000; at += 1000 {
			a := s.chunk(http.MethodPatch, loc, content, at, at+999).is(http.StatusAccepted)
			a.has("Range", fmt.Sprintf("0-%d", at+999))
			a = s.do(http.MethodGet, a.location(), nil).is(http.StatusNoContent)
			loc = a.has("Range", fmt.Sprintf("0-%d", at+999)).location()
		}
		dgst := digest.FromBytes(content)
		a := s.do(http.MethodPut, withQuery(loc, "digest", dgst.String()), nil).is(http.StatusCreated)
		s.do(http.MethodGet, a.location(), nil).is(http.StatusOK).holds(content)
	}},
	{"last chunk in PUT", "Pushing a blob in chunks", func(s *suite) {
		content := randomBytes(2000)
		loc := s.chunk(http.MethodPatch, s.start(), content, 0, 999).is(http.StatusAccepted).location()
		dgst := digest.FromBytes(content)
		s.chunk(http.MethodPut, withQuery(loc, "digest", dgst.String()), content, 1000, 1999).is(http.StatusCreated)
		s.readBack(dgst, content)
	}},
	{"chunk out of order", "Pushing a blob in chunks", func(s *suite) {
		content := randomBytes(3000)
		loc := s.start()
		s.chunk(http.MethodPatch, loc, content, 1000, 1999).is(http.StatusRequestedRangeNotSatisfiable)
		loc = s.chunk(http.MethodPatch, loc, content, 0, 999).is(http.StatusAccepted).location()
		s.chunk(http.MethodPatch, loc, content, 2000, 2999).is(http.StatusRequestedRangeNotSatisfiable)
		a := s.do(http.MethodGet, loc, nil).is(http.StatusNoContent).has("Range", "0-999")
		loc = s.chunk(http.MethodPatch, a.location(), content, 1000, 2999).is(http.StatusAccepted).location()
		dgst := digest.FromBytes(content)
		s.do(http.MethodPut, withQuery(loc, "digest", dgst.String()), nil).is(http.StatusCreated)
		s.readBack(dgst, content)
	}},
	{"stream", "Pushing a blob in chunks", func(s *suite) {
		content := randomBytes(5000)
		// Nothing says that a chunk may come without a range, or must not.
		a := s.do(http.MethodPatch, s.start(), content).isShould(http.StatusAccepted)
		if a.status != http.StatusAccepted {
			return
		}
		loc := a.location()
		dgst := digest.FromBytes(content)
		s.do(http.MethodPut, withQuery(loc, "digest", dgst.String()), nil).is(http.StatusCreated)
		s.readBack(dgst, content)
	}},
	{"upload cancelled", "Cancel a blob upload", func(s *suite) {
		loc := s.do(http.MethodPatch, s.start(), randomBytes(100)).is(http.StatusAccepted).location()
		// Only the draft has this request: 1.1.1 leaves the answer open.
		a := s.do(http.MethodDelete, loc, nil)
		if a.status < 300 {
			a.isShould(http.StatusNoContent)
			s.do(http.MethodGet, loc, nil).is(http.StatusNotFound).code("BLOB_UPLOAD_UNKNOWN")
		}
	}},
	{"upload with the wrong digest", "Pushing blobs", func(s *suite) {
		dgst := digest.FromBytes(randomBytes(9))
		s.do(http.MethodPut, withQuery(s.start(), "digest", dgst.String()), randomBytes(1000)).
			refused(http.StatusBadRequest).code("DIGEST_INVALID")
		s.do(http.MethodHead, s.path("blobs/"+dgst.String()), nil).is(http.StatusNotFound)
	}},
	{"upload with an unknown algorithm", "Pushing blobs", func(s *suite) {
		a := s.do(http.MethodPut, withQuery(s.start(), "digest", "md5:d41d8cd98f00b204e9800998ecf8427e"), nil)
		s.must(a.status >= 400, "%s: %d for md5", a.what, a.status)
		a.isShould(http.StatusBadRequest)
	}},
	{"upload without a digest", "Pushing a blob in chunks", func(s *suite) {
		a := s.do(http.MethodPut, s.start(), randomBytes(10))
		s.must(a.status >= 400 && a.status < 500, "%s: %d without a digest", a.what, a.status)
	}},
}

// chunk sends the bytes first to last, both included.
func (s *suite) chunk(method, loc string, content []byte, first, last int) *answer {
	return s.do(method, loc, content[first:last+1], "Content-Range", fmt.Sprintf("%d-%d", first, last))
}
