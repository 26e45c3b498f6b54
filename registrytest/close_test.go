// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

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
