// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"crypto/x509"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/errdef"
	orasregistry "oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/like"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// newRegistry returns a client for srv.
func newRegistry(t *testing.T, srv *registrytest.Server, opts ...skills.RegistryOption) *skills.Registry {
	t.Helper()
	opts = append([]skills.RegistryOption{
		skills.WithHTTPClient(srv.Client()),
		skills.WithPlainHTTP(!strings.HasPrefix(srv.URL, "https:")),
		skills.WithCredentialStore(credentials.NewMemoryStore()),
	}, opts...)
	registry, err := skills.NewRegistry(opts...)
	require.NoError(t, err)
	return registry
}

// TestPushAndPull takes each sample to some registry, and some sample to each.
func TestPushAndPull(t *testing.T) {
	t.Parallel()
	pushAndPull(t, func(registry, sample int) bool { return registry%len(samples(t)) == sample })
}

// TestPushAndPullOfAllBounded takes each sample to each registry: many times the
// same work, of which the race detector has seen some.
func TestPushAndPullOfAllBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	pushAndPull(t, func(int, int) bool { return true })
}

// pushAndPull takes those samples to registries that are wanted, and back.
func pushAndPull(t *testing.T, wanted func(registry, sample int) bool) {
	kinds := map[string]registrytest.Options{
		"plain":            {},
		"strict as zot":    {Strict: true},
		"as distribution":  {NoReferrers: true},
		"TLS":              {TLS: true},
		"TLS, basic":       {TLS: true, Auth: &registrytest.Auth{Users: map[string]string{"ann": "secret"}}},
		"TLS, bearer":      {TLS: true, Auth: &registrytest.Auth{Users: map[string]string{"ann": "secret"}, Bearer: true}},
		"immutable tags":   {ImmutableTags: true},
		"tight on a quota": {MaxManifestSize: 4 << 20},
		"distribution 2":   like.Distribution2(),
		"Docker Hub":       like.DockerHub(),
		"GHCR":             like.GHCR(),
		"ECR":              like.ECR(),
	}
	for i, name := range slices.Sorted(maps.Keys(kinds)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			options := kinds[name]
			options.CheckStore = true
			if options.Auth != nil {
				options.Auth.Users = map[string]string{"ann": "secret"}
			}
			srv := registrytest.New(t, options)
			store := credentials.NewMemoryStore()
			require.NoError(t, store.Put(ctx, srv.Host(), auth.Credential{Username: "ann", Password: "secret"}))
			registry := newRegistry(t, srv, skills.WithCredentialStore(store))
			for j, sample := range samples(t) {
				if !wanted(i, j) {
					continue
				}
				for _, parent := range []string{"skills/", "direct/"} {
					require.NoError(t, srv.CreateRepository(parent+sample))
				}
				dir := filepath.Join(sampleDir, sample)
				src, packed := packDir(t, dir, skills.PackageOptions{})
				ref := srv.Host() + "/skills/" + sample + ":1.0"
				require.NoError(t, registry.Push(ctx, src, packed.IndexDigest, ref, skills.TransferOptions{}))

				direct, err := registry.PushDir(ctx, dir, srv.Host()+"/direct/"+sample+":1.0", skills.PackageOptions{})
				require.NoError(t, err)
				require.Equal(t, packed.IndexDigest, direct.IndexDigest)

				layout, err := ocilayout.Open(filepath.Join(t.TempDir(), "new", "layout"))
				require.NoError(t, err)
				for _, from := range []string{ref, srv.Host() + "/skills/" + sample + "@" + packed.IndexDigest.String()} {
					got, err := registry.Pull(ctx, layout, from, skills.TransferOptions{})
					require.NoError(t, err)
					require.Equal(t, packed.IndexDigest, got)
					verified, err := skills.Verify(ctx, layout, from, dir, skills.VerifyOptions{})
					require.NoError(t, err)
					require.True(t, verified.Identical)
				}
				repository, tag, err := registry.Repository(ref)
				require.NoError(t, err)
				dest := filepath.Join(t.TempDir(), sample)
				unpacked, err := skills.Unpack(ctx, repository, tag, dest, skills.UnpackOptions{})
				require.NoError(t, err)
				require.Equal(t, packed.IndexDigest, unpacked.Digest)
				_, again := packDir(t, dest, skills.PackageOptions{})
				require.Equal(t, packed.IndexDigest, again.IndexDigest)
			}
		})
	}
}

