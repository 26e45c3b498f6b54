// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
)

// Request is a request in the record.
type Request struct {
	Method     string // its first 32 bytes
	Path       string // with the query; its first KiB
	Operation  Operation
	Repository string        // "" where there is none
	Tag        string        // of a manifest
	Digest     digest.Digest // of a blob or a manifest
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
	if len(path) > maxRecordedPath {
		path = path[:maxRecordedPath] + "..."
	}
	return path
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
	return l.add(Request{
		Method: method, Path: path, Operation: c.op,
		Repository: c.repo, Tag: c.tag, Digest: c.digest, Start: start,
	})
}

func (l *record) add(r Request) (number int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.limit < 0:
		return 0
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

func (l *record) list() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Request, 0, len(l.ring))
	for i := range l.ring {
		list = append(list, l.ring[(l.total+i)%len(l.ring)])
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
