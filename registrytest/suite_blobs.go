// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/opencontainers/go-digest"
)

var blobChecks = []suiteCheck{
	{"ping", "Determining Support", func(s *suite) {
		s.do(http.MethodGet, "/v2/", nil).is(http.StatusOK)
	}},
	{"blob pushed and pulled", "Pulling blobs", func(s *suite) {
		for _, size := range []int{0, 1, 100_000} {
			content := randomBytes(size)
			s.readBack(s.pushBlob(content), content)
		}
	}},
	{"sha512 blob", "Pulling blobs", func(s *suite) {
		content := randomBytes(1000)
		dgst := digest.SHA512.FromBytes(content)
		// To know sha512 is a MAY (image specification, "Digests"): a registry
		// can say no, when asked for it or when it had prepared for another.
		a := s.do(http.MethodPost, s.path("blobs/uploads/?digest-algorithm=sha512"), nil).is(http.StatusAccepted, http.StatusBadRequest)
		if a.status == http.StatusAccepted &&
			s.do(http.MethodPut, withQuery(a.location(), "digest", dgst.String()), content).
				is(http.StatusCreated, http.StatusBadRequest).status == http.StatusCreated {
			s.readBack(dgst, content)
		}
		content = randomBytes(1000)
		dgst = digest.SHA512.FromBytes(content)
		if s.do(http.MethodPut, withQuery(s.start(), "digest", dgst.String()), content).
			is(http.StatusCreated, http.StatusBadRequest).status == http.StatusCreated {
			s.readBack(dgst, content)
		}
	}},
	{"absent blob", "Pulling blobs", func(s *suite) {
		target := s.path("blobs/" + digest.FromBytes(randomBytes(9)).String())
		s.do(http.MethodGet, target, nil).is(http.StatusNotFound).code(ErrBlobUnknown)
		s.do(http.MethodHead, target, nil).is(http.StatusNotFound)
		s.pushBlob(randomBytes(9))
		s.do(http.MethodGet, target, nil).is(http.StatusNotFound).code(ErrBlobUnknown)
	}},
	{"blob of another repository", "Pulling blobs", func(s *suite) {
		dgst := s.pushBlob(randomBytes(9))
		s.do(http.MethodHead, "/v2/"+s.repo+"-other/blobs/"+dgst.String(), nil).is(http.StatusNotFound)
	}},
	{"range of a blob", "Pulling blobs", func(s *suite) {
		content := randomBytes(1000)
		target := s.path("blobs/" + s.pushBlob(content).String())
		for _, c := range []struct {
			header      string
			first, last int
		}{{"bytes=0-0", 0, 0}, {"bytes=10-19", 10, 19}, {"bytes=990-", 990, 999}, {"bytes=-10", 990, 999},
			{"bytes=995-2000", 995, 999}, {"bytes=-2000", 0, 999}} {
			a := s.do(http.MethodGet, target, nil, "Range", c.header)
			a.isShould(http.StatusPartialContent)
			if a.status == http.StatusPartialContent {
				a.has("Content-Range", fmt.Sprintf("bytes %d-%d/1000", c.first, c.last)).holds(content[c.first : c.last+1])
			}
		}
		s.do(http.MethodGet, target, nil, "Range", "bytes=1000-").isShould(http.StatusRequestedRangeNotSatisfiable)
		s.do(http.MethodGet, target, nil, "Range", "lines=1-2").isShould(http.StatusOK)
	}},
	{"blob mounted", "Mounting a blob from another repository", func(s *suite) {
		content := randomBytes(100)
		dgst, from := s.pushBlob(content), s.repo
		s.repo += "-target"
		a := s.do(http.MethodPost, s.path("blobs/uploads/?mount="+dgst.String()+"&from="+url.QueryEscape(from)), nil)
		if a.is(http.StatusCreated, http.StatusAccepted).status == http.StatusAccepted {
			s.do(http.MethodPut, withQuery(a.location(), "digest", dgst.String()), content).is(http.StatusCreated)
		}
		s.readBack(dgst, content)
		s.repo = from
		s.readBack(dgst, content)
	}},
	{"blob mounted from nowhere", "Mounting a blob from another repository", func(s *suite) {
		content := randomBytes(100)
		dgst := digest.FromBytes(content)
		for _, from := range []string{"", "&from=" + s.repo + "-absent"} {
			a := s.do(http.MethodPost, s.path("blobs/uploads/?mount="+dgst.String()+from), nil)
			s.should(a.status == http.StatusAccepted, "%s: %d, not 202", a.what, a.status)
			s.must(a.status != http.StatusCreated, "%s: 201 for a blob that nobody has", a.what)
		}
	}},
	{"blob deleted", "Deleting Blobs", func(s *suite) {
		dgst := s.pushBlob(randomBytes(100))
		target := s.path("blobs/" + dgst.String())
		if s.do(http.MethodDelete, target, nil).is(http.StatusAccepted, http.StatusBadRequest, http.StatusMethodNotAllowed).status != http.StatusAccepted {
			return
		}
		s.do(http.MethodGet, target, nil).is(http.StatusNotFound)
		s.do(http.MethodDelete, target, nil).is(http.StatusNotFound).code(ErrBlobUnknown)
	}},
	{"bad digest in a blob's path", "Pulling blobs", func(s *suite) {
		s.pushBlob(randomBytes(9))
		for _, bad := range []string{"sha256:0123", "sha256:" + strings.Repeat("Z", 64), "md5:" + strings.Repeat("0", 32), "nonsense"} {
			s.do(http.MethodGet, s.path("blobs/"+bad), nil).is(http.StatusBadRequest, http.StatusNotFound)
		}
	}},
	{"bad repository name", "Pulling manifests", func(s *suite) {
		for _, bad := range []string{"Upper/case", "a//b", "-a", "a-", "a..b", "a/../b", "a/%2e%2e/b", "a b", "a___b"} {
			a := s.do(http.MethodPost, "/v2/"+strings.ReplaceAll(bad, " ", "%20")+"/blobs/uploads/", nil)
			s.must(a.status >= 400 && a.status < 500, "%s: %d for a name that does not match the grammar", a.what, a.status)
		}
	}},
}

// readBack pulls a blob in both ways.
func (s *suite) readBack(dgst digest.Digest, content []byte) {
	target := s.path("blobs/" + dgst.String())
	s.do(http.MethodHead, target, nil).is(http.StatusOK).describes(content)
	s.do(http.MethodGet, target, nil).is(http.StatusOK).describes(content).holds(content)
}

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
			s.do(http.MethodGet, loc, nil).is(http.StatusNotFound).code(ErrBlobUploadUnknown)
		}
	}},
	{"upload with the wrong digest", "Pushing blobs", func(s *suite) {
		dgst := digest.FromBytes(randomBytes(9))
		s.do(http.MethodPut, withQuery(s.start(), "digest", dgst.String()), randomBytes(1000)).
			refused(http.StatusBadRequest).code(ErrDigestInvalid)
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