// TestPushOfWhatIsThere holds a second push to questions only.
func TestPushOfWhatIsThere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t)
	registry := newRegistry(t, srv)
	dir := tree(t, smallSkill())
	src, packed := packDir(t, dir, skills.PackageOptions{})
	ref := srv.Host() + "/skills/demo:1.0"
	push := map[string]func() error{
		"artifact":  func() error { return registry.Push(ctx, src, packed.IndexDigest, ref, skills.TransferOptions{}) },
		"directory": func() error { _, err := registry.PushDir(ctx, dir, ref, skills.PackageOptions{}); return err },
	}
	for name, again := range push {
		require.NoError(t, again())
		srv.ResetRequests()
		require.NoError(t, again())
		for _, request := range srv.Requests() {
			require.Equal(t, "HEAD", request.Method, "%s: %s", name, request)
		}
	}
}

// TestTransferErrors wants messages that say what to do next, and no tag.
func TestTransferErrors(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, smallSkill())
	src, packed := packDir(t, dir, skills.PackageOptions{})
	srv := registrytest.New(t)
	registry := newRegistry(t, srv)
	ref := srv.Host() + "/skills/demo:1.0"
	require.NoError(t, registry.Push(ctx, src, packed.IndexDigest, ref, skills.TransferOptions{}))

	t.Run("references", func(t *testing.T) {
		t.Parallel()
		for _, bad := range []string{"", "demo", "host", "host/demo", "host/Demo:1", "host/demo:", "host/demo@sha256:12", "host/demo:a b"} {
			_, err := registry.Pull(ctx, memory.New(), bad, skills.TransferOptions{})
			require.ErrorIs(t, err, skills.ErrInvalidReference, bad)
			require.ErrorContains(t, err, bad)
			require.Equal(t, 1, strings.Count(err.Error(), "invalid reference"), err.Error())
		}
		for ref, want := range map[string]string{
			"host/Demo:1":          "the name of a repository has no capital letters; write host/demo",
			"host:80/Me/Demo":      "the name of a repository has no capital letters; write host:80/me/demo",
			"host/demo@sha256:12":  `"sha256:12" is no digest; want sha256: and 64 hexadecimal digits`,
			"host/demo:1@nonsense": `"nonsense" is no digest; want sha256: and 64 hexadecimal digits`,
		} {
			_, err := registry.Pull(ctx, memory.New(), ref, skills.TransferOptions{})
			require.EqualError(t, err, `invalid reference "`+ref+`": `+want)
		}
		_, err := registry.Pull(ctx, memory.New(), srv.Host()+"/x/demo", skills.TransferOptions{})
		require.ErrorIs(t, err, skills.ErrInvalidReference)
		require.ErrorContains(t, err, "it has no tag or digest; add one")
		err = registry.Push(ctx, src, packed.IndexDigest, srv.Host()+"/x/demo", skills.TransferOptions{})
		require.ErrorIs(t, err, skills.ErrInvalidReference)
		require.ErrorContains(t, err, "it has no tag; add one")
		err = registry.Push(ctx, src, packed.IndexDigest, srv.Host()+"/x/demo@"+packed.IndexDigest.String(), skills.TransferOptions{})
		require.ErrorIs(t, err, skills.ErrInvalidReference)
	})
	t.Run("absent", func(t *testing.T) {
		t.Parallel()
		_, err := registry.Pull(ctx, memory.New(), srv.Host()+"/skills/demo:2.0", skills.TransferOptions{})
		require.ErrorIs(t, err, errdef.ErrNotFound)
		require.EqualError(t, err, "pull "+srv.Host()+"/skills/demo:2.0: not found; check the name and the tag")
		absent := srv.Host() + "/skills/demo@" + digest.FromString("x").String()
		_, err = registry.Pull(ctx, memory.New(), absent, skills.TransferOptions{})
		require.EqualError(t, err, "pull "+absent+": not found; check the name and the digest")
		err = registry.Push(ctx, src, digest.FromString("x"), ref, skills.TransferOptions{})
		require.ErrorIs(t, err, errdef.ErrNotFound)
	})
	t.Run("no password", func(t *testing.T) {
		t.Parallel()
		for _, bearer := range []bool{false, true} {
			locked := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: map[string]string{"ann": "secret"}, Bearer: bearer}})
			_, err := newRegistry(t, locked).Pull(ctx, memory.New(), locked.Host()+"/skills/demo:1.0", skills.TransferOptions{})
			require.ErrorContains(t, err, "log in")
		}
	})
	t.Run("plain HTTP where TLS is spoken and the reverse", func(t *testing.T) {
		t.Parallel()
		_, err := newRegistry(t, srv, skills.WithPlainHTTP(false)).Pull(ctx, memory.New(), ref, skills.TransferOptions{})
		require.ErrorContains(t, err, "plain HTTP")
	})
	t.Run("unknown authority", func(t *testing.T) {
		t.Parallel()
		locked := registrytest.New(t, registrytest.Options{TLS: true})
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		registry := newRegistry(t, locked, skills.WithHTTPClient(client))
		ref := locked.Host() + "/skills/demo:1.0"
		_, pulled := registry.Pull(ctx, memory.New(), ref, skills.TransferOptions{})
		_, pushed := registry.PushDir(ctx, dir, ref, skills.PackageOptions{})
		repository, tag, err := registry.Repository(ref)
		require.NoError(t, err)
		_, inspected := skills.Inspect(ctx, repository, tag, skills.InspectOptions{Files: true})
		for _, err := range []error{pulled, pushed, inspected} {
			require.ErrorAs(t, err, new(x509.UnknownAuthorityError))
			require.ErrorContains(t, err, "SSL_CERT_FILE")
			require.ErrorIs(t, err, skills.ErrUnavailable)
			require.NotContains(t, err.Error(), "WithHTTPClient")
		}
	})
	for name, fault := range map[string]registrytest.Fault{
		"layer corrupted": {Match: registrytest.Match{Digest: packed.LayerDigest}, Count: -1, Effect: registrytest.Corrupt, At: 20},
		"layer cut":       {Match: registrytest.Match{Digest: packed.LayerDigest}, Count: -1, Effect: registrytest.Truncate, At: 20},
		"layer dropped":   {Match: registrytest.Match{Digest: packed.LayerDigest}, Count: -1, Effect: registrytest.DropBody, At: 0},
		"config broken":   {Match: registrytest.Match{Digest: packed.ConfigDigest}, Count: -1, Effect: registrytest.Corrupt, At: 20},
		"manifest broken": {Match: registrytest.Match{Digest: packed.ManifestDigest}, Count: -1, Effect: registrytest.Corrupt, At: 20},
		"manifest gone":   {Match: registrytest.Match{Digest: packed.ManifestDigest}, Count: -1, Status: 404},
		"server error":    {Match: registrytest.Match{Digest: packed.LayerDigest}, Count: -1, Status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := registrytest.New(t)
			registry := newRegistry(t, broken)
			ref := broken.Host() + "/skills/demo:1.0"
			require.NoError(t, registry.Push(ctx, src, packed.IndexDigest, ref, skills.TransferOptions{}))
			fault.Match.Method = "GET"
			broken.Inject(fault)
			layout, err := ocilayout.Open(t.TempDir())
			require.NoError(t, err)
			_, err = registry.Pull(ctx, layout, ref, skills.TransferOptions{})
			require.Error(t, err)
			require.ErrorContains(t, err, ref)
			if strings.HasSuffix(name, "corrupted") || strings.HasSuffix(name, "broken") {
				require.ErrorIs(t, err, skills.ErrCorrupt)
			}
			tags, err := orasregistry.Tags(ctx, layout)
			require.NoError(t, err)
			require.Empty(t, tags)
			repository, tag, err := registry.Repository(ref)
			require.NoError(t, err)
			dest := filepath.Join(t.TempDir(), "out")
			_, err = skills.Unpack(ctx, repository, tag, dest, skills.UnpackOptions{})
			require.Error(t, err)
			require.NoDirExists(t, dest)
		})
	}
}

