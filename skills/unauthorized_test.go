// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// logins sets up the files of a person; either may be "".
func logins(t *testing.T, docker, podman string) (dockerFile, podmanFile string) {
	t.Helper()
	dockerFile, podmanFile = filepath.Join(t.TempDir(), "config.json"), filepath.Join(t.TempDir(), "auth.json")
	t.Setenv("DOCKER_CONFIG", filepath.Dir(dockerFile))
	t.Setenv("REGISTRY_AUTH_FILE", podmanFile)
	for file, content := range map[string]string{dockerFile: docker, podmanFile: podman} {
		if content != "" {
			require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		}
	}
	return dockerFile, podmanFile
}

// loginJSON is a file with one login.
func loginJSON(key, user, password string) string {
	return fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, key, base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

// locked is a registry that ann and bob may use, each in a namespace.
func locked(t *testing.T, bearer bool) *registrytest.Server {
	t.Helper()
	return registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{
		Users:  map[string]string{"ann": "anns-secret", "bob": "bobs-secret"},
		Bearer: bearer,
		Allow:  func(user, repository, _ string) bool { return strings.HasPrefix(repository, user+"/") },
	}})
}

// TestFaultySourcesStopNobody who needs no login, whichever file or helper is
// at fault, and are named to those who do.
func TestFaultySourcesStopNobody(t *testing.T) {
	for name, c := range map[string]struct{ docker, podman, fault string }{
		"helper not installed":          {docker: `{"credsStore":"is-not-there"}`, fault: "docker-credential-is-not-there"},
		"Podman's, likewise":            {podman: `{"credsStore":"is-not-there"}`, fault: "docker-credential-is-not-there"},
		"truncated file":                {docker: `{"auths":{`, fault: "config.json"},
		"Podman's is truncated":         {podman: `{"auths":{`, fault: "auth.json"},
		"no file at all":                {},
		"a login that can't be a login": {docker: `{"auths":{"%s":{"auth":"?"}}}`, fault: "config.json"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			public, private := registrytest.New(t), locked(t, false)
			docker := strings.ReplaceAll(c.docker, "%s", private.Host())
			dockerFile, podmanFile := logins(t, docker, c.podman)
			registry, err := skills.NewRegistry(skills.WithHTTPClient(public.Client()))
			require.NoError(t, err)
			dir := tree(t, smallSkill())
			_, err = registry.PushDir(ctx, dir, public.Host()+"/a/demo:1", skills.PackageOptions{})
			require.NoError(t, err)
			_, err = registry.Pull(ctx, memory.New(), public.Host()+"/a/demo:1", skills.TransferOptions{})
			require.NoError(t, err)

			ref := private.Host() + "/ann/demo:1"
			_, err = registry.Pull(ctx, memory.New(), ref, skills.TransferOptions{})
			require.ErrorIs(t, err, skills.ErrUnauthorized)
			require.ErrorContains(t, err, "no login for "+private.Host()+" was found in "+dockerFile+" or "+podmanFile)
			require.ErrorContains(t, err, c.fault)
			require.Equal(t, c.fault != "", strings.Contains(err.Error(), "passed over"))
			require.True(t, strings.HasSuffix(err.Error(), "; log in to "+private.Host()+" with docker login or podman login"), err.Error())
			requireReadable(t, err, private.Host())

			// A login in the other file does.
			other := podmanFile
			if c.podman != "" {
				other = dockerFile
			}
			require.NoError(t, os.WriteFile(other, []byte(loginJSON(private.Host(), "ann", "anns-secret")), 0o600))
			_, err = registry.PushDir(ctx, dir, ref, skills.PackageOptions{})
			require.NoError(t, err)
		})
	}
}

// TestUnauthorizedSaysWhatWasTried: whose login, and from where, and no secret.
func TestUnauthorizedSaysWhatWasTried(t *testing.T) {
	for _, bearer := range []bool{false, true} {
		for name, c := range map[string]struct {
			user, password, repository string
			want                       string
		}{
			"wrong password": {"ann", "secret-of-another", "ann/demo", "refused the login of ann from %s"},
			"unknown user":   {"carl", "carls-secret", "carl/demo", "refused the login of carl from %s"},
			"not allowed":    {"ann", "anns-secret", "bob/demo", "the login of ann from %s"},
			"nobody":         {"", "", "ann/demo", "no login for"},
		} {
			t.Run(fmt.Sprintf("%s/bearer=%t", name, bearer), func(t *testing.T) {
				ctx := context.Background()
				srv := locked(t, bearer)
				content := `{}`
				if c.user != "" {
					content = loginJSON(srv.Host(), c.user, c.password)
				}
				file, _ := logins(t, content, "")
				registry, err := skills.NewRegistry(skills.WithHTTPClient(srv.Client()))
				require.NoError(t, err)
				ref := srv.Host() + "/" + c.repository + ":1"
				dir := tree(t, smallSkill())
				store, packed := packDir(t, dir, skills.PackageOptions{})
				_, pulled := registry.Pull(ctx, memory.New(), ref, skills.TransferOptions{})
				pushed := registry.Push(ctx, store, packed.IndexDigest, ref, skills.TransferOptions{})
				_, pushedDir := registry.PushDir(ctx, dir, ref, skills.PackageOptions{})
				repository, tag, err := registry.Repository(ref)
				require.NoError(t, err)
				_, inspected := skills.Inspect(ctx, repository, tag, skills.InspectOptions{Files: true})
				_, unpacked := skills.Unpack(ctx, repository, tag, filepath.Join(t.TempDir(), "x"), skills.UnpackOptions{})
				_, verified := skills.Verify(ctx, repository, tag, dir, skills.VerifyOptions{})
				_, resolved := repository.Resolve(ctx, tag)
				for what, err := range map[string]error{
					"pull": pulled, "push": pushed, "push directory": pushedDir, "inspect": inspected,
					"unpack": unpacked, "verify": verified, "resolve": resolved,
				} {
					require.ErrorIs(t, err, skills.ErrUnauthorized, what)
					require.NotErrorIs(t, err, skills.ErrInterrupted, what)
					want := c.want
					if strings.Contains(want, "%s") {
						want = fmt.Sprintf(want, file)
					}
					require.ErrorContains(t, err, want, what)
					require.NotContains(t, err.Error(), "secret", what)
					requireReadable(t, err, srv.Host())
				}
			})
		}
	}
}

