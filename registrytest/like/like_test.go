// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package like_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/internal/testkit"
	"github.com/skillcask/skillcask/registrytest/like"
)

const index = "Accept: " + ocispec.MediaTypeImageIndex

// TestTheTable compares answers with the table of the package and with what is cited.
func TestTheTable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts                                                                registrytest.Options
		referrers, post, mount, byDigest, byTag, blob, plainAccept, newRepo int
		link                                                                string
		digest, state                                                       bool
	}{
		"Distribution2": {like.Distribution2(), 404, 202, 201, 405, 405, 200, 404, 202, "", true, true},
		"DockerHub":     {like.DockerHub(), 200, 201, 201, 202, 405, 307, 200, 202, "", true, false},
		"GHCR":          {like.GHCR(), 404, 201, 201, 405, 405, 307, 404, 202, "</v2/", true, false},
		"ECR":           {like.ECR(), 200, 201, 202, 202, 202, 307, 200, 404, "<http://", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			auth := c.opts.Auth
			c.opts.Auth = nil // what follows is asked without a login
			srv := registrytest.New(t, c.opts)
			image := srv.PutImage("demo/app", "v1")
			for i := range 101 {
				srv.Tag("demo/app", image.Digest, fmt.Sprint("t", i))
			}
			blob := srv.PutBlob("demo/app", []byte("blob"))
			ask := func(method, path, body string, header ...string) *http.Response {
				r, err := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
				require.NoError(t, err)
				for _, h := range header {
					key, value, _ := strings.Cut(h, ": ")
					r.Header.Set(key, value)
				}
				resp, err := srv.Client().Transport.RoundTrip(r)
				require.NoError(t, err)
				_, err = io.Copy(io.Discard, resp.Body)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				return resp
			}
			v2 := "/v2/demo/app/"
			resp := ask("GET", v2+"referrers/"+image.Digest.String(), "")
			require.Equal(t, c.referrers, resp.StatusCode)
			require.Equal(t, name == "Distribution2", resp.Header.Get("Content-Type") == "text/plain; charset=utf-8")
			link := ask("GET", v2+"tags/list", "").Header.Get("Link")
			require.True(t, strings.HasPrefix(link, c.link) && (link == "") == (c.link == ""), link)
			resp = ask("POST", v2+"blobs/uploads/?digest="+digest.FromString("x").String(), "x")
			require.Equal(t, c.post, resp.StatusCode)
			resp = ask("POST", v2+"blobs/uploads/", "")
			require.Equal(t, c.state, strings.Contains(resp.Header.Get("Location"), "_state="))
			srv.PutBlob("demo/other", []byte("other"))
			other := digest.FromString("other").String()
			require.Equal(t, c.mount, ask("POST", v2+"blobs/uploads/?from=demo/other&mount="+other, "").StatusCode)
			require.Equal(t, c.blob, ask("GET", v2+"blobs/"+blob.Digest.String(), "").StatusCode)
			require.Equal(t, c.plainAccept, ask("GET", v2+"manifests/v1", "", index).StatusCode)
			resp = ask("GET", v2+"manifests/v1", "", "Accept: "+ocispec.MediaTypeImageManifest)
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, c.digest, resp.Header.Get("Docker-Content-Digest") != "")
			require.Equal(t, c.byTag, ask("DELETE", v2+"manifests/t5", "").StatusCode)
			require.Equal(t, c.byDigest, ask("DELETE", v2+"manifests/"+image.Digest.String(), "").StatusCode)
			require.Equal(t, c.newRepo, ask("POST", "/v2/demo/new/blobs/uploads/", "").StatusCode)

			if auth != nil {
				c.opts.Auth = auth
				srv := registrytest.New(t, c.opts)
				resp, err := srv.Client().Get(srv.URL + "/v2/")
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				require.Equal(t, 401, resp.StatusCode)
				require.Equal(t, auth.Bearer, strings.HasPrefix(resp.Header.Get("Www-Authenticate"), "Bearer "))
			}
		})
	}
}

// TestDockerHubsLimit is that of anonymous pulls.
func TestDockerHubsLimit(t *testing.T) {
	t.Parallel()
	opts := like.DockerHub()
	opts.Auth = nil
	srv := registrytest.New(t, opts)
	srv.PutImage("demo/app", "v1")
	for i := range 101 {
		resp, err := srv.Client().Get(srv.URL + "/v2/demo/app/manifests/v1")
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, "100;w=21600", resp.Header.Get("RateLimit-Limit"))
		if i == 100 {
			require.Equal(t, 429, resp.StatusCode)
			require.Contains(t, string(body), "You have reached your pull rate limit.")
		} else {
			require.Equal(t, 200, resp.StatusCode)
		}
	}
}

// TestOrasMeetsThem pushes and pulls with oras-go, logged in.
func TestOrasMeetsThem(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{
		"Distribution2": like.Distribution2(), "DockerHub": like.DockerHub(), "GHCR": like.GHCR(), "ECR": like.ECR(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			if opts.Auth != nil {
				opts.Auth.Users = map[string]string{"AWS": "secret"}
			}
			srv := registrytest.New(t, opts)
			require.NoError(t, srv.CreateRepository("demo/app"))
			src, desc := testkit.Pack(t, "v1", "some text")
			repo := testkit.NewRepo(t, srv, "demo/app", "AWS", "secret")
			_, err := oras.Copy(ctx, src, "v1", repo, "v1", oras.DefaultCopyOptions)
			require.NoError(t, err)
			got, err := oras.Copy(ctx, repo, "v1", memory.New(), "v1", oras.DefaultCopyOptions)
			require.NoError(t, err)
			require.Equal(t, desc.Digest, got.Digest)
		})
	}
}

func ExampleDockerHub() {
	opts := like.DockerHub()
	opts.Auth.Users = map[string]string{"ann": "secret"}
	srv, err := registrytest.NewServer(opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL + "/v2/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	// Output: 401 Unauthorized
}
