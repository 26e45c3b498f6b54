// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
	"oras.land/oras-go/v2/registry/remote/retry"

	"github.com/skillcask/skillcask/registrytest"
)

// TestAnyStatusWithHeaders shows every kind of status on the wire: with the
// body that goes with it, or none, and with the headers that were given.
func TestAnyStatusWithHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string // the code in it
	}{
		{101, ""}, {200, ""}, {204, ""}, {206, ""}, {299, ""}, {301, ""}, {304, ""}, {307, ""},
		{400, "UNSUPPORTED"}, {401, "UNAUTHORIZED"}, {403, "DENIED"}, {404, "BLOB_UNKNOWN"}, {418, "UNSUPPORTED"},
		{429, "TOOMANYREQUESTS"}, {500, "UNKNOWN"}, {503, "UNKNOWN"}, {999, "UNKNOWN"},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			t.Run(fmt.Sprint(method, c.status), func(t *testing.T) {
				t.Parallel()
				srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{{
					Status: c.status, Header: http.Header{"x-given": {"one", "two"}, "Retry-After": {"7"}},
				}}})
				seed(t, srv.Store)
				resp, body, err := wire(t, srv, method, blobURL+seedDigest.String(), "")
				require.NoError(t, err)
				require.Equal(t, c.status, resp.StatusCode)
				require.Equal(t, []string{"one", "two"}, resp.Header.Values("X-Given"))
				require.Equal(t, "7", resp.Header.Get("Retry-After"))
				require.Empty(t, resp.TransferEncoding)
				if c.body == "" || method == "HEAD" {
					require.Empty(t, body)
				}
				if c.body == "" {
					require.Empty(t, resp.Header.Get("Content-Type"))
					require.LessOrEqual(t, resp.ContentLength, int64(0))
				} else {
					require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
					require.NotEmpty(t, resp.Header.Get("Content-Length"))
				}
				if c.body != "" && method == "GET" {
					requireErrorBody(t, body, registrytest.ErrorCode(c.body))
				}
				// The record is complete when the answer is, or soon after.
				srv.Close()
				r := srv.Requests()[0]
				require.Equal(t, c.status, r.Status)
				require.Equal(t, fmt.Sprintf("status %d", c.status), r.Fault)
				require.Equal(t, int64(len(body)), r.BytesOut)
			})
		}
	}
}

// requireErrorBody asks for the JSON of the specification ("Error Codes") with
// one error of the code.
func requireErrorBody(t *testing.T, body string, code registrytest.ErrorCode) {
	t.Helper()
	var answer struct {
		Errors []struct {
			Code    registrytest.ErrorCode
			Message string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &answer), "%q", body)
	require.Len(t, answer.Errors, 1)
	require.Equal(t, code, answer.Errors[0].Code)
	require.NotEmpty(t, answer.Errors[0].Message)
}

func TestAFaultsContentTypeStays(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
		{Status: 502, Header: http.Header{"content-type": {"text/html"}}},
	}})
	resp, body, err := wire(t, srv, "GET", "/v2/", "")
	require.NoError(t, err)
	require.Equal(t, []string{"text/html"}, resp.Header.Values("Content-Type"))
	requireErrorBody(t, body, "UNKNOWN")
	require.Equal(t, int64(len(body)), resp.ContentLength)
}

// TestAnInterimStatusComesBeforeTheAnswer: 1xx, but for 101.
func TestAnInterimStatusComesBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{100, 102, 103, 199} {
		srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
			{Status: status, Header: http.Header{"Link": {"</style.css>; rel=preload"}}},
		}})
		seed(t, srv.Store)
		conn, err := net.Dial("tcp", srv.Host())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET "+blobURL+seedDigest.String()+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		require.NoError(t, err)
		all, err := io.ReadAll(conn)
		require.NoError(t, err)
		interim, final, ok := strings.Cut(string(all), "\r\n\r\n")
		require.True(t, ok)
		require.True(t, strings.HasPrefix(interim, fmt.Sprintf("HTTP/1.1 %d ", status)), interim)
		require.True(t, strings.HasSuffix(interim, "\r\nLink: </style.css>; rel=preload"), interim)
		resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(final)), nil)
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		require.Empty(t, resp.Header.Get("Link"))
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, seedText, string(body))
		srv.Close()
		require.Equal(t, 200, srv.Requests()[0].Status)
		require.Equal(t, fmt.Sprintf("status %d", status), srv.Requests()[0].Fault)
	}
}

