// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// roundTripper is a transport without a network.
type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer is a transport that answers with body.
func answer(body io.Reader) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return nil, err
			}
		}
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body), ContentLength: -1, Request: r}, nil
	}
}

// pieces is a body whose reads each take some time, and then hang.
type pieces struct {
	ctx   context.Context
	left  int
	pause time.Duration
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.left--; p.left < 0 {
		<-p.ctx.Done()
		return 0, p.ctx.Err()
	}
	time.Sleep(p.pause)
	return copy(b, "x"), nil
}

// slowly is a reader that takes its time.
type slowly struct {
	io.Reader
	pause time.Duration
}

func (s slowly) Read(b []byte) (int, error) {
	time.Sleep(s.pause)
	return s.Reader.Read(b)
}

// TestStalls runs requests in a time of their own. What is of the network
// counts, what is of the caller does not.
func TestStalls(t *testing.T) {
	t.Parallel()
	const limit = time.Minute
	get := func(t *testing.T, body io.Reader) *http.Request {
		method := http.MethodGet
		if body != nil {
			method = http.MethodPut
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "http://registry.example.com/v2/", body)
		require.NoError(t, err)
		return r
	}
	for name, c := range map[string]struct {
		base  roundTripper
		body  io.Reader     // of the request
		pause time.Duration // of whoever reads the answer, before each byte
		limit time.Duration
		want  error
		after time.Duration
	}{
		"an answer that does not come": {
			base:  func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
			limit: limit, want: ErrInterrupted, after: limit,
		},
		"a connection that is not made": {
			base: func(r *http.Request) (*http.Response, error) {
				trace := httptrace.ContextClientTrace(r.Context())
				trace.GetConn("registry.example.com:80")
				time.Sleep(limit / 2)
				trace.ConnectStart("tcp", "192.0.2.1:80")
				<-r.Context().Done()
				return nil, r.Context().Err()
			},
			limit: limit, want: ErrUnavailable, after: limit/2 + limit,
		},
		"a connection that others use": {
			base: func(r *http.Request) (*http.Response, error) {
				trace := httptrace.ContextClientTrace(r.Context())
				trace.GetConn("registry.example.com:80")
				time.Sleep(10 * limit)
				trace.GotConn(httptrace.GotConnInfo{Reused: true})
				return answer(strings.NewReader("x"))(r)
			},
			limit: limit, after: 10 * limit,
		},
		"an answer that stops": {
			base: func(r *http.Request) (*http.Response, error) {
				return answer(&pieces{r.Context(), 5, limit - time.Second})(r)
			},
			limit: limit, want: ErrInterrupted, after: 5*(limit-time.Second) + limit,
		},
		"an answer that trickles": {
			base: func(r *http.Request) (*http.Response, error) {
				return answer(slowly{strings.NewReader("xyz"), limit - time.Second})(r)
			},
			limit: limit, after: 4 * (limit - time.Second),
		},
		"a slow reader": {
			base: answer(strings.NewReader(strings.Repeat("x", 5))), pause: 10 * limit, limit: limit, after: 60 * limit,
		},
		"a slow source": {
			base: answer(strings.NewReader("")), body: slowly{strings.NewReader("x"), 10 * limit}, limit: limit, after: 20 * limit,
		},
		"an upload that stops": {
			base: func(r *http.Request) (*http.Response, error) {
				_, _ = r.Body.Read(make([]byte, 1))
				<-r.Context().Done()
				return nil, r.Context().Err()
			},
			body: slowly{strings.NewReader("xyz"), 3 * limit}, limit: limit, want: ErrInterrupted, after: 4 * limit,
		},
		"no limit": {
			base: answer(slowly{strings.NewReader(""), 1000 * limit}), limit: -1, after: 1000 * limit,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				response, err := watchedTransport{c.base, c.limit}.RoundTrip(get(t, c.body))
				if err == nil {
					_, err = io.Copy(io.Discard, slowly{onebyone{response.Body}, c.pause})
					require.NoError(t, response.Body.Close())
				}
				require.Equal(t, c.after, time.Since(begun))
				if c.want == nil {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, c.want)
				require.ErrorAs(t, err, new(*stalledError))
				require.ErrorContains(t, err, "for 1m0s")
				require.NotErrorIs(t, err, oci.ErrCorrupt)
			})
		})
	}
}

// onebyone hands on a byte at a time.
type onebyone struct{ io.Reader }

func (o onebyone) Read(b []byte) (int, error) { return o.Reader.Read(b[:1]) }

// TestCancelledIsNotInterrupted leaves the caller's own reason alone, before the
// answer and in the midst of it.
func TestCancelledIsNotInterrupted(t *testing.T) {
	t.Parallel()
	for name, base := range map[string]roundTripper{
		"before": func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
		"amidst": func(r *http.Request) (*http.Response, error) { return answer(&pieces{r.Context(), 1, 0})(r) },
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://registry.example.com/v2/", nil)
			require.NoError(t, err)
			response, err := watchedTransport{base, time.Minute}.RoundTrip(r)
			if err == nil {
				_, err = io.Copy(io.Discard, response.Body)
				require.NoError(t, response.Body.Close())
			}
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
			require.NotErrorIs(t, err, ErrInterrupted, name)
		})
	}
}

// TestSourceOfAnUploadIsToBlame for what it lacks, has too much of, or can't
// read.
func TestSourceOfAnUploadIsToBlame(t *testing.T) {
	t.Parallel()
	unreadable := errors.New("unreadable")
	for name, c := range map[string]struct {
		body io.Reader
		want error
	}{
		"short":      {strings.NewReader("xy"), oci.ErrCorrupt},
		"long":       {strings.NewReader("vwxyz"), oci.ErrCorrupt},
		"unreadable": {io.MultiReader(strings.NewReader("x"), slowlyFails{unreadable}), unreadable},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://registry.example.com/v2/", io.NopCloser(c.body))
		require.NoError(t, err)
		r.ContentLength = 3
		base := func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			return nil, errors.New("http: ContentLength=3 with another Body length")
		}
		_, err = watchedTransport{roundTripper(base), time.Minute}.RoundTrip(r)
		require.ErrorIs(t, err, c.want, name)
		require.NotErrorIs(t, err, ErrInterrupted, name)
	}
}

type slowlyFails struct{ error }

func (s slowlyFails) Read([]byte) (int, error) { return 0, s.error }

// TestStallTimeoutHasADefault of which the zero value stands.
func TestStallTimeoutHasADefault(t *testing.T) {
	t.Parallel()
	for given, want := range map[time.Duration]time.Duration{0: time.Minute, time.Second: time.Second, -1: -1} {
		require.Equal(t, want, (&Clients{StallTimeout: given}).stallTimeout())
	}
}
