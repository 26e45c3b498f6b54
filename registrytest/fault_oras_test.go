// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
	"oras.land/oras-go/v2/registry/remote/retry"

	"github.com/skillcask/skillcask/registrytest"
)

// seedDescriptor is what seed stores.
var seedDescriptor = ocispec.Descriptor{MediaType: "application/octet-stream", Digest: seedDigest, Size: int64(len(seedText))}

// impatient makes a client try again, up to three times, without waiting.
func impatient(repo *remote.Repository) { patient(repo, 3) }

// patient makes a client try again so often, without waiting.
func patient(repo *remote.Repository, retries int) {
	client := repo.Client.(*auth.Client)
	transport := retry.NewTransport(client.Client.Transport)
	transport.Policy = func() retry.Policy {
		return &retry.GenericPolicy{
			Retryable: retry.DefaultPredicate, MaxRetry: retries,
			Backoff: func(int, *http.Response) time.Duration { return 0 },
		}
	}
	client.Client = &http.Client{Transport: transport}
}

// TestOrasUnderFaults shows what oras-go does with each fault.
func TestOrasUnderFaults(t *testing.T) {
	t.Parallel()
	push := func(ctx context.Context, repo *remote.Repository) error {
		_, err := oras.PushBytes(ctx, repo, "application/octet-stream", []byte("new"))
		return err
	}
	fetch := func(ctx context.Context, repo *remote.Repository) error {
		_, err := content.FetchAll(ctx, repo, seedDescriptor)
		return err
	}
	twice := func(do func(context.Context, *remote.Repository) error) func(context.Context, *remote.Repository) error {
		return func(ctx context.Context, repo *remote.Repository) error {
			if err := do(ctx, repo); err != nil {
				return err
			}
			return do(ctx, repo)
		}
	}
	canceled := func(t *testing.T, err error) { require.ErrorIs(t, err, context.Canceled) }
	isStatus := func(status int) func(*testing.T, error) {
		return func(t *testing.T, err error) {
			var resp *errcode.ErrorResponse
			require.ErrorAs(t, err, &resp)
			require.Equal(t, status, resp.StatusCode)
		}
	}
	fails := func(text string) func(*testing.T, error) {
		return func(t *testing.T, err error) { require.ErrorContains(t, err, text) }
	}
	works := func(t *testing.T, err error) { require.NoError(t, err) }
	onGet := registrytest.Match{Operation: registrytest.OpBlobGet}
	onPut := registrytest.Match{Operation: registrytest.OpUploadPut}
	for name, c := range map[string]struct {
		fault  registrytest.Fault
		do     func(context.Context, *remote.Repository) error
		result func(*testing.T, error)
		stored bool // "new" is in the registry afterwards
	}{
		"503 is tried again":      {registrytest.Fault{Match: onGet, Status: 503}, fetch, works, false},
		"429 is tried again":      {registrytest.Fault{Match: onGet, Status: 429, Count: 3}, fetch, works, false},
		"429 for ever":            {registrytest.Fault{Match: onGet, Status: 429, Count: -1}, fetch, isStatus(429), false},
		"403":                     {registrytest.Fault{Match: onGet, Status: 403}, fetch, isStatus(403), false},
		"drop-request":            {registrytest.Fault{Match: onPut, Effect: registrytest.DropRequest}, push, fails("EOF"), false},
		"drop-upload":             {registrytest.Fault{Match: onPut, Effect: registrytest.DropUpload, At: 1}, push, fails("EOF"), false},
		"drop-response":           {registrytest.Fault{Match: onPut, Effect: registrytest.DropResponse}, push, fails("EOF"), true},
		"drop-body":               {registrytest.Fault{Match: onGet, Effect: registrytest.DropBody, At: 10}, fetch, fails("EOF"), false},
		"truncate":                {registrytest.Fault{Match: onGet, Effect: registrytest.Truncate, At: 10}, fetch, fails("mismatch Content-Length"), false},
		"corrupt":                 {registrytest.Fault{Match: onGet, Effect: registrytest.Corrupt}, fetch, fails("mismatch"), false},
		"wrong-length":            {registrytest.Fault{Match: onGet, Effect: registrytest.WrongLength}, fetch, fails("mismatch Content-Length"), false},
		"wrong-digest of a blob":  {registrytest.Fault{Match: onGet, Effect: registrytest.WrongDigest}, fetch, fails("digest mismatch"), false},
		"lose-upload":             {registrytest.Fault{Match: onPut, Effect: registrytest.LoseUpload}, push, isStatus(404), false},
		"forget":                  {registrytest.Fault{Match: onPut, Effect: registrytest.Forget}, push, works, false},
		"drop-body, after it":     {registrytest.Fault{Match: onGet, Effect: registrytest.DropBody, At: 36}, twice(fetch), works, false},
		"wrong-length, too short": {registrytest.Fault{Match: onGet, Effect: registrytest.WrongLength, At: -6}, fetch, fails("mismatch Content-Length"), false},
		"stall":                   {registrytest.Fault{Match: onGet, Effect: registrytest.Stall, At: 3}, fetch, canceled, false},
		"stall at the start":      {registrytest.Fault{Match: onGet, Effect: registrytest.Stall}, fetch, canceled, false},
		"stall of a push":         {registrytest.Fault{Match: onPut, Effect: registrytest.Stall}, push, canceled, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{c.fault}})
			seed(t, srv.Store)
			repo := newRepo(t, srv, "demo/app", "", "")
			impatient(repo)
			happened := func() bool {
				_, _, err := srv.Store.OpenBlob(t.Context(), "demo/app", digest.FromString("new"))
				return c.stored == (err == nil) && slices.ContainsFunc(srv.Requests(), func(r registrytest.Request) bool {
					return r.Fault == c.fault.String()
				})
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() { done <- c.do(ctx, repo) }()
			if c.fault.Effect == registrytest.Stall {
				require.Eventually(t, happened, patience, time.Millisecond)
				require.Empty(t, done, "the client waits")
				cancel()
			}
			c.result(t, <-done)
			require.True(t, happened())
		})
	}
}