// TestRetryAfterOnTheWire sends both statuses that have the header.
func TestRetryAfterOnTheWire(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 503} {
		for _, after := range []string{"7", "Fri, 31 Dec 1999 23:59:59 GMT"} {
			srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
				{Status: status, Header: http.Header{"Retry-After": {after}}},
			}})
			seed(t, srv.Store)
			resp, _, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
			require.NoError(t, err)
			require.Equal(t, status, resp.StatusCode)
			require.Equal(t, after, resp.Header.Get("Retry-After"))
			resp, body, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, seedText, body)
		}
	}
}

// TestOrasAndRetryAfter: oras-go 2.7.0 waits as long as a 429 says, up to its
// own MaxWait; of a 503 it does not look at the header.
func TestOrasAndRetryAfter(t *testing.T) {
	t.Parallel()
	for status, asTold := range map[int]bool{429: true, 503: false} {
		srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{{
			Match:  registrytest.Match{Operation: registrytest.OpBlobGet},
			Status: status, Header: http.Header{"Retry-After": {"7"}},
		}}})
		seed(t, srv.Store)
		repo := newRepo(t, srv, "demo/app", "", "")
		var waits []time.Duration
		transport := retry.NewTransport(srv.Client().Transport)
		transport.Policy = func() retry.Policy {
			policy := *retry.DefaultPolicy.(*retry.GenericPolicy)
			backoff := policy.Backoff
			policy.Backoff = func(attempt int, resp *http.Response) time.Duration {
				waits = append(waits, backoff(attempt, resp)) // what it would wait
				return 0
			}
			policy.MinWait = 0
			return &policy
		}
		repo.Client.(*auth.Client).Client = &http.Client{Transport: transport}
		got, err := content.FetchAll(t.Context(), repo, seedDescriptor)
		require.NoError(t, err)
		require.Equal(t, seedText, string(got))
		require.Len(t, waits, 1)
		require.Equal(t, asTold, waits[0] == 7*time.Second, "%d: %s", status, waits[0])
	}
}

// TestOrasAndStatusesThatHaveNoBody: an interim status is not seen, the others
// are errors.
func TestOrasAndStatusesThatHaveNoBody(t *testing.T) {
	t.Parallel()
	for _, status := range []int{100, 101, 103, 204, 304} {
		srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{{Status: status}}})
		seed(t, srv.Store)
		_, err := content.FetchAll(t.Context(), newRepo(t, srv, "demo/app", "", ""), seedDescriptor)
		if status == 100 || status == 103 {
			require.NoError(t, err)
			continue
		}
		var resp *errcode.ErrorResponse
		require.ErrorAs(t, err, &resp)
		require.Equal(t, status, resp.StatusCode)
	}
}

// TestA401BringsTheChallenge once, to a client whose credentials are right.
func TestA401BringsTheChallenge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auth      *registrytest.Auth
		header    http.Header
		challenge string
	}{
		"nobody is asked": {nil, nil, ""},
		"basic":           {&registrytest.Auth{Users: users}, nil, `Basic realm="registrytest", charset="UTF-8"`},
		"bearer":          {&registrytest.Auth{Users: users, Bearer: true}, nil, `Bearer realm="URL/token",service="HOST",scope="repository:demo/app:pull"`},
		"given":           {&registrytest.Auth{Users: users}, http.Header{"www-authenticate": {`Negotiate`}}, "Negotiate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Auth: c.auth})
			seed(t, srv.Store)
			authorization := "Basic dXNlcjpwYXNz"
			if c.auth != nil && c.auth.Bearer {
				_, a := token(t, srv, "scope=repository:demo/app:pull", nil, "user", "pass")
				authorization = "Bearer " + a.Token
			}
			srv.Inject(registrytest.Fault{Status: 401, Header: c.header})
			resp, body, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "", "Authorization: "+authorization)
			require.NoError(t, err)
			require.Equal(t, 401, resp.StatusCode)
			requireErrorBody(t, body, registrytest.ErrUnauthorized)
			challenge := strings.NewReplacer("URL", srv.URL, "HOST", srv.Host()).Replace(c.challenge)
			require.Equal(t, challenge, resp.Header.Get("Www-Authenticate"))
			resp, body, err = wire(t, srv, "GET", blobURL+seedDigest.String(), "", "Authorization: "+authorization)
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode, "once")
			require.Equal(t, seedText, body)
		})
	}
}