// TestDeniedIsUnauthorized of a registry that answers 403 to all.
func TestDeniedIsUnauthorized(t *testing.T) {
	t.Parallel()
	f := newFailing(t)
	f.Inject(registrytest.Fault{Status: http.StatusForbidden, Count: -1})
	ways := f.reads(t)
	for way, write := range f.writes() {
		ways[way] = write
	}
	for way, run := range ways {
		err := run()
		require.ErrorIs(t, err, skills.ErrUnauthorized, way)
		require.ErrorContains(t, err, "denies this to those without a login", way)
		response := new(errcode.ErrorResponse)
		require.ErrorAs(t, err, &response, way)
		require.Equal(t, http.StatusForbidden, response.StatusCode)
		requireReadable(t, err, f.Host())
	}
}

// TestDefaultCredentialsCanBeWrapped without losing the logins of repositories,
// nor the name of the file in messages.
func TestDefaultCredentialsCanBeWrapped(t *testing.T) {
	ctx := context.Background()
	srv := locked(t, true)
	_, podmanFile := logins(t, "", strings.TrimSuffix(loginJSON(srv.Host()+"/ann", "ann", "anns-secret"), "}}")+","+
		strings.TrimPrefix(loginJSON(srv.Host(), "carl", "carls-secret"), `{"auths":{`))
	var asked atomic.Int64
	standard := skills.DefaultCredentials()
	registry, err := skills.NewRegistry(skills.WithHTTPClient(srv.Client()), skills.WithCredentials(
		func(ctx context.Context, host, repository string) (auth.Credential, error) {
			asked.Add(1)
			require.Equal(t, srv.Host(), host)
			switch repository {
			case "bob/demo":
				return auth.Credential{Username: "bob", Password: "bobs-secret"}, nil
			case "lost/demo":
				return auth.EmptyCredential, errors.New("the vault is shut")
			}
			return standard(ctx, host, repository)
		}))
	require.NoError(t, err)
	dir := tree(t, smallSkill())
	push := func(repository string) error {
		_, err := registry.PushDir(ctx, dir, srv.Host()+"/"+repository+":1", skills.PackageOptions{})
		return err
	}
	for range 2 {
		require.NoError(t, push("ann/demo"))
		require.NoError(t, push("bob/demo"))
	}
	require.LessOrEqual(t, asked.Load(), int64(4), "tokens are kept: one to read with, one to write with")
	err = push("carl/demo")
	require.ErrorIs(t, err, skills.ErrUnauthorized)
	require.ErrorContains(t, err, "the login of carl from "+podmanFile)
	err = push("lost/demo")
	require.ErrorIs(t, err, skills.ErrUnauthorized)
	require.ErrorContains(t, err, "wants a login: the vault is shut")
}

// TestCredentialStoreKnowsHostsOnly, as its option says.
func TestCredentialStoreKnowsHostsOnly(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := locked(t, false)
	store := credentials.NewMemoryStore()
	require.NoError(t, store.Put(ctx, srv.Host(), auth.Credential{Username: "ann", Password: "anns-secret"}))
	registry := newRegistry(t, srv, skills.WithCredentialStore(store))
	dir := tree(t, smallSkill())
	_, err := registry.PushDir(ctx, dir, srv.Host()+"/ann/demo:1", skills.PackageOptions{})
	require.NoError(t, err)
	_, err = registry.PushDir(ctx, dir, srv.Host()+"/bob/demo:1", skills.PackageOptions{})
	require.ErrorIs(t, err, skills.ErrUnauthorized)
	require.ErrorContains(t, err, "denies this to the login of ann; log in to ")
	require.NotContains(t, err.Error(), "docker login", "it would not help")
}

// TestStorageElsewhereGetsNoLogin and is named if it refuses.
func TestStorageElsewhereGetsNoLogin(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the login went to another host")
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	defer storage.Close()
	srv := locked(t, false)
	store := credentials.NewMemoryStore()
	require.NoError(t, store.Put(ctx, srv.Host(), auth.Credential{Username: "ann", Password: "anns-secret"}))
	registry := newRegistry(t, srv, skills.WithCredentialStore(store))
	packed, err := registry.PushDir(ctx, tree(t, smallSkill()), srv.Host()+"/ann/demo:1", skills.PackageOptions{})
	require.NoError(t, err)
	srv.Inject(registrytest.Fault{
		Match:  registrytest.Match{Method: http.MethodGet, Digest: packed.LayerDigest},
		Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {storage.URL + "/bucket"}}, Count: -1,
	})
	_, err = registry.Pull(ctx, memory.New(), srv.Host()+"/ann/demo:1", skills.TransferOptions{})
	require.ErrorIs(t, err, skills.ErrUnauthorized)
	require.ErrorContains(t, err, strings.TrimPrefix(storage.URL, "http://")+", where "+srv.Host()+" keeps it, answered 403")
}
