// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
)

// suiteCheck tries one thing in a repository of its own.
type suiteCheck struct {
	name    string
	section string
	try     func(s *suite)
}

var suiteChecks = slices.Concat(blobChecks, uploadChecks, manifestChecks, listChecks)

// suite is the state of Check.
type suite struct {
	ctx      context.Context
	client   *http.Client
	base     string
	large    int // bytes of a manifest that every registry should take
	check    suiteCheck
	repo     string
	reached  bool // there was an answer
	over     bool // there will be none any more
	findings []Finding
}

// stopCheck ends a check that can't go on.
type stopCheck struct{}

func (s *suite) run(check suiteCheck) {
	s.check, s.repo = check, "registrytest/"+strings.ToLower(rand.Text())
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(stopCheck); !ok {
				panic(p)
			}
		}
	}()
	check.try(s)
}

func (s *suite) find(must bool, format string, args ...any) {
	s.findings = append(s.findings, Finding{s.check.name, s.check.section, must, fmt.Sprintf(format, args...)})
}

// in attributes the findings that follow to another section until the returned
// function is called.
func (s *suite) in(section string) (end func()) {
	before := s.check.section
	s.check.section = section
	return func() { s.check.section = before }
}

// must and should note a finding unless ok.
func (s *suite) must(ok bool, format string, args ...any) bool {
	if !ok {
		s.find(true, format, args...)
	}
	return ok
}

func (s *suite) should(ok bool, format string, args ...any) {
	if !ok {
		s.find(false, format, args...)
	}
}

const octetStream = "application/octet-stream"

const maxAnswer = 16 << 20

// do sends a request. header holds keys and values by turns. A request that
// fails ends the check.
func (s *suite) do(method, target string, body []byte, header ...string) *answer {
	if strings.HasPrefix(target, "/v2/") {
		target = s.base + target // not resolved: dots in a path stay
	}
	what := method + " " + shorten(strings.ReplaceAll(strings.TrimPrefix(target, s.base), s.repo, "<name>"))
	req, err := http.NewRequestWithContext(s.ctx, method, target, bytes.NewReader(body))
	if err != nil && !s.reached {
		s.noAnswer(what, err)
	}
	if err != nil {
		s.find(true, "%s: the location can't be read: %v", what, err)
		panic(stopCheck{})
	}
	if method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		req.Header.Set("Content-Type", octetStream)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Range" || header[i] == "Content-Range" {
			what += " with " + header[i] + " " + header[i+1]
		}
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.noAnswer(what, err)
	}
	defer resp.Body.Close()
	s.reached = true
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil && s.ctx.Err() != nil {
		s.noAnswer(what, err)
	}
	if err != nil {
		s.find(true, "%s: the body breaks off: %v", what, err)
		panic(stopCheck{})
	}
	a := &answer{s, method, what, resp.StatusCode, resp.Header, b, resp.Request.URL}
	a.checkForm()
	return a
}

// noAnswer notes that a request came to nothing, which is no section's matter,
// and ends the check; all checks, if nobody answers any more.
func (s *suite) noAnswer(what string, err error) {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // without the URL, which what has
	}
	defer s.in("")()
	switch {
	case s.ctx.Err() != nil:
		s.over = true
		s.find(false, "stopped at %s: %v", what, context.Cause(s.ctx))
	case !s.reached || !s.answers():
		s.over = true
		s.find(false, "the registry can't be reached: %v", err)
	default:
		s.find(false, "%s: no answer: %v", what, err)
	}
	panic(stopCheck{})
}

// answers reports whether the registry answers at all.
func (s *suite) answers() bool {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.base+"/v2/", nil)
	if err != nil {
		return false
	}
	resp, err := s.client.Do(req)
	return err == nil && resp.Body.Close() == nil
}

// withQuery adds parameters, keys and values by turns, to a location.
func withQuery(location string, params ...string) string {
	u, err := url.Parse(location)
	if err != nil {
		return location
	}
	query := u.Query()
	for i := 0; i+1 < len(params); i += 2 {
		query.Add(params[i], params[i+1])
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// path is a path in the check's repository.
func (s *suite) path(rest string) string { return "/v2/" + s.repo + "/" + rest }

// start begins an upload and returns where it goes.
func (s *suite) start() string {
	return s.do(http.MethodPost, s.path("blobs/uploads/"), nil).is(http.StatusAccepted).location()
}

// pushBlob pushes a blob in the plainest way.
func (s *suite) pushBlob(content []byte) digest.Digest {
	return s.pushBlobAs(digest.FromBytes(content), content)
}

func (s *suite) pushBlobAs(dgst digest.Digest, content []byte) digest.Digest {
	s.do(http.MethodPut, withQuery(s.start(), "digest", dgst.String()), content).is(http.StatusCreated)
	return dgst
}

// randomBytes are content that no registry has seen.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
