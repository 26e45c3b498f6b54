// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

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
		s.do(http.MethodGet, target, nil).is(http.StatusNotFound).code("BLOB_UNKNOWN")
		s.do(http.MethodHead, target, nil).is(http.StatusNotFound)
		s.pushBlob(randomBytes(9))
		s.do(http.MethodGet, target, nil).is(http.StatusNotFound).code("BLOB_UNKNOWN")
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
		s.do(http.MethodDelete, target, nil).is(http.StatusNotFound).code("BLOB_UNKNOWN")
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
