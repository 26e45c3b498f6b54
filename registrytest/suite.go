// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// Finding is an answer of a registry that is not what the specification says, or
// that there was none, which says nothing about the registry's conformance.
type Finding struct {
	Check   string // what was tried, such as "chunk out of order"
	Section string // of the specification, the one that decides; "" without an answer
	Must    bool   // a MUST of the specification, or else a SHOULD
	Message string // what was answered, and what would have been right
}

// String is one line.
func (f Finding) String() string {
	if f.Section == "" {
		return f.Check + ": " + f.Message
	}
	level := "SHOULD"
	if f.Must {
		level = "MUST"
	}
	return fmt.Sprintf("%s: %s (%s, %q)", f.Check, f.Message, level, f.Section)
}

// TestRegistry tries the registry at baseURL, such as "http://127.0.0.1:5000",
// and returns what it does otherwise than the specification says; a conforming
// registry leaves nothing. It is to a registry what testing/fstest.TestFS is to
// a file system. The client brings credentials if they are needed.
//
// It writes to new repositories under "registrytest/", a few megabytes, and
// deletes only part of it. Where the specification, 1.1.1 or its draft of 2026,
// leaves a registry free, all ways are right. What other registries leave is in
// the file REGISTRIES.md of this package.
//
// It stops with a finding that says so, the last, when the registry can't be
// reached, be it from the start, or when ctx is done.
func TestRegistry(ctx context.Context, client *http.Client, baseURL string) []Finding {
	s := &suite{ctx: ctx, client: client, base: strings.TrimSuffix(baseURL, "/")}
	for _, check := range suiteChecks {
		if s.run(check); s.over {
			break
		}
	}
	return s.findings
}

// suiteCheck tries one thing in a repository of its own.
type suiteCheck struct {
	name    string
	section string
	try     func(s *suite)
}

var suiteChecks = slices.Concat(blobChecks, uploadChecks, manifestChecks, listChecks)

// suite is the state of TestRegistry.
type suite struct {
	ctx      context.Context
	client   *http.Client
	base     string
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

// in makes the findings of what follows those of another section, until the
// function that it returns is called.
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

// answer is a response that was read.
type answer struct {
	s      *suite
	method string
	what   string
	status int
	header http.Header
	body   []byte
	url    *url.URL
}

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
		req.Header.Set("Content-Type", manifest.BlobMediaType)
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

// answers tells whether the registry answers at all.
func (s *suite) answers() bool {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.base+"/v2/", nil)
	if err != nil {
		return false
	}
	resp, err := s.client.Do(req)
	return err == nil && resp.Body.Close() == nil
}

// checkForm holds for every answer ("Error Codes", "Warnings").
func (a *answer) checkForm() {
	defer a.s.in("Warnings")()
	total := 0
	for _, warning := range a.header.Values("Warning") {
		total += len(warning)
		a.s.must(strings.HasPrefix(warning, "299 - "), "%s: Warning %q, not 299 -", a.what, warning)
	}
	a.s.must(total <= maxWarnings, "%s: %d bytes of warnings", a.what, total)
	a.s.check.section = "Error Codes"
	if a.status < 400 || a.status > 499 || len(a.body) == 0 || !json.Valid(a.body) {
		return
	}
	var body errorBody
	err := json.Unmarshal(a.body, &body)
	if !a.s.must(err == nil && len(body.Errors) > 0, "%s: the body of %d has no errors: %.100s", a.what, a.status, a.body) {
		return
	}
	for _, e := range body.Errors {
		_, known := codeStatus[e.Code]
		a.s.must(known, "%s: code %q is none of the specification", a.what, e.Code)
	}
}

// is notes a finding unless the status is one of those, and ends the check.
func (a *answer) is(statuses ...int) *answer {
	if !a.s.must(slices.Contains(statuses, a.status), "%s: %d, not %s", a.what, a.status, oneOf(statuses)) {
		panic(stopCheck{})
	}
	return a
}

// isShould is a SHOULD, and goes on.
func (a *answer) isShould(statuses ...int) *answer {
	a.s.should(slices.Contains(statuses, a.status), "%s: %d, not %s", a.what, a.status, oneOf(statuses))
	return a
}

// code notes a finding if the answer has an error body without the code.
func (a *answer) code(want ErrorCode) {
	var body errorBody
	if json.Unmarshal(a.body, &body) != nil || len(body.Errors) == 0 {
		return // a body in any format is right
	}
	var got []string
	for _, e := range body.Errors {
		if e.Code == want {
			return
		}
		got = append(got, string(e.Code))
	}
	defer a.s.in("Error Codes")()
	a.s.should(false, "%s: code %s, not %s", a.what, strings.Join(got, ","), want)
}

// has notes a finding unless a header has the value.
func (a *answer) has(key, want string) *answer {
	got := a.header.Get(key)
	a.s.must(got == want, "%s: %s is %q, not %q", a.what, key, got, want)
	return a
}

// describes notes a finding unless the headers of an answer fit the content:
// one that is missing is a SHOULD. The digest may be by another algorithm than
// the one that was asked for ("Pulling manifests").
func (a *answer) describes(content []byte) *answer {
	defer a.s.in(cmp.Or(map[string]string{http.MethodHead: "Checking if content exists in the registry"}[a.method], a.s.check.section))()
	dgst := digest.Digest(a.header.Get(headerDigest))
	if dgst == "" {
		a.s.should(a.method == http.MethodPut, "%s: no %s", a.what, headerDigest)
	} else if parsed, err := parseDigest(dgst.String()); err != nil || parsed.Algorithm().FromBytes(content) != dgst {
		a.s.must(false, "%s: %s is %q, not a digest of the content", a.what, headerDigest, dgst)
	}
	if length := a.header.Get("Content-Length"); length == "" {
		a.s.should(a.method != http.MethodHead, "%s: no Content-Length", a.what)
	} else {
		a.s.must(a.method != http.MethodHead || length == fmt.Sprint(len(content)),
			"%s: Content-Length is %s, not %d", a.what, length, len(content))
	}
	return a
}

// refused notes a finding if the answer is none of the 4xx, which ends the
// check, or not the one that fits.
func (a *answer) refused(fit int) *answer {
	if !a.s.must(a.status >= 400 && a.status < 500, "%s: %d, not %d", a.what, a.status, fit) {
		panic(stopCheck{})
	}
	return a.isShould(fit)
}

// holds notes a finding unless the body is want.
func (a *answer) holds(want []byte) *answer {
	a.s.must(bytes.Equal(a.body, want), "%s: the body is not what was pushed (%d bytes for %d)", a.what, len(a.body), len(want))
	return a
}

// location is the Location header made absolute; none ends the check.
func (a *answer) location() string {
	loc := a.header.Get("Location")
	u, err := a.url.Parse(loc)
	if !a.s.must(loc != "" && err == nil && strings.HasPrefix(u.Scheme, "http") && u.Host != "", "%s: Location is %q", a.what, loc) {
		panic(stopCheck{})
	}
	return u.String()
}

// shorten leaves out the middle of what is long: the state that a registry puts
// into the location of an upload, for one.
func shorten(s string) string {
	if len(s) <= 160 {
		return s
	}
	return s[:120] + "..." + s[len(s)-30:]
}

func oneOf(statuses []int) string {
	s := make([]string, len(statuses))
	for i, status := range statuses {
		s[i] = fmt.Sprint(status)
	}
	return strings.Join(s, " or ")
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
