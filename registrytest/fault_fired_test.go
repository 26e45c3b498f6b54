// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestAFaultThatNeverTookEffectFailsTheTest, since the test has shown nothing. Harm
// that found nothing to harm is no effect.
func TestAFaultThatNeverTookEffectFailsTheTest(t *testing.T) {
	t.Parallel()
	manifests := registrytest.Match{Operation: registrytest.OpManifestGet}
	for name, c := range map[string]struct {
		fault registrytest.Fault
		says  string // nothing if the test passes
	}{
		"no such request":      {registrytest.Fault{Match: registrytest.Match{Operation: registrytest.OpBlobGet}, Status: 500}, "status 500 (matched 0 requests, Operation blob-get)"},
		"too few":              {registrytest.Fault{Skip: 1, Status: 500}, "(matched 1 requests, all requests)"},
		"beyond the body":      {registrytest.Fault{Effect: registrytest.Corrupt, At: 1000}, "corrupt at 1000"},
		"a body not so long":   {registrytest.Fault{Effect: registrytest.Truncate, At: 1000}, "truncate at 1000"},
		"no digest in a ping":  {registrytest.Fault{Effect: registrytest.WrongDigest}, "wrong-digest"},
		"no upload":            {registrytest.Fault{Effect: registrytest.LoseUpload}, "lose-upload"},
		"nothing to forget":    {registrytest.Fault{Effect: registrytest.Forget}, "forget"},
		"it may":               {registrytest.Fault{Match: manifests, Status: 500, Optional: true}, ""},
		"one that did":         {registrytest.Fault{Effect: registrytest.Corrupt, At: 1}, ""},
		"one of many that did": {registrytest.Fault{Count: -1, Delay: time.Nanosecond}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner := &fakeTB{TB: t}
			srv := registrytest.New(inner)
			srv.Inject(c.fault)
			_, _, err := wire(t, srv, "GET", "/v2/", "")
			require.NoError(t, err)
			fired := srv.Requests()[0].Fault != ""
			log := inner.end()
			if c.says == "" {
				require.False(t, inner.failed, log)
				return
			}
			require.False(t, fired, "the record says that it happened")
			require.True(t, inner.failed)
			require.Contains(t, log, "a fault never took effect: ")
			require.Contains(t, log, c.says)
		})
	}
}

// TestRandomFaultsNeedNotHappen, as they can't know how many requests come.
func TestRandomFaultsNeedNotHappen(t *testing.T) {
	t.Parallel()
	registrytest.New(t, registrytest.Options{Faults: registrytest.RandomFaults(1, 10, 1, registrytest.Match{}, registrytest.Fault{Status: 500})})
}

// TestAnOutageEnds when the test says so.
func TestAnOutageEnds(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	outage := srv.Inject(registrytest.Fault{Status: 503, Count: -1}, registrytest.Fault{Status: 502, Count: -1, Optional: true})
	slow := srv.Inject(registrytest.Fault{Delay: time.Nanosecond, Count: -1})
	get := func() int {
		resp, _, err := wire(t, srv, "GET", "/v2/", "")
		require.NoError(t, err)
		return resp.StatusCode
	}
	require.Zero(t, outage.Fired())
	require.Equal(t, []int{503, 503}, []int{get(), get()})
	require.Equal(t, 2, outage.Fired())
	require.Zero(t, slow.Fired())
	outage.Remove()
	outage.Remove()
	require.Equal(t, 200, get())
	require.Equal(t, 2, outage.Fired())
	require.Equal(t, 1, slow.Fired())
	slow.Remove()
	require.Equal(t, 200, get())
	require.Empty(t, srv.Requests()[3].Fault)
}

// TestHarmWaitsForTheCredentials: a client that is asked for them sends the request
// again, and what was harmed before is not what the test is about.
func TestHarmWaitsForTheCredentials(t *testing.T) {
	t.Parallel()
	for _, bearer := range []bool{false, true} {
		srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users, Bearer: bearer}})
		harm := srv.Inject(registrytest.Fault{Match: registrytest.Match{Operation: registrytest.OpPing}, Effect: registrytest.Corrupt})
		resp, body, err := wire(t, srv, "GET", "/v2/", "")
		require.NoError(t, err)
		require.Equal(t, 401, resp.StatusCode)
		require.True(t, strings.HasPrefix(body, "{"), "the answer that asks is sound: %q", body)
		require.Zero(t, harm.Fired())

		authorization := "Basic dXNlcjpwYXNz"
		if bearer {
			_, answer := token(t, srv, "service=x", nil, "user", "pass")
			authorization = "Bearer " + answer.Token
		}
		resp, body, err = wire(t, srv, "GET", "/v2/", "", "Authorization: "+authorization)
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		require.False(t, strings.HasPrefix(body, "{"))
		require.Equal(t, 1, harm.Fired())
	}
}

// TestUnauthenticatedSelectsWhatIsRefused for want of credentials.
func TestUnauthenticatedSelectsWhatIsRefused(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users}})
	broken := srv.Inject(registrytest.Fault{Match: registrytest.Match{Unauthenticated: true}, Effect: registrytest.Truncate, At: 3, Count: -1})
	_, _, err := wire(t, srv, "GET", "/v2/", "", "Authorization: Basic dXNlcjpwYXNz")
	require.NoError(t, err)
	require.Zero(t, broken.Fired())
	resp, body, err := wire(t, srv, "GET", "/v2/", "")
	require.NoError(t, err)
	require.Equal(t, 401, resp.StatusCode)
	require.Len(t, body, 3)
	require.NotEmpty(t, resp.Header.Get("Www-Authenticate"))
	require.Equal(t, 1, broken.Fired())
}

// TestAsterisksStandForSlashes, as the name of a repository may have some.
func TestAsterisksStandForSlashes(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		"/v2/*/blobs/*": true, "/v2/demo/app/blobs/*": true, "/v2/*": true, "*": true, "/v2/*/app/blobs/sha256:*": true,
		"/v2/?emo/app/blobs/*": true, "/v2/*/manifests/*": false, "/v2/[a-c]*/blobs/*": false, "/v2/demo/blobs/*": false,
	} {
		srv := registrytest.New(t)
		fault := srv.Inject(registrytest.Fault{Match: registrytest.Match{Path: pattern}, Status: 500, Optional: true})
		_, _, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
		require.NoError(t, err)
		require.Equal(t, want, fault.Fired() == 1, pattern)
	}
}
