// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// send sends a request by the server's client and reads the answer as far as it goes.
// It reports whether a connection was there already.
func sendHTTP2(ctx context.Context, srv *registrytest.Server, method, path, body string) (resp *http.Response, got string, reused bool, err error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }})
	req, err := http.NewRequestWithContext(ctx, method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		return nil, "", false, err
	}
	resp, err = srv.Client().Do(req)
	if err != nil {
		return nil, "", reused, err
	}
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), reused, errors.Join(err, resp.Body.Close())
}

// TestHTTP2ComesWithTLS for clients that offer it.
func TestHTTP2ComesWithTLS(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts  registrytest.Options
		proto string
	}{
		"plain": {registrytest.Options{}, "HTTP/1.1"},
		"tls":   {registrytest.Options{TLS: true}, "HTTP/2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, c.opts)
			seed(t, srv.Store)
			resp, got, _, err := sendHTTP2(t.Context(), srv, "GET", blobURL+seedDigest.String(), "")
			require.NoError(t, err)
			require.Equal(t, c.proto, resp.Proto)
			require.Equal(t, seedText, got)
			resp, _, _, err = sendHTTP2(t.Context(), srv, "POST", uploads+"?digest="+digest.FromString("new").String(), "new")
			require.NoError(t, err)
			require.Equal(t, 201, resp.StatusCode)
			one := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}
			if c.opts.TLS {
				one.TLSClientConfig.RootCAs.AddCert(srv.Certificate())
			}
			defer one.CloseIdleConnections()
			resp, err = (&http.Client{Transport: one}).Get(srv.URL + "/v2/")
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, "HTTP/1.1", resp.Proto, "of a client that does not offer it")
		})
	}
}

