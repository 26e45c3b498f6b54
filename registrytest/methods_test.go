// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestA405SaysWhatIsAllowed: RFC 9110, section 15.5.6, wants the header, which
// may be empty.
func TestA405SaysWhatIsAllowed(t *testing.T) {
	t.Parallel()
	manifest := image("one")
	for name, c := range map[string]struct {
		readOnly     bool
		method, path string
		allow        string
	}{
		"no such method":     {false, "PATCH", manifests + "v1", "GET, HEAD, PUT, DELETE"},
		"manifest as a blob": {false, "DELETE", blobURL + digest.FromString(manifest).String(), "GET, HEAD"},
		"read-only blob":     {true, "DELETE", blobURL + seedDigest.String(), "GET, HEAD"},
		"read-only manifest": {true, "PUT", manifests + "v1", "GET, HEAD"},
		"read-only upload":   {true, "PATCH", uploads + "00000000-0000-4000-8000-000000000000", "GET"},
		"read-only start":    {true, "POST", uploads, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
				srv := registrytest.New(t, registrytest.Options{Store: store})
				exchange{"PUT", manifests + "v1", manifest, imageType, 201, ""}.try(t, srv)
				srv = registrytest.New(t, registrytest.Options{Store: store, ReadOnly: c.readOnly})
				resp := exchange{c.method, c.path, "", "", 405, registrytest.ErrUnsupported}.try(t, srv)
				require.Equal(t, []string{c.allow}, resp.Header.Values("Allow"))
			}
		})
	}
	srv := registrytest.New(t)
	seed(t, srv.Store)
	exchange{"PUT", manifests + "v1", manifest, imageType, 201, ""}.try(t, srv)
	resp := exchange{"GET", "/v2/demo/app/tags/list?n=x", "", "", 400, registrytest.ErrUnsupported}.try(t, srv)
	require.Empty(t, resp.Header.Values("Allow"))
}

// TestHeadOfAListIsItsHead: what GET answers, but for the body (RFC 9110, section 9.3.2).
func TestHeadOfAListIsItsHead(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{PageSize: 1})
	seed(t, srv.Store)
	for _, tag := range []string{"v1", "v2"} {
		exchange{"PUT", manifests + tag, image(tag), imageType, 201, ""}.try(t, srv)
	}
	for path, status := range map[string]int{
		"/v2/demo/app/tags/list":                                 200,
		"/v2/demo/app/tags/list?n=x":                             400,
		"/v2/other/tags/list":                                    404,
		"/v2/demo/app/referrers/" + seedDigest.String():          200,
		"/v2/demo/app/referrers/sha256:0":                        400,
		"/v2/demo/app/referrers/sha256:0?artifactType=a%2Fb&x=y": 400,
	} {
		get, body, err := wire(t, srv, "GET", path, "")
		require.NoError(t, err)
		require.Equal(t, status, get.StatusCode, path)
		require.NotEmpty(t, body)
		head, none, err := wire(t, srv, "HEAD", path, "")
		require.NoError(t, err)
		require.Empty(t, none)
		get.Header.Del("Date")
		head.Header.Del("Date")
		require.Equal(t, get.Header, head.Header, path)
		require.Equal(t, get.StatusCode, head.StatusCode, path)
	}
	requests := srv.Requests()
	require.Equal(t, "HEAD", requests[len(requests)-1].Method)
	require.Zero(t, requests[len(requests)-1].BytesOut)
	exchange{"HEAD", "/v2/demo/app/tags/list", "", "", 200, ""}.try(t, srv)
	requests = srv.Requests()
	require.Equal(t, registrytest.OpTagsList, requests[len(requests)-1].Operation)
	resp := exchange{"DELETE", "/v2/demo/app/tags/list", "", "", 405, registrytest.ErrUnsupported}.try(t, srv)
	require.Equal(t, "GET, HEAD", resp.Header.Get("Allow"))
}