func TestProgressEndsAtTheTotal(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t)
	registry := newRegistry(t, srv)
	dir := filepath.Join(sampleDir, "http-status")
	var mu sync.Mutex
	var done, total int64
	report := func(d, of int64) {
		mu.Lock()
		defer mu.Unlock()
		require.GreaterOrEqual(t, d, done)
		require.LessOrEqual(t, d, of)
		done, total = d, of
	}
	ref := srv.Host() + "/skills/http-status:1.0"
	_, err := registry.PushDir(ctx, dir, ref, skills.PackageOptions{Progress: report})
	require.NoError(t, err)
	require.Equal(t, total, done)
	require.Positive(t, total)
	done, total = 0, 0
	_, err = registry.Pull(ctx, memory.New(), ref, skills.TransferOptions{Progress: report})
	require.NoError(t, err)
	require.Equal(t, total, done)
	require.Positive(t, total)

	repository, tag, err := registry.Repository(ref)
	require.NoError(t, err)
	done, total = 0, 0
	_, err = skills.Unpack(ctx, repository, tag, filepath.Join(t.TempDir(), "http-status"), skills.UnpackOptions{Progress: report})
	require.NoError(t, err)
	require.Equal(t, total, done)
	layer := total
	done, total = 0, 0
	inspection, err := skills.Inspect(ctx, repository, tag, skills.InspectOptions{Files: true, Progress: report})
	require.NoError(t, err)
	require.Equal(t, total, done)
	require.Equal(t, inspection.Layer.Size, done)
	require.Equal(t, inspection.Layer.Size, layer)
}
