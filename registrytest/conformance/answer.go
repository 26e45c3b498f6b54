// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

const headerDigest = "Docker-Content-Digest"

// codes are those of the specification ("Error Codes").
var codes = []string{
	"BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN",
	"MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED",
	"UNSUPPORTED", "TOOMANYREQUESTS",
}

// errorBody is the JSON of an error ("Error Codes").
type errorBody struct {
	Errors []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"errors"`
}

// maxWarnings is the most bytes of warnings in an answer ("Warnings").
const maxWarnings = 4096

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
		a.s.must(slices.Contains(codes, e.Code), "%s: code %q is none of the specification", a.what, e.Code)
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
func (a *answer) code(want string) {
	var body errorBody
	if json.Unmarshal(a.body, &body) != nil || len(body.Errors) == 0 {
		return // a body in any format is right
	}
	var got []string
	for _, e := range body.Errors {
		if e.Code == want {
			return
		}
		got = append(got, e.Code)
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
	} else if parsed, err := grammar.ParseDigest(dgst.String()); err != nil || parsed.Algorithm().FromBytes(content) != dgst {
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
