// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/opencontainers/go-digest"
)

// exchange is a request and its answer on their way. It stands between the
// connection and the endpoints, for which it is the [http.ResponseWriter]: it
// counts, it slows down, it does the harm that a fault asks for.
type exchange struct {
	w       http.ResponseWriter
	r       *http.Request
	h       *Handler
	entry   int // its number in the record
	start   time.Time
	body    requestBody
	fault   *queuedFault // never nil
	fired   bool         // it took effect
	dropped bool         // the connection is to be closed; nothing is written any more

	status  int
	in, out int64 // bytes of the bodies that passed
	sent    int64 // bytes of the answer's body that the endpoint wrote
	limit   int64 // of WrongLength: net/http refuses to send more than it says
}

// newExchange begins an exchange. The endpoints read the request's body through it.
func newExchange(h *Handler, w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, r: r, h: h, fault: &noFault, start: h.opts.Now()}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	x.body = requestBody{x, r.Body}
	r.Body = &x.body
	return x
}

// finish ends an exchange that was answered, or closes its connection.
func (x *exchange) finish() {
	if x.status == 0 && !x.dropped {
		x.WriteHeader(http.StatusOK)
	}
	if !x.dropped && (x.fault.Effect == DropBody || x.fault.Effect == Reset) {
		x.fire()
		x.flush() // the body has fewer bytes, or is none
		x.cut()
	}
	if x.dropped {
		panic(http.ErrAbortHandler)
	}
}

// note brings the record of the request up to date.
func (x *exchange) note() {
	duration := x.h.opts.Now().Sub(x.start)
	x.h.record.update(x.entry, func(r *Request) {
		r.Status, r.BytesIn, r.BytesOut, r.Duration = x.status, x.in, x.out, duration
	})
}

// plain is true where bodies may pass without being looked at.
func (x *exchange) plain() bool { return x.bandwidth() <= 0 && x.fault.Effect == NoEffect }

// bandwidth is how many bytes pass in a second, if that is limited.
func (x *exchange) bandwidth() int64 { return cmp.Or(x.fault.Bandwidth, x.h.opts.Bandwidth) }

// drop closes the connection without an answer.
func (x *exchange) drop() {
	x.dropped = true
	panic(http.ErrAbortHandler)
}

// cut closes the connection, with a reset if that is asked for.
func (x *exchange) cut() {
	x.dropped = true
	if x.fault.Effect == Reset {
		reset(x.w)
	}
}

// reset ends a connection so that the client's system says "connection reset". That
// of HTTP/2 belongs to other requests too, so there it does nothing: what follows ends
// the stream.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tlsConn, ok := conn.(*tls.Conn); ok {
		conn = tlsConn.NetConn()
	}
	if tcp, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}

// pace waits as long as n bytes need.
func (x *exchange) pace(n int) error {
	if b := x.bandwidth(); b > 0 && n > 0 {
		if x.fault.Bandwidth > 0 {
			x.fire()
		}
		return x.wait(time.Duration(float64(n) / float64(b) * float64(time.Second)))
	}
	return nil
}

// wait sleeps until client or server goes away, which is an error. That the
// client went away is known only once its request's body was read: until then
// net/http does not look at the connection.
func (x *exchange) wait(d time.Duration) error {
	ctx, cancel := context.WithCancel(x.r.Context())
	defer cancel()
	stop := context.AfterFunc(x.h.closing, cancel)
	defer stop()
	return x.h.opts.Sleep(ctx, d)
}

// waitOrDrop is for what happens before the request is performed: of a client
// that did not wait for it nothing is done.
func (x *exchange) waitOrDrop(d time.Duration) {
	if x.wait(d) != nil {
		x.drop()
	}
}

// stall waits until client or server goes away, and drops the connection.
func (x *exchange) stall() {
	x.fire()
	if x.status != 0 {
		x.flush()
	}
	// What the endpoint left of the request's body is in the way of noticing
	// that the client goes away. A client that sent Expect: 100-continue is not
	// sent 100.
	var rest io.Reader = x.body.body
	if x.in == 0 && x.r.Header.Get("Expect") != "" {
		rest = http.NoBody
	}
	end := context.AfterFunc(x.h.closing, func() {
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Unix(1, 0))
	})
	defer end()
	if _, err := io.Copy(io.Discard, rest); err != nil && !errors.Is(err, http.ErrBodyReadAfterClose) {
		x.drop()
	}
	select {
	case <-x.r.Context().Done():
	case <-x.h.closing.Done():
	}
	x.drop()
}

func (x *exchange) flush() {
	if f, ok := x.w.(http.Flusher); ok {
		f.Flush()
	}
}

var noFault queuedFault

var errDropped = errors.New("registrytest: connection dropped by a fault")

// requestBody is the request's body as the endpoint reads it.
type requestBody struct {
	x    *exchange
	body io.ReadCloser
}

func (b *requestBody) Read(p []byte) (int, error) {
	x := b.x
	if x.dropped {
		return 0, errDropped
	}
	if x.fault.Effect == DropUpload {
		p = p[:min(int64(len(p)), x.fault.At-x.in)]
	}
	if x.bandwidth() > 0 {
		p = p[:min(len(p), 64<<10)]
	}
	n, err := b.body.Read(p)
	x.in += int64(n)
	end := x.fault.Effect == DropUpload && (x.in == x.fault.At || err != nil)
	if end {
		x.fire()
	}
	if x.pace(n) != nil || end {
		x.dropped = true
		err = errDropped
	}
	return n, err
}

