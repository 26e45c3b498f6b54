// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/registrytest"
)

func TestDelayLatencyAndBandwidthGoByTheGivenClock(t *testing.T) {
	t.Parallel()
	clock := newClock()
	srv := registrytest.New(t, registrytest.Options{
		Latency: time.Second, Bandwidth: 36, Sleep: clock.sleep, Now: clock.now,
		Faults: []registrytest.Fault{{Delay: time.Minute}},
	})
	seed(t, srv.Store)
	_, body, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
	require.NoError(t, err)
	require.Equal(t, seedText, body)
	require.Equal(t, time.Minute+2*time.Second, clock.passed(), "a delay, a latency, and 36 bytes at 36 a second")
	require.Eventually(t, func() bool { return srv.Requests()[0].Duration == time.Minute+2*time.Second }, patience, time.Millisecond)
	require.True(t, strings.Contains(srv.Requests()[0].String(), "delay 1m0s"))
}

// TestOrasOnASlowLine measures by the given clock what each of the three costs
// oras-go, which waits and does not mind.
func TestOrasOnASlowLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts        registrytest.Options
		fetch, push time.Duration // one request, two requests
	}{
		"nothing":   {registrytest.Options{}, 0, 0},
		"latency":   {registrytest.Options{Latency: time.Second}, time.Second, 2 * time.Second},
		"bandwidth": {registrytest.Options{Bandwidth: 18}, 2 * time.Second, time.Second},
		"delay": {registrytest.Options{Faults: []registrytest.Fault{{
			Match: registrytest.Match{Operation: registrytest.OpBlobGet}, Delay: time.Hour,
		}}}, time.Hour, 0},
		"delay of a status": {registrytest.Options{Faults: []registrytest.Fault{{
			Match: registrytest.Match{Operation: registrytest.OpBlobGet}, Delay: time.Hour, Status: 503,
		}}}, time.Hour, 0},
		"all": {registrytest.Options{
			Latency: time.Second, Bandwidth: 18, Faults: []registrytest.Fault{{Count: -1, Delay: time.Minute}},
		}, time.Minute + 3*time.Second, 2*time.Minute + 3*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			c.opts.Sleep, c.opts.Now = clock.sleep, clock.now
			srv := registrytest.New(t, c.opts)
			seed(t, srv.Store)
			repo := newRepo(t, srv, "demo/app", "", "")
			impatient(repo)
			got, err := content.FetchAll(t.Context(), repo, seedDescriptor)
			require.NoError(t, err)
			require.Equal(t, seedText, string(got))
			require.Equal(t, c.fetch, clock.passed())
			_, err = oras.PushBytes(t.Context(), repo, "text/plain", []byte("abcdefghijklmnopqr"))
			require.NoError(t, err)
			require.Equal(t, c.fetch+c.push, clock.passed())
		})
	}
}

// TestTheRealClock is what passes where none is given.
func TestTheRealClock(t *testing.T) {
	t.Parallel()
	const wait = 3 * time.Millisecond
	srv := registrytest.New(t, registrytest.Options{Latency: wait, Faults: []registrytest.Fault{{Delay: wait}}})
	start := time.Now()
	exchange{"GET", "/v2/", "", "", 200, ""}.try(t, srv)
	require.GreaterOrEqual(t, time.Since(start), 2*wait)
	srv.Close() // so that the record is complete
	require.GreaterOrEqual(t, srv.Requests()[0].Duration, 2*wait)
	require.False(t, srv.Requests()[0].Start.Before(start.Round(0)))
}

// TestNobodyWaitsForADelayInVain: it ends when the client or the server goes.
func TestNobodyWaitsForADelayInVain(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(srv *registrytest.Server, cancel func()){
		"client": func(_ *registrytest.Server, cancel func()) { cancel() },
		"server": func(srv *registrytest.Server, _ func()) { srv.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{{Delay: time.Hour}}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/v2/", nil)
			require.NoError(t, err)
			done := make(chan struct{})
			go func() {
				defer close(done)
				if resp, err := srv.Client().Do(req); err == nil {
					_ = resp.Body.Close()
				}
			}()
			require.Eventually(t, func() bool { return len(srv.Requests()) == 1 }, patience, time.Millisecond)
			leave(srv, cancel)
			<-done
			require.Eventually(t, func() bool { return srv.Requests()[0].Duration > 0 }, patience, time.Millisecond)
			require.Less(t, srv.Requests()[0].Duration, time.Hour)
		})
	}
}
