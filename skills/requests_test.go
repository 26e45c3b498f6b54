// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// direct is a transport without a network, so that time in a bubble of synctest
// passes for nothing but the latency of the registry.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := r.Clone(r.Context())
	inner.RequestURI = r.URL.RequestURI()
	if r.Body == nil {
		inner.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, inner)
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	response := w.Result()
	response.Request = r
	if r.Method != http.MethodHead {
		response.ContentLength = int64(w.Body.Len())
	}
	return response, r.Context().Err()
}

// TestRequests counts the requests of each operation, and how many of them wait for one
// another: the time that passes if each takes one second.
func TestRequests(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := filepath.Join(sampleDir, "http-status")
	type world struct {
		*skills.Registry
		*memory.Store
		packed *skills.PackageResult
		t      *testing.T
	}
	const ref = "registry.example.com/a/http-status:1"
	repository := func(w world) (*remote.Repository, string) {
		r, tag, err := w.Repository(ref)
		require.NoError(w.t, err)
		return r, tag
	}
	pushed := func(w world) {
		_, err := w.PushDir(ctx, dir, ref, skills.PackageOptions{})
		require.NoError(w.t, err)
	}
	for name, c := range map[string]struct {
		before          func(world)
		run             func(world) error
		requests, depth int
	}{
		"unpack": {before: pushed, requests: 4, depth: 3, run: func(w world) error {
			repository, tag := repository(w)
			_, err := skills.Unpack(ctx, repository, tag, filepath.Join(w.t.TempDir(), "out"), skills.UnpackOptions{})
			return err
		}},
		"verify": {before: pushed, requests: 1, depth: 1, run: func(w world) error {
			repository, tag := repository(w)
			result, err := skills.Verify(ctx, repository, tag, dir, skills.VerifyOptions{})
			require.True(w.t, result.Identical)
			return err
		}},
		"inspect": {before: pushed, requests: 3, depth: 3, run: func(w world) error {
			repository, tag := repository(w)
			_, err := skills.Inspect(ctx, repository, tag, skills.InspectOptions{})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, packed := packDir(t, dir, skills.PackageOptions{})
			for _, bearer := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					opts := registrytest.Options{Latency: time.Second}
					if bearer {
						opts.Auth = &registrytest.Auth{Users: map[string]string{"ann": "secret"}, Bearer: true}
					}
					handler := registrytest.NewHandler(opts)
					defer handler.Close()
					registry, err := skills.NewRegistry(skills.WithHTTPClient(&http.Client{Transport: direct{handler}}), loggedIn("ann", "secret"), skills.WithPlainHTTP(true))
					require.NoError(t, err)
					w := world{registry, store, packed, t}
					if c.before != nil {
						c.before(w)
						// Another client, which has no token.
						w.Registry, err = skills.NewRegistry(skills.WithHTTPClient(&http.Client{Transport: direct{handler}}), loggedIn("ann", "secret"), skills.WithPlainHTTP(true))
						require.NoError(t, err)
					}
					handler.ResetRequests()
					start := time.Now()
					require.NoError(t, c.run(w))
					depth := int(time.Since(start) / time.Second)
					more := 0
					if bearer { // a challenge and a token
						more = 2
					}
					require.Len(t, handler.Requests(), c.requests+more, handler.Requests())
					require.Equal(t, c.depth+more, depth)
				})
			}
		})
	}
}

func loggedIn(user, password string) skills.RegistryOption {
	return skills.WithCredentials(func(context.Context, string, string) (auth.Credential, error) {
		return auth.Credential{Username: user, Password: password}, nil
	})
}
