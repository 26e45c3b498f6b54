// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestPerformedAndThenAnsweredOtherwise is a gateway that gives up on a registry.
func TestPerformedAndThenAnsweredOtherwise(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 502, 504} {
		srv := registrytest.New(t)
		srv.Inject(registrytest.Fault{Match: registrytest.Match{Operation: registrytest.OpManifestPut}, Effect: registrytest.Perform, Status: status})
		content := image("x")
		resp, _, err := wire(t, srv, "PUT", "/v2/demo/app/manifests/v1", content, "Content-Type: "+imageType)
		require.NoError(t, err)
		require.Equal(t, status, resp.StatusCode)
		require.Empty(t, resp.Header["Location"], "nothing of the answer that nobody got")
		got, err := srv.Store.ResolveTag(t.Context(), "demo/app", "v1")
		require.NoError(t, err)
		require.Equal(t, digest.FromString(content), got)
		require.Contains(t, srv.Requests()[0].Fault, "perform, then status")
	}
}

func TestHeadersOfGenuineAnswers(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	seed(t, srv.Store)
	srv.Inject(registrytest.Fault{
		Match:  registrytest.Match{Operation: registrytest.OpBlobGet},
		Header: http.Header{"ratelimit-remaining": {"3;w=60"}, "Docker-Content-Digest": nil},
	})
	for _, want := range []string{"3;w=60", ""} {
		resp, body, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, seedText, body)
		require.Equal(t, want, resp.Header.Get("RateLimit-Remaining"))
		require.Equal(t, want == "", resp.Header.Get("Docker-Content-Digest") != "")
	}
}

// TestDo changes requests and answers as nothing else can.
func TestDo(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: map[string]string{"ann": "x"}, AnonymousPull: true}})
	seed(t, srv.Store)
	srv.Inject(registrytest.Fault{
		Match: registrytest.Match{Operation: registrytest.OpTagsList},
		Do: func(registry http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.URL.Path = blobURL + seedDigest.String()
				r.Method = "GET"
				w.Header().Set("Link", `</v2/demo/app/tags/list>; rel="next"`)
				registry.ServeHTTP(w, r)
				_, _ = io.WriteString(w, "cut off by the length")
			})
		},
	}, registrytest.Fault{
		Match: registrytest.Match{Operation: registrytest.OpPing},
		Do: func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
		},
	})
	resp, body, err := wire(t, srv, "GET", "/v2/demo/app/tags/list", "")
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, seedText, body)
	require.Equal(t, seedDigest.String(), resp.Header.Get("Docker-Content-Digest"))
	require.NotEmpty(t, resp.Header.Get("Link"))
	resp, _, err = wire(t, srv, "GET", "/v2/", "", "Authorization: Basic YW5uOng=")
	require.NoError(t, err)
	require.Equal(t, http.StatusTeapot, resp.StatusCode)
	require.Equal(t, "do", srv.Requests()[1].Fault)
}

// TestDoHandsOnToARegistryThatAsks shows that what is handed on is authorized for
// what it then is.
func TestDoHandsOnToARegistryThatAsks(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: map[string]string{"ann": "x"}, AnonymousPull: true}})
	seed(t, srv.Store)
	srv.Inject(registrytest.Fault{Do: func(registry http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Method = "DELETE"
			registry.ServeHTTP(w, r)
		})
	}})
	resp, _, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
	require.NoError(t, err)
	require.Equal(t, 401, resp.StatusCode)
}

func TestRangesAreIgnored(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	seed(t, srv.Store)
	i := srv.Inject(registrytest.Fault{Effect: registrytest.IgnoreRange, Count: -1})
	for path, length := range map[string]int{blobURL + seedDigest.String(): len(seedText), "/v2/": 2} {
		resp, body, err := wire(t, srv, "GET", path, "", "Range: bytes=1-2")
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		require.Len(t, body, length)
	}
	require.Equal(t, 1, i.Fired(), "only where there would have been a part")
}

func TestReset(t *testing.T) {
	t.Parallel()
	for _, at := range []int64{0, 3} {
		srv := registrytest.New(t)
		seed(t, srv.Store)
		srv.Inject(registrytest.Fault{Effect: registrytest.Reset, At: at})
		_, _, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
		require.ErrorIs(t, err, syscall.ECONNRESET)
		resp, _, err := wire(t, srv, "GET", "/v2/", "")
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
	}
}

// TestGoAway makes a client connect anew.
func TestGoAway(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	srv.Inject(registrytest.Fault{Effect: registrytest.GoAway})
	for _, closes := range []bool{true, false} {
		resp, err := srv.Client().Get(srv.URL + "/v2/")
		require.NoError(t, err)
		_, err = io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, closes, resp.Close)
	}
}

// TestASlowAnswer takes as long as its bytes need, by the clock of the test.
func TestASlowAnswer(t *testing.T) {
	t.Parallel()
	clock := newClock()
	srv := registrytest.New(t, registrytest.Options{Now: clock.now, Sleep: clock.sleep, Bandwidth: 1 << 40})
	dgst := putBlob(t, srv.Store, "demo/app", string(make([]byte, 1000)))
	srv.Inject(registrytest.Fault{Bandwidth: 100})
	for _, want := range []time.Duration{10 * time.Second, 0} {
		_, body, err := wire(t, srv, "GET", blobURL+dgst.String(), "")
		require.NoError(t, err)
		require.Len(t, body, 1000)
		all := srv.Requests()
		require.Equal(t, want, all[len(all)-1].Duration.Truncate(time.Second))
	}
}

func TestMatchesByTagAndFunction(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	seed(t, srv.Store)
	srv.Inject(
		registrytest.Fault{Match: registrytest.Match{Tag: "v1"}, Status: 418},
		registrytest.Fault{Match: registrytest.Match{Func: func(r *http.Request) bool { return r.Header.Get("User-Agent") == "old" }}, Status: 426},
	)
	for _, c := range []struct {
		path, header string
		status       int
	}{
		{"/v2/demo/app/manifests/v2", "X: y", 404},
		{"/v2/demo/app/manifests/v1", "X: y", 418},
		{"/v2/", "User-Agent: new", 200},
		{"/v2/", "User-Agent: old", 426},
	} {
		resp, _, err := wire(t, srv, "GET", c.path, "", c.header)
		require.NoError(t, err)
		require.Equal(t, c.status, resp.StatusCode, c)
	}
}
