// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// defaultStallTimeout is how long no byte may move.
const defaultStallTimeout = time.Minute

// watchedTransport watches the bytes of each request and its answer. It ends
// those that stall, and says of an error whether the registry could not be
// reached or the connection broke: what comes above can't tell that from content
// that is too short.
type watchedTransport struct {
	base  http.RoundTripper // nil: the default transport
	limit time.Duration     // below 0: none
}

// RoundTrip implements [http.RoundTripper].
func (t watchedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	x := &exchange{caller: r.Context(), host: r.URL.Host, limit: t.limit, cancel: cancel}
	x.request = x.watch()
	sent := r.WithContext(httptrace.WithClientTrace(ctx, x.trace()))
	x.watchBody(sent)
	base := t.base
	if base == nil {
		base = http.DefaultTransport
	}
	x.request.begin()
	response, err := base.RoundTrip(sent)
	x.request.end()
	if err != nil {
		cancel()
		return nil, x.failed(err)
	}
	if response.Body == nil || response.Body == http.NoBody {
		cancel()
		return response, nil
	}
	response.Body = &receivedBody{ReadCloser: response.Body, exchange: x, watch: x.watch()}
	return response, nil
}

// exchange is a request and its answer.
type exchange struct {
	caller context.Context // of the request as it came
	cancel context.CancelFunc
	host   string
	limit  time.Duration

	request   *watch
	traced    atomic.Bool // the transport tells what it does
	connected atomic.Bool
	stalled   atomic.Bool

	mu     sync.Mutex
	source error // what was wrong with the content that was to be sent
}

// watch returns a watch that cancels the exchange.
func (x *exchange) watch() *watch {
	return &watch{limit: x.limit, expire: func() {
		x.stalled.Store(true)
		x.cancel()
	}}
}

// trace follows the way to a connection. To wait for one that others use is no
// stall.
func (x *exchange) trace() *httptrace.ClientTrace {
	step := func() {
		if !x.connected.Load() {
			x.request.begin()
		}
	}
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			x.traced.Store(true)
			x.connected.Store(false)
			x.request.rest()
		},
		DNSStart:          func(httptrace.DNSStartInfo) { step() },
		ConnectStart:      func(string, string) { step() },
		TLSHandshakeStart: step,
		GotConn: func(httptrace.GotConnInfo) {
			x.connected.Store(true)
			x.request.begin()
		},
	}
}

// watchBody watches the body of r, and those that take its place if it has to
// be sent again.
func (x *exchange) watchBody(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	size := r.ContentLength
	r.Body = &sentBody{ReadCloser: r.Body, exchange: x, size: size}
	if again := r.GetBody; again != nil {
		r.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			if err != nil {
				return nil, err
			}
			return &sentBody{ReadCloser: body, exchange: x, size: size}, nil
		}
	}
}

// failed says of the error of a round trip whose fault it is.
func (x *exchange) failed(err error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.caller.Err() != nil:
		return err
	case x.source != nil:
		return x.source
	case x.traced.Load() && !x.connected.Load() || unreached(err):
		if x.stalled.Load() {
			err = &stalledError{x.limit}
		}
		return unreachable(x.host, err)
	}
	return x.broken(err)
}

// broken is the error of a connection that broke or stalled.
func (x *exchange) broken(err error) error {
	if x.stalled.Load() {
		err = &stalledError{x.limit}
	}
	return interrupted(x.host, err)
}

// sentBody is the body of a request. The time in which it is not read is that
// in which the network takes its bytes.
type sentBody struct {
	io.ReadCloser
	exchange *exchange
	size     int64 // 0 or less: not known
	got      int64
}

func (b *sentBody) Read(p []byte) (int, error) {
	b.exchange.request.rest()
	n, err := b.ReadCloser.Read(p)
	b.exchange.request.begin()
	b.got += int64(n)
	source := err
	if err == io.EOF {
		source = nil
	}
	if b.size > 0 && (b.got > b.size || err == io.EOF && b.got < b.size) {
		source = oci.WrongSize(b.size)
	}
	if source != nil {
		b.exchange.mu.Lock()
		b.exchange.source = source
		b.exchange.mu.Unlock()
	}
	return n, err
}

// receivedBody is the body of an answer.
type receivedBody struct {
	io.ReadCloser
	exchange *exchange
	watch    *watch
	err      error
}

func (b *receivedBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	b.watch.begin()
	n, err := b.ReadCloser.Read(p)
	b.watch.rest()
	if err == nil {
		return n, nil
	}
	if err != io.EOF && b.exchange.caller.Err() == nil {
		err = b.exchange.broken(err)
	}
	b.err = err
	b.finish()
	return n, err
}

func (b *receivedBody) Close() error {
	err := b.ReadCloser.Close()
	b.finish()
	return err
}

func (b *receivedBody) finish() {
	b.watch.end()
	b.exchange.cancel()
}

// watch expires when it was begun and not put to rest for as long as its limit.
type watch struct {
	limit  time.Duration
	expire func()

	mu    sync.Mutex
	timer *time.Timer
	since time.Time // zero: at rest
	ended bool
}

// begin starts to count anew.
func (w *watch) begin() {
	if w.limit < 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.since = time.Now()
	if w.timer == nil { // it goes on for as long as it finds something to wait for
		w.timer = time.AfterFunc(w.limit, w.look)
	}
}

// rest stops to count.
func (w *watch) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = time.Time{}
}

// end stops for good.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended, w.since = true, time.Time{}
	if w.timer != nil {
		w.timer.Stop()
	}
}

// look sees whether the time is over, which began anew with every byte.
func (w *watch) look() {
	w.mu.Lock()
	if w.since.IsZero() {
		w.timer = nil
		w.mu.Unlock()
		return
	}
	if left := w.limit - time.Since(w.since); left > 0 {
		w.timer.Reset(left)
		w.mu.Unlock()
		return
	}
	w.ended = true
	w.mu.Unlock()
	w.expire()
}
