// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
)

// Request is a request in the record.
type Request struct {
	Method     string // its first 32 bytes
	Path       string // with the query, secrets redacted; its first KiB
	Operation  Operation
	Repository string        // "" where there is none
	Tag        string        // of a manifest
	Digest     digest.Digest // of a blob or a manifest
	Header     http.Header   // secrets redacted; at most 4 KiB, longer values end in "..."
	Status     int           // 0 while, or if, there was no answer
	BytesIn    int64         // of the request's body
	BytesOut   int64         // of the answer's body
	Start      time.Time
	Duration   time.Duration // until the answer was complete
	Fault      string        // the fault that happened to it, if any
}

// String is one line, without times, for logs and comparisons.
func (r Request) String() string {
	s := fmt.Sprintf("%-6s %s -> %d (%s, %d in, %d out)", r.Method, r.Path, r.Status, r.Operation, r.BytesIn, r.BytesOut)
	if r.Fault != "" {
		s += " FAULT " + r.Fault
	}
	return s
}

// record is the last requests, in the order in which they came.
type record struct {
	mu    sync.Mutex
	limit int
	ring  []Request // a ring once it is full
	total int       // requests since the last reset
	ever  int       // requests ever
}

// maxRecordedPath bounds what a request costs in memory.
const maxRecordedPath = 1024

func recordedPath(r *http.Request) string {
	path := r.RequestURI
	if path == "" || path[0] != '/' { // not of net/http's server, or in another form
		path = r.URL.RequestURI()
	}
	path = redactQuery(path)
	if len(path) > maxRecordedPath {
		path = path[:maxRecordedPath] + "..."
	}
	return path
}

const redacted = "REDACTED"

// secretParams are the parameters of a query whose values are not recorded: those of
// OAuth 2 that a client may put there by mistake.
var secretParams = []string{"password", "refresh_token", "access_token", "token", "client_secret", "assertion", "code"}

func redactQuery(path string) string {
	front, query, ok := strings.Cut(path, "?")
	if !ok || query == "" {
		return path
	}
	params, found := strings.Split(query, "&"), false
	for i, param := range params {
		name, _, ok := strings.Cut(param, "=")
		plain, err := url.QueryUnescape(name)
		if ok && err == nil && slices.Contains(secretParams, strings.ToLower(plain)) {
			params[i], found = name+"="+redacted, true
		}
	}
	if !found {
		return path
	}
	return front + "?" + strings.Join(params, "&")
}

const (
	maxRecordedHeader = 4096 // bytes of all header fields
	maxRecordedValue  = 1024 // bytes of a value
	fieldOverhead     = 32   // what a field costs besides, as HTTP/2 counts (RFC 9113, section 6.5.2)
)

// recordedHeader copies as much of a header as may be kept: where that is not all,
// what comes first by name.
func recordedHeader(header http.Header) http.Header {
	fields, size := 0, 0
	for name, values := range header {
		fields += len(values)
		for _, value := range values {
			size += len(name) + len(value) + fieldOverhead
		}
	}
	kept := make(http.Header, min(len(header), maxRecordedHeader/fieldOverhead))
	list := make([]string, 0, min(fields, maxRecordedHeader/fieldOverhead))
	if size <= maxRecordedHeader {
		for name, values := range header {
			start := len(list)
			for _, value := range values {
				list = append(list, recordedValue(name, value))
			}
			kept[name] = list[start:len(list):len(list)]
		}
		return kept
	}
	rest := maxRecordedHeader
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			value = recordedValue(name, value)
			if cost := len(name) + len(value) + fieldOverhead; cost <= rest {
				rest -= cost
				kept[name] = append(kept[name], value)
			}
		}
	}
	return kept
}

// recordedValue is the value of a header field without what is secret. Of
// credentials the scheme stays (RFC 9110, section 11.4).
func recordedValue(name, value string) string {
	switch {
	case value == "":
		return ""
	case name == "Authorization" || name == "Proxy-Authorization":
		scheme, _, ok := strings.Cut(value, " ")
		switch {
		case !ok || !isScheme(scheme):
			return redacted
		case scheme == "Bearer":
			return "Bearer " + redacted // a constant
		}
		return scheme + " " + redacted
	case isSecret(name):
		return redacted
	case name == "Referer":
		value = redactQuery(value)
	}
	if len(value) > maxRecordedValue {
		return value[:maxRecordedValue-3] + "..."
	}
	return value
}

func isScheme(s string) bool {
	return s != "" && len(s) <= 32 && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
}