// TestFaultsOverHTTP2 are those of one request: others that share its connection go on.
func TestFaultsOverHTTP2(t *testing.T) {
	t.Parallel()
	const reset, short = "stream error: stream ID 3; INTERNAL_ERROR", "unexpected EOF"
	const get, push = "GET", "POST"
	for name, c := range map[string]struct {
		fault   registrytest.Fault
		method  string
		err     string // "" for none
		got     string // of the answer's body
		status  int    // in the record
		in, out int64
		stored  bool
	}{
		"drop-request":             {registrytest.Fault{Effect: registrytest.DropRequest}, get, reset, "", 0, 0, 0, false},
		"drop-request of a push":   {registrytest.Fault{Effect: registrytest.DropRequest}, push, reset, "", 0, 0, 0, false},
		"drop-upload":              {registrytest.Fault{Effect: registrytest.DropUpload, At: 1}, push, reset, "", 0, 1, 0, false},
		"drop-response":            {registrytest.Fault{Effect: registrytest.DropResponse}, push, reset, "", 0, 3, 0, true},
		"drop-body":                {registrytest.Fault{Effect: registrytest.DropBody, At: 10}, get, reset, seedText[:10], 200, 0, 10, false},
		"drop-body of none":        {registrytest.Fault{Effect: registrytest.DropBody}, push, reset, "", 201, 3, 0, true},
		"truncate":                 {registrytest.Fault{Effect: registrytest.Truncate, At: 10}, get, "", seedText[:10], 200, 0, 10, false},
		"corrupt":                  {registrytest.Fault{Effect: registrytest.Corrupt}, get, "", "\xcf" + seedText[1:], 200, 0, 36, false},
		"wrong-length":             {registrytest.Fault{Effect: registrytest.WrongLength}, get, short, seedText, 200, 0, 36, false},
		"wrong-length, too short":  {registrytest.Fault{Effect: registrytest.WrongLength, At: -6}, get, "", seedText[:30], 200, 0, 30, false},
		"wrong-digest":             {registrytest.Fault{Effect: registrytest.WrongDigest}, get, "", seedText, 200, 0, 36, false},
		"stall":                    {registrytest.Fault{Effect: registrytest.Stall, At: 3}, get, "context canceled", seedText[:3], 200, 0, 3, false},
		"stall at the start":       {registrytest.Fault{Effect: registrytest.Stall}, get, "context canceled", "", 0, 0, 0, false},
		"stall of a push":          {registrytest.Fault{Effect: registrytest.Stall}, push, "context canceled", "", 0, 3, 0, true},
		"status":                   {registrytest.Fault{Status: 204}, get, "", "", 204, 0, 0, false},
		"status, then the answer":  {registrytest.Fault{Status: 103}, get, "", seedText, 200, 0, 36, false},
		"forget":                   {registrytest.Fault{Effect: registrytest.Forget}, push, "", "", 201, 3, 0, false},
		"a delay, then the answer": {registrytest.Fault{Delay: time.Hour}, get, "", seedText, 200, 0, 36, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.fault.Skip = 1
			clock := newClock()
			srv := registrytest.New(t, registrytest.Options{TLS: true, Sleep: clock.sleep, Faults: []registrytest.Fault{c.fault}})
			seed(t, srv.Store)
			_, _, _, err := sendHTTP2(t.Context(), srv, "GET", "/v2/", "")
			require.NoError(t, err)

			path, body := blobURL+seedDigest.String(), ""
			if c.method == push {
				path, body = uploads+"?digest="+digest.FromString("new").String(), "new"
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			type answer struct {
				got string
				err error
			}
			answers := make(chan answer, 1)
			go func() {
				_, got, _, err := sendHTTP2(ctx, srv, c.method, path, body)
				answers <- answer{got, err}
			}()
			if c.fault.Effect == registrytest.Stall {
				require.Eventually(t, func() bool {
					list := srv.Requests()
					return len(list) == 2 && list[1].Fault != "" && list[1].BytesOut == c.out
				}, patience, time.Millisecond)
				require.Empty(t, answers, "the client waits")
				_, _, reused, err := sendHTTP2(t.Context(), srv, "GET", "/v2/", "")
				require.NoError(t, err, "another request")
				require.True(t, reused, "by the same connection")
				cancel()
			}
			a := <-answers
			if c.err == "" {
				require.NoError(t, a.err)
			} else {
				require.ErrorContains(t, a.err, c.err)
			}
			if c.fault.Effect != registrytest.Stall { // what came before is lost with the request
				require.Equal(t, c.got, a.got)
			}
			_, _, reused, err := sendHTTP2(t.Context(), srv, "GET", "/v2/", "")
			require.NoError(t, err)
			require.True(t, reused, "the connection is still there")
			require.NoError(t, srv.Close()) // so that the record is complete

			r := srv.Requests()[1]
			require.Equal(t, c.fault.String(), r.Fault)
			require.Equal(t, []int64{int64(c.status), c.in, c.out}, []int64{int64(r.Status), r.BytesIn, r.BytesOut})
			_, _, err = srv.Store.OpenBlob(t.Context(), "demo/app", digest.FromString("new"))
			require.Equal(t, c.stored, err == nil)
		})
	}
}

// TestCloseEndsAStallOverHTTP2, and leaves no connection.
func TestCloseEndsAStallOverHTTP2(t *testing.T) {
	t.Parallel()
	for _, at := range []int64{0, 3} {
		srv := registrytest.New(t, registrytest.Options{TLS: true, Faults: []registrytest.Fault{{Effect: registrytest.Stall, At: at}}})
		seed(t, srv.Store)
		ended := make(chan error, 1)
		go func() {
			_, _, _, err := sendHTTP2(t.Context(), srv, "GET", blobURL+seedDigest.String(), "")
			ended <- err
		}()
		require.Eventually(t, func() bool {
			list := srv.Requests()
			return len(list) == 1 && list[0].Fault != ""
		}, patience, time.Millisecond)
		require.NoError(t, srv.Close())
		require.Error(t, <-ended)
	}
}