func TestOrasNoticesAManifestWithAWrongDigest(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	repo := newRepo(t, srv, "demo/app", "", "")
	src, desc := pack(t, "v1", "hello")
	_, err := oras.Copy(t.Context(), src, "v1", repo, "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	srv.Inject(registrytest.Fault{Count: -1, Effect: registrytest.WrongDigest})
	_, _, err = repo.FetchReference(t.Context(), desc.Digest.String())
	require.Error(t, err)
	// By tag only the registry's word counts, so that a later fetch fails.
	got, err := repo.Resolve(t.Context(), "v1")
	require.NoError(t, err)
	_, err = repo.Fetch(t.Context(), got)
	require.ErrorIs(t, err, errdef.ErrNotFound)
}

func TestOrasMaintainsTheFallbackTagWithoutReferrers(t *testing.T) {
	t.Parallel()
	for _, noReferrers := range []bool{true, false} {
		srv := registrytest.New(t, registrytest.Options{NoReferrers: noReferrers})
		ctx, repo := t.Context(), newRepo(t, srv, "demo/app", "", "")
		src, subject := pack(t, "v1", "hello")
		_, err := oras.Copy(ctx, src, "v1", repo, "v1", oras.DefaultCopyOptions)
		require.NoError(t, err)
		referrer, err := oras.PackManifest(ctx, repo, oras.PackManifestVersion1_1, "application/vnd.example.sbom",
			oras.PackManifestOptions{Subject: &subject})
		require.NoError(t, err)
		var found []digest.Digest
		require.NoError(t, repo.Referrers(ctx, subject, "", func(list []ocispec.Descriptor) error {
			for _, desc := range list {
				found = append(found, desc.Digest)
			}
			return nil
		}))
		require.Equal(t, []digest.Digest{referrer.Digest}, found)
		tags, err := srv.Store.ListTags(ctx, "demo/app")
		require.NoError(t, err)
		require.Equal(t, noReferrers, len(tags) == 2, "%q", tags)
	}
}
