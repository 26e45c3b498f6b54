// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestATestThatLeavesABodyOpenEnds, as one does that stops in the middle by
// t.Fatal, and shows its requests.
func TestATestThatLeavesABodyOpenEnds(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{"http": {}, "https": {TLS: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeTB{TB: t, failed: true}
			srv := registrytest.New(fake, opts)
			dgst := putBlob(t, srv.Store, "demo/app", strings.Repeat("x", 20<<20))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+blobURL+dgst.String(), nil)
			require.NoError(t, err)
			resp, err := srv.Client().Do(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			ended := make(chan string)
			go func() { ended <- fake.end() }()
			select {
			case log := <-ended:
				require.Contains(t, log, dgst.String()+" -> 200 (blob-get, 0 in, ")
			case <-time.After(patience):
				t.Error("Close waits for a client that reads nothing")
				require.NoError(t, resp.Body.Close())
				<-ended
			}
			srv.Close() // again
		})
	}
}

// TestAnUploadThatStandsStillEnds with the server.
func TestAnUploadThatStandsStillEnds(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	stallUpload(t, srv, "hello")
	srv.Close()
	for _, r := range srv.Requests() {
		require.NotZero(t, r.Status, r)
	}
}

// TestAHandlerThatIsClosedEndsWhatWaits, so that the server which calls it can be
// closed too, and answers nobody any more.
func TestAHandlerThatIsClosedEndsWhatWaits(t *testing.T) {
	t.Parallel()
	stall := func(at int64) []registrytest.Fault {
		return []registrytest.Fault{{Effect: registrytest.Stall, At: at}}
	}
	for name, c := range map[string]struct {
		opts registrytest.Options
		body string // of a push in place of a pull
	}{
		"stall at the start": {registrytest.Options{Faults: stall(0)}, ""},
		"stall in the body":  {registrytest.Options{Faults: stall(3)}, ""},
		"stall of a push":    {registrytest.Options{Faults: stall(0)}, "new"},
		"delay":              {registrytest.Options{Faults: []registrytest.Fault{{Delay: time.Hour}}}, ""},
		"latency":            {registrytest.Options{Latency: time.Hour}, ""},
		"bandwidth":          {registrytest.Options{Bandwidth: 1}, ""},
		"bandwidth, upwards": {registrytest.Options{Bandwidth: 1}, "new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			waits := make(chan struct{}, 10)
			c.opts.Store = registrytest.NewMemory()
			c.opts.Sleep = func(ctx context.Context, _ time.Duration) error {
				waits <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			}
			seed(t, c.opts.Store)
			registry := registrytest.NewHandler(c.opts)
			srv := httptest.NewServer(registry)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				method, path := "GET", blobURL+seedDigest.String()
				if c.body != "" {
					method, path = "POST", uploads+"?digest="+digest.FromString(c.body).String()
				}
				req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(c.body))
				if err != nil {
					return
				}
				if resp, err := srv.Client().Do(req); err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			}()
			if strings.HasPrefix(name, "stall") {
				require.Eventually(t, func() bool {
					list := registry.Requests()
					return len(list) == 1 && list[0].Fault != ""
				}, patience, time.Millisecond)
			} else {
				<-waits
			}
			require.NoError(t, registry.Close())
			<-ended
			resp, err := srv.Client().Get(srv.URL + "/v2/")
			require.NoError(t, err)
			defer resp.Body.Close()
			require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
			require.True(t, resp.Close)
			list := registry.Requests()
			require.Equal(t, http.StatusServiceUnavailable, list[len(list)-1].Status)
			require.NoError(t, registry.Close(), "again")
			srv.Close()
		})
	}
}