// isSecret reports whether a header field has credentials, by its name.
func isSecret(name string) bool {
	for _, word := range []string{"Cookie", "Token", "Secret", "Password", "Credential", "Api-Key", "Auth"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// maxRecordedMethod is longer than any method that means something.
const maxRecordedMethod = 32

// begin adds a request and returns its number, for update.
func (l *record) begin(r *http.Request, c *call, start time.Time) (number int) {
	method, path := r.Method[:min(len(r.Method), maxRecordedMethod)], recordedPath(r)
	if len(r.Method)+len(r.RequestURI) > maxRecordedPath {
		// All of these are parts of the request's line, of up to a megabyte.
		method, path = strings.Clone(method), strings.Clone(path)
		c.detach()
	}
	if l.limit < 0 {
		return 0
	}
	return l.add(Request{
		Method: method, Path: path, Operation: c.op,
		Repository: c.repo, Tag: c.tag, Digest: c.digest, Start: start,
		Header: recordedHeader(r.Header),
	})
}

func (l *record) add(r Request) (number int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.ring) < l.limit:
		l.ring = append(l.ring, r)
	default:
		l.ring[l.total%l.limit] = r
	}
	l.total++
	l.ever++
	return l.ever
}

// update changes a request, unless it is forgotten already.
func (l *record) update(number int, change func(*Request)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ago := l.ever - number; number > 0 && ago < len(l.ring) {
		change(&l.ring[(l.total-1-ago)%l.limit])
	}
}

// list returns the requests, with headers that are the caller's.
func (l *record) list() []Request {
	l.mu.Lock()
	list := make([]Request, 0, len(l.ring))
	for i := range l.ring {
		list = append(list, l.ring[(l.total+i)%len(l.ring)])
	}
	l.mu.Unlock()
	for i := range list {
		list[i].Header = list[i].Header.Clone()
	}
	return list
}

func (l *record) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring, l.total = nil, 0
}

// dump shows the record to people.
func (l *record) dump() string {
	list := l.list()
	l.mu.Lock()
	total := l.total
	l.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "registrytest: %d requests", total)
	if total > len(list) {
		fmt.Fprintf(&b, ", the last %d", len(list))
	}
	for i, r := range list {
		fmt.Fprintf(&b, "\n%4d %8s  %s", total-len(list)+i+1, r.Duration.Round(10*time.Microsecond), r)
	}
	return b.String()
}

// Diff compares the requests that are wanted, in their order, with those of
// [Handler.Requests], for a test to show. It returns "" if they are the same, else a
// line for each request: those that begin with "-" are wanted and absent, those that
// begin with "+" are there and not wanted.
//
// A wanted request is written as [Request.String] begins, such as
// "GET /v2/demo/app/manifests/v1 -> 200"; what is left out at its end may be
// anything. In the path, which is compared with the query, * stands for any bytes, as
// the number of an upload has to be, and ? for one (see path.Match). The number of
// blanks does not matter, and blank lines are passed over.
func Diff(want []string, got []Request) string {
	var wanted, there [][]string
	for _, line := range want {
		if fields := strings.Fields(line); len(fields) > 0 {
			wanted = append(wanted, fields)
		}
	}
	for _, r := range got {
		there = append(there, strings.Fields(r.String()))
	}
	var b strings.Builder
	same := true
	show := func(mark string, fields []string) {
		same = same && mark == " "
		fmt.Fprintf(&b, "%s %-6s %s\n", mark, fields[0], strings.Join(fields[1:], " "))
	}
	shared := longestShared(wanted, there)
	for len(wanted) > 0 || len(there) > 0 {
		rest := shared[len(wanted)][len(there)]
		switch {
		case len(wanted) > 0 && len(there) > 0 && isWanted(wanted[0], there[0]):
			show(" ", there[0])
			wanted, there = wanted[1:], there[1:]
		case len(wanted) > 0 && shared[len(wanted)-1][len(there)] == rest:
			show("-", wanted[0])
			wanted = wanted[1:]
		default:
			show("+", there[0])
			there = there[1:]
		}
	}
	if same {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// isWanted reports whether a line of the record is one that is wanted.
func isWanted(want, got []string) bool {
	if len(want) > len(got) {
		return false
	}
	for i, field := range want {
		if field != got[i] && (i != 1 || !matchPath(field, got[i])) {
			return false
		}
	}
	return true
}

// longestShared returns how many lines at most the last i of want and the last j of
// got have in common, in their order.
func longestShared(want, got [][]string) [][]int32 {
	shared := make([][]int32, len(want)+1)
	shared[0] = make([]int32, len(got)+1)
	for i := 1; i <= len(want); i++ {
		shared[i] = make([]int32, len(got)+1)
		for j := 1; j <= len(got); j++ {
			if isWanted(want[len(want)-i], got[len(got)-j]) {
				shared[i][j] = shared[i-1][j-1] + 1
			} else {
				shared[i][j] = max(shared[i-1][j], shared[i][j-1])
			}
		}
	}
	return shared
}