func (b *requestBody) Close() error { return b.body.Close() }

func (x *exchange) Header() http.Header { return x.w.Header() }

// Unwrap is for [http.ResponseController].
func (x *exchange) Unwrap() http.ResponseWriter { return x.w }

func (x *exchange) WriteHeader(status int) {
	if x.dropped || x.status != 0 {
		return
	}
	h := x.w.Header()
	switch x.fault.Effect {
	case DropResponse, DropUpload:
		x.fire()
		x.dropped = true
		return
	case DropBody, Reset:
		x.describeEmpty(status)
	case GoAway:
		x.fire()
		h.Set("Connection", "close")
	case Stall:
		if x.fault.At <= 0 {
			x.stall()
		}
	case Truncate:
		if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil && n > x.fault.At {
			x.fire()
			h.Set("Content-Length", strconv.FormatInt(x.fault.At, 10))
		}
	case WrongLength:
		x.describeEmpty(status)
		if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
			if x.fault.At == 0 {
				n++
			}
			x.limit = max(0, n+x.fault.At)
			x.fire()
			h.Set("Content-Length", strconv.FormatInt(x.limit, 10))
		}
	case WrongDigest:
		if h.Get(headerDigest) != "" {
			x.fire()
			h.Set(headerDigest, digest.FromString("registrytest: something else").String())
		}
	}
	if x.fault.Header != nil && x.fault.Status == 0 {
		x.fire()
		for key, values := range x.fault.Header {
			if key = http.CanonicalHeaderKey(key); len(values) > 0 {
				h[key] = slices.Clone(values)
			} else {
				delete(h, key)
			}
		}
	}
	x.status = status
	x.note()
	// For net/http to see that a huge body was not read: of a body that it does
	// not know it would wait for 256 KiB before it sends the answer.
	x.r.Body = x.body.body
	x.w.WriteHeader(status)
}

// describeEmpty makes an answer that has no body say so, as net/http does when
// nothing is wrong: whoever has a body to send gives its length. A 204 must not
// (RFC 9110, section 8.6), and a 304 would speak of what is not sent.
func (x *exchange) describeEmpty(status int) {
	if h := x.w.Header(); h["Content-Length"] == nil && status != http.StatusNoContent && status != http.StatusNotModified {
		h.Set("Content-Length", "0")
	}
}

func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if x.dropped {
		return 0, errDropped
	}
	if x.r.Method == http.MethodHead {
		return len(p), nil // as net/http does, but nothing is counted
	}
	if x.plain() {
		return x.pass(p)
	}
	whole := len(p)
	for len(p) > 0 {
		piece := p[:min(len(p), 64<<10)]
		p = p[len(piece):]
		if err := x.writePiece(piece); err != nil {
			return whole - len(p) - len(piece), err
		}
	}
	return whole, nil
}

// writePiece sends a piece of the body, harmed where it has to be.
func (x *exchange) writePiece(p []byte) error {
	start := x.sent
	x.sent += int64(len(p))
	rest := x.fault.At - start // of the bytes before At
	switch x.fault.Effect {
	case DropBody, Reset, Stall:
		if rest <= int64(len(p)) {
			x.fire()
			if err := x.send(p[:max(0, rest)]); err != nil {
				return err
			}
			if x.fault.Effect == Stall {
				x.stall()
			}
			x.flush()
			x.cut()
			panic(http.ErrAbortHandler)
		}
	case Truncate:
		if rest < int64(len(p)) {
			x.fire() // of an answer without a length too
		}
		if rest <= 0 {
			return nil
		}
		p = p[:min(int64(len(p)), rest)]
	case WrongLength:
		p = p[:min(int64(len(p)), max(0, x.limit-start))]
	case Corrupt:
		if rest >= 0 && rest < int64(len(p)) {
			x.fire()
			p = append([]byte(nil), p...) // the stored bytes stay as they are
			p[rest] ^= 0xff
		}
	}
	return x.send(p)
}

func (x *exchange) send(p []byte) error {
	_ = x.pace(len(p)) // a client that went away makes Write fail
	_, err := x.pass(p)
	return err
}

// pass hands bytes to the connection. They are in the record before they can
// arrive, so that a client which has read all of the answer finds it there complete.
func (x *exchange) pass(p []byte) (int, error) {
	x.out += int64(len(p))
	x.note()
	n, err := x.w.Write(p)
	x.out -= int64(len(p) - n)
	return n, err
}

// ReadFrom lets net/http send a file without copying it through the process.
func (x *exchange) ReadFrom(src io.Reader) (int64, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if rf, ok := x.w.(io.ReaderFrom); ok && x.plain() && !x.dropped {
		// In the record first, as pass does: it will be as long as it says.
		before := x.out
		if n, err := strconv.ParseInt(x.Header().Get("Content-Length"), 10, 64); err == nil {
			x.out = max(before, n)
			x.note()
		}
		n, err := rf.ReadFrom(src)
		x.out = before + n
		return n, err
	}
	return io.Copy(writerOnly{x}, src)
}

type writerOnly struct{ io.Writer }

// setHeaders sets headers, given as names in canonical form and values.
func setHeaders(head http.Header, pairs ...string) {
	values := make([]string, len(pairs)/2)
	for i := range values {
		values[i] = pairs[2*i+1]
		head[pairs[2*i]] = values[i : i+1 : i+1]
	}
}
