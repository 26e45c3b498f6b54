// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// RateLimit says how often each user may ask for something. Who is anonymous counts
// by address. A window begins with a user's first request and is followed by the next
// when it is over.
//
// Answers that count bear RateLimit-Limit and RateLimit-Remaining, such as
// "100;w=21600", as Docker Hub's do. What is too much is answered with 429,
// TOOMANYREQUESTS, and a Retry-After that leads to the end of the window.
type RateLimit struct {
	// Requests is how many requests a window has. Below 1: none pass.
	Requests int

	// Window is how long a window is, in whole seconds. Default: 1 minute.
	Window time.Duration

	// Operations are those that count. Default: all but [OpPing] and [OpToken].
	Operations []Operation

	// NoHeaders leaves the RateLimit headers out, and Retry-After.
	NoHeaders bool
}

// rateWindows are the windows that users are in.
type rateWindows struct {
	mu     sync.Mutex
	byUser map[string]*rateWindow
}

type rateWindow struct {
	ends time.Time
	used int
}

// countRate counts a request that may come in, and refuses one too many.
func (q *request) countRate() error {
	l := q.h.opts.RateLimit
	if l == nil || !l.counts(q.op) {
		return nil
	}
	window := l.Window
	if window <= 0 {
		window = time.Minute
	}
	used, ends := q.h.rates.count(q.rateKey(), q.h.opts.Now(), window)
	if !l.NoHeaders {
		w := fmt.Sprintf(";w=%d", int(window.Seconds()))
		setHeaders(q.w.Header(), "Ratelimit-Limit", strconv.Itoa(max(0, l.Requests))+w,
			"Ratelimit-Remaining", strconv.Itoa(max(0, l.Requests-used))+w)
	}
	if used <= l.Requests {
		return nil
	}
	if !l.NoHeaders {
		wait := ends.Sub(q.h.opts.Now())
		q.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	return errorf(ErrTooManyRequests, "more than %d requests in %v", max(0, l.Requests), window)
}

func (l *RateLimit) counts(op Operation) bool {
	if l.Operations == nil {
		return op != OpPing && op != OpToken
	}
	return slices.Contains(l.Operations, op)
}

// rateKey names whose request it is. A user's name has no NUL before it.
func (q *request) rateKey() string {
	if q.user != "" {
		return q.user
	}
	host, _, err := net.SplitHostPort(q.r.RemoteAddr)
	if err != nil {
		host = q.r.RemoteAddr
	}
	return "\x00" + host
}

// count returns how many requests the window has had with this one, and when it ends.
func (w *rateWindows) count(key string, now time.Time, window time.Duration) (used int, ends time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	current := w.byUser[key]
	if current == nil || !now.Before(current.ends) {
		if w.byUser == nil {
			w.byUser = map[string]*rateWindow{}
		}
		current = &rateWindow{ends: now.Add(window)}
		w.byUser[key] = current
	}
	current.used++
	return current.used, current.ends
}
