// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/conformance"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// TestMain looks for goroutines that outlive their servers.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what should not need waiting.
const patience = 10 * time.Second

func openLayout(t *testing.T) registrytest.Store {
	t.Helper()
	store, err := layout.Open(t.TempDir())
	require.NoError(t, err)
	return store
}

func TestCheckFindsNothingInThisRegistry(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{
		// Only a strict registry is whole afterwards: the suite pushes a sparse
		// manifest.
		"default":       {},
		"strict":        {Strict: true, CheckStore: true},
		"layout":        {Store: openLayout(t)},
		"strict layout": {Store: openLayout(t), Strict: true, CheckStore: true},
		"pages":         {PageSize: 2},
		"quota":         {Quota: 100 << 20},
		"tls":           {TLS: true, Warnings: []string{`say "hi"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, opts)
			check := conformance.CheckInBrief
			if name == "default" || name == "strict layout" {
				check = conformance.Check
			}
			for _, f := range check(t.Context(), srv.Client(), srv.URL) {
				t.Error(f)
			}
		})
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts registrytest.Options
		want string
	}{
		"no referrers":   {registrytest.Options{NoReferrers: true}, "referrers"},
		"wrong digest":   {registrytest.Options{Faults: []registrytest.Fault{{Count: -1, Effect: registrytest.WrongDigest}}}, "blob pushed and pulled"},
		"corrupt":        {registrytest.Options{Faults: []registrytest.Fault{{Count: -1, Effect: registrytest.Corrupt, Match: registrytest.Match{Operation: registrytest.OpBlobGet}}}}, "blob pushed and pulled"},
		"forgets":        {registrytest.Options{Faults: []registrytest.Fault{{Count: -1, Effect: registrytest.Forget}}}, "manifest by tag and digest"},
		"always 500":     {registrytest.Options{Faults: []registrytest.Fault{{Count: -1, Status: 500}}}, "ping"},
		"small manifest": {registrytest.Options{MaxManifestSize: 1000}, "manifest of 4 megabytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, c.opts)
			var checks []string
			for _, f := range conformance.CheckInBrief(t.Context(), srv.Client(), srv.URL) {
				require.NotEmpty(t, f.String())
				checks = append(checks, f.Check)
			}
			require.Contains(t, checks, c.want)
		})
	}
}

// TestCheckStopsWhereNobodyAnswers, with one finding that blames nobody.
func TestCheckStopsWhereNobodyAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	dead := l.Addr().String()
	require.NoError(t, l.Close())
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for base, want := range map[string]string{
		"http://" + dead:       "ping: the registry can't be reached: dial tcp " + dead,
		"http://" + dead + "/": "ping: the registry can't be reached: dial tcp " + dead,
		dead:                   "ping: the registry can't be reached: first path segment",
		"localhost:5000":       "ping: the registry can't be reached: unsupported protocol scheme",
	} {
		findings := conformance.Check(t.Context(), &http.Client{Transport: transport}, base)
		require.Len(t, findings, 1, "%s", findings)
		require.Contains(t, findings[0].String(), want)
		require.False(t, findings[0].Must)
		require.Empty(t, findings[0].Section)
	}
}

// TestCheckStopsWhenTheRegistryGoesAway, or its own time is over.
func TestCheckStopsWhenTheRegistryGoesAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault registrytest.Fault
		leave func(srv *registrytest.Server, cancel func())
		want  string
	}{
		"closed": {
			registrytest.Fault{Skip: 10, Count: -1, Effect: registrytest.DropRequest},
			func(*registrytest.Server, func()) {}, "the registry can't be reached: ",
		},
		"canceled before the answer": {
			registrytest.Fault{Skip: 10, Effect: registrytest.Stall},
			func(_ *registrytest.Server, cancel func()) { cancel() }, ": context canceled",
		},
		"canceled in a body": {
			registrytest.Fault{Match: registrytest.Match{Operation: registrytest.OpBlobGet}, Skip: 2, Effect: registrytest.Stall, At: 9},
			func(_ *registrytest.Server, cancel func()) { cancel() }, ": context canceled",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{c.fault}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan []conformance.Finding)
			go func() { done <- conformance.Check(ctx, srv.Client(), srv.URL) }()
			require.Eventually(t, func() bool {
				requests := srv.Requests()
				return len(requests) > 0 && requests[len(requests)-1].Fault != ""
			}, patience, time.Millisecond)
			c.leave(srv, cancel)
			findings := <-done
			require.Len(t, findings, 1, "%s", findings)
			require.Contains(t, findings[0].String(), c.want)
			require.Empty(t, findings[0].Section)
		})
	}
}

// TestCheckGoesOnAfterARequestThatFailed: the others are answered.
func TestCheckGoesOnAfterARequestThatFailed(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
		{Match: registrytest.Match{Operation: registrytest.OpUploadPut}, Effect: registrytest.DropResponse},
	}})
	findings := conformance.CheckInBrief(t.Context(), srv.Client(), srv.URL)
	require.Len(t, findings, 1, "%s", findings)
	require.Equal(t, "blob pushed and pulled", findings[0].Check)
	require.Contains(t, findings[0].Message, "no answer: EOF")
	require.Empty(t, findings[0].Section)
	require.Greater(t, len(srv.Requests()), 100)
}