func TestOrasLogsInAgainAfterA401(t *testing.T) {
	t.Parallel()
	for _, bearer := range []bool{true, false} {
		srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users, Bearer: bearer}})
		repo := newRepo(t, srv, "demo/app", "user", "pass")
		src, _ := pack(t, "v1", "hello")
		_, err := oras.Copy(t.Context(), src, "v1", repo, "v1", oras.DefaultCopyOptions)
		require.NoError(t, err)
		pull := func() (operations []registrytest.Operation, statuses []int) {
			srv.ResetRequests()
			_, err := oras.Copy(t.Context(), repo, "v1", memory.New(), "v1", oras.DefaultCopyOptions)
			require.NoError(t, err)
			for _, r := range srv.Requests() {
				operations = append(operations, r.Operation)
				statuses = append(statuses, r.Status)
			}
			return operations, statuses
		}
		pull() // from now on the client has its token
		operations, statuses := pull()
		require.Equal(t, registrytest.OpManifestGet, operations[0])
		require.NotContains(t, statuses, 401)
		srv.Inject(registrytest.Fault{Match: registrytest.Match{Operation: registrytest.OpManifestGet}, Status: 401})
		operations, statuses = pull()
		require.Equal(t, 401, statuses[0])
		require.Equal(t, "status 401", srv.Requests()[0].Fault)
		want := []registrytest.Operation{registrytest.OpManifestGet, registrytest.OpManifestGet}
		if bearer {
			want = slices.Insert(want, 1, registrytest.OpToken)
		}
		require.Equal(t, want, operations[:len(want)])
	}
}

// TestOrasFollowsARedirectWithoutItsCredentials to another host.
func TestOrasFollowsARedirectWithoutItsCredentials(t *testing.T) {
	t.Parallel()
	var asked, authorized atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" {
			authorized.Add(1)
		}
		_, _ = io.WriteString(w, seedText)
	}))
	defer elsewhere.Close()
	srv := registrytest.New(t, registrytest.Options{
		Auth: &registrytest.Auth{Users: users},
		Faults: []registrytest.Fault{{
			Match: registrytest.Match{Operation: registrytest.OpBlobGet}, Skip: 1, Status: 307,
			Header: http.Header{"Location": {"http://elsewhere.example/blob"}},
		}},
	})
	seed(t, srv.Store)
	repo := newRepo(t, srv, "demo/app", "user", "pass")
	// Another port of the same host would get them: net/http goes by the name.
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == "elsewhere.example:80" {
			addr = elsewhere.Listener.Addr().String()
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	defer transport.CloseIdleConnections()
	repo.Client.(*auth.Client).Client = &http.Client{Transport: transport}
	got, err := content.FetchAll(t.Context(), repo, seedDescriptor)
	require.NoError(t, err)
	require.Equal(t, seedText, string(got))
	require.Equal(t, int32(1), asked.Load())
	require.Zero(t, authorized.Load())
	requests := srv.Requests()
	require.Equal(t, []int{401, 307}, []int{requests[0].Status, requests[1].Status})
}

// TestOrasFollowsARedirectOfAManifest to another registry.
func TestOrasFollowsARedirectOfAManifest(t *testing.T) {
	t.Parallel()
	elsewhere, srv := registrytest.New(t), registrytest.New(t)
	src, desc := pack(t, "v1", "hello")
	_, err := oras.Copy(t.Context(), src, "v1", newRepo(t, elsewhere, "demo/app", "", ""), "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	srv.Inject(registrytest.Fault{
		Count: -1, Status: 307, Header: http.Header{"Location": {elsewhere.URL + manifests + desc.Digest.String()}},
	})
	repo := newRepo(t, srv, "demo/app", "", "")
	got, err := repo.Resolve(t.Context(), "v1")
	require.NoError(t, err)
	require.Equal(t, desc.Digest, got.Digest)
}
