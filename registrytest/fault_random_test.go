// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/skillcask/skillcask/registrytest"
)

func TestRandomFaultsAreTheSameForASeed(t *testing.T) {
	t.Parallel()
	match := registrytest.Match{Operation: registrytest.OpBlobGet}
	choices := []registrytest.Fault{{Status: 503}, {Effect: registrytest.DropBody, At: 3}}
	one := registrytest.RandomFaults(7, 1000, 0.1, match, choices...)
	require.Equal(t, one, registrytest.RandomFaults(7, 1000, 0.1, match, choices...))
	require.NotEqual(t, one, registrytest.RandomFaults(8, 1000, 0.1, match, choices...))
	require.InDelta(t, 100, len(one), 40)
	require.Empty(t, registrytest.RandomFaults(7, 1000, 0.1, match))
	require.NotEmpty(t, one[0].String())
}

// TestRandomFaultsOnTheWire: the same seed harms the same requests of the same
// kind in the same way, whatever comes between them.
func TestRandomFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	const requests = 60
	run := func(seedOfFaults uint64, others int) (faults, outcomes []string) {
		srv := registrytest.New(t, registrytest.Options{
			Faults: registrytest.RandomFaults(seedOfFaults, requests, 0.3, registrytest.Match{Operation: registrytest.OpBlobGet},
				registrytest.Fault{Status: 503}, registrytest.Fault{Effect: registrytest.DropResponse},
				registrytest.Fault{Effect: registrytest.DropBody, At: 3}, registrytest.Fault{Effect: registrytest.Corrupt}),
		})
		seed(t, srv.Store)
		for range requests {
			for range others {
				exchange{"HEAD", blobURL + seedDigest.String(), "", "", 200, ""}.try(t, srv)
			}
			resp, body, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
			outcome := "none"
			if resp != nil {
				outcome = resp.Status + " " + body
			}
			if err != nil {
				outcome += " broken"
			}
			outcomes = append(outcomes, outcome)
		}
		for _, r := range srv.Requests() {
			if r.Operation == registrytest.OpBlobGet {
				faults = append(faults, r.Fault)
			}
		}
		require.Len(t, faults, requests)
		return faults, outcomes
	}
	faults, outcomes := run(7, 0)
	again, outcomesAgain := run(7, 1)
	require.Equal(t, faults, again)
	require.Equal(t, outcomes, outcomesAgain)
	for _, fault := range []string{"", "status 503", "drop-response at 0", "drop-body at 3", "corrupt at 0"} {
		require.Contains(t, faults, fault)
	}
	other, _ := run(8, 0)
	require.NotEqual(t, faults, other)
}

// TestOrasCopiesUnderRandom503s: what oras-go can send again it does.
func TestOrasCopiesUnderRandom503s(t *testing.T) {
	t.Parallel()
	var faults []registrytest.Fault
	for i, op := range []registrytest.Operation{
		registrytest.OpManifestHead, registrytest.OpManifestGet, registrytest.OpManifestPut,
		registrytest.OpBlobHead, registrytest.OpBlobGet, registrytest.OpUploadStart,
	} {
		faults = append(faults, registrytest.RandomFaults(uint64(i), 40, 0.3, registrytest.Match{Operation: op}, registrytest.Fault{Status: 503})...)
	}
	srv := registrytest.New(t, registrytest.Options{Faults: faults, CheckStore: true, Strict: true})
	repo := newRepo(t, srv, "demo/app", "", "")
	patient(repo, len(faults))
	for _, tag := range []string{"v1", "v2", "v3", "v4", "v5"} {
		src, desc := pack(t, tag, "hello "+tag)
		got, err := oras.Copy(t.Context(), src, tag, repo, tag, oras.DefaultCopyOptions)
		require.NoError(t, err)
		require.Equal(t, desc.Digest, got.Digest)
		got, err = oras.Copy(t.Context(), repo, tag, memory.New(), tag, oras.DefaultCopyOptions)
		require.NoError(t, err)
		require.Equal(t, desc.Digest, got.Digest)
	}
	harmed := 0
	for _, r := range srv.Requests() {
		if r.Fault == "status 503" {
			harmed++
		}
	}
	require.Greater(t, harmed, 10)
}

// TestOrasDoesNotSendABlobAgain that it copies: the second copy does.
func TestOrasDoesNotSendABlobAgain(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
		{Match: registrytest.Match{Operation: registrytest.OpUploadPut}, Status: 503},
	}})
	repo := newRepo(t, srv, "demo/app", "", "")
	patient(repo, 5)
	src, _ := pack(t, "v1", "hello")
	_, err := oras.Copy(t.Context(), src, "v1", repo, "v1", oras.DefaultCopyOptions)
	var resp *errcode.ErrorResponse
	require.ErrorAs(t, err, &resp)
	require.Equal(t, 503, resp.StatusCode)
	_, err = oras.Copy(t.Context(), src, "v1", repo, "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(srv.Requests(), func(r registrytest.Request) bool { return r.Fault == "status 503" }))
}
