// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// send is wire for a test that only looks at the head of the answer.
func send(t *testing.T, srv *registrytest.Server, method, path, body string, header ...string) *http.Response {
	t.Helper()
	resp, _, err := wire(t, srv, method, path, body, header...)
	require.NoError(t, err)
	return resp
}

func TestUploadsOfOtherRegistries(t *testing.T) {
	t.Parallel()
	blob := digest.FromString("new")
	uploads := "/v2/demo/app/blobs/uploads/"
	t.Run("no single POST", func(t *testing.T) {
		t.Parallel()
		srv := registrytest.New(t, registrytest.Options{NoSinglePost: true})
		resp := send(t, srv, "POST", uploads+"?digest="+blob.String(), "new")
		require.Equal(t, 202, resp.StatusCode)
		require.Equal(t, "0-0", resp.Header.Get("Range"))
		require.Equal(t, 201, send(t, srv, "PUT", resp.Header.Get("Location")+"?digest="+blob.String(), "new").StatusCode)
	})
	t.Run("no mounts", func(t *testing.T) {
		t.Parallel()
		srv := registrytest.New(t, registrytest.Options{NoMount: true})
		dgst := putBlob(t, srv.Store, "demo/other", "new")
		resp := send(t, srv, "POST", uploads+"?from=demo/other&mount="+dgst.String(), "")
		require.Equal(t, 202, resp.StatusCode)
		require.Equal(t, 404, send(t, srv, "HEAD", blobURL+dgst.String(), "").StatusCode)
		require.Equal(t, 201, send(t, srv, "PUT", resp.Header.Get("Location")+"?digest="+blob.String(), "new").StatusCode)
	})
	t.Run("a state in an absolute Location", func(t *testing.T) {
		t.Parallel()
		srv := registrytest.New(t, registrytest.Options{UploadState: true})
		location := func(resp *http.Response) string {
			u, err := url.Parse(resp.Header.Get("Location"))
			require.NoError(t, err)
			require.Equal(t, srv.URL, u.Scheme+"://"+u.Host)
			require.NotEmpty(t, u.Query().Get("_state"))
			return u.RequestURI()
		}
		first := location(send(t, srv, "POST", uploads, ""))
		second := location(send(t, srv, "PATCH", first, "n"))
		require.NotEqual(t, first, second)
		path, _, _ := strings.Cut(second, "?")
		for _, old := range []string{first, path, path + "?_state=x"} {
			require.Equal(t, 400, send(t, srv, "PATCH", old, "x").StatusCode)
			require.Equal(t, 400, send(t, srv, "PUT", old+map[bool]string{true: "&", false: "?"}[strings.Contains(old, "?")]+"digest="+blob.String(), "ew").StatusCode)
		}
		require.Equal(t, second, location(send(t, srv, "GET", path, "")), "who lost it may ask")
		require.Equal(t, 201, send(t, srv, "PUT", second+"&digest="+blob.String(), "ew").StatusCode)
	})
	t.Run("a least length of chunks", func(t *testing.T) {
		t.Parallel()
		srv := registrytest.New(t, registrytest.Options{ChunkMinLength: 3})
		resp := send(t, srv, "POST", uploads, "")
		require.Equal(t, "3", resp.Header.Get("OCI-Chunk-Min-Length"))
		at := resp.Header.Get("Location")
		require.Equal(t, 202, send(t, srv, "PATCH", at, "abc", "Content-Range: 0-2").StatusCode)
		require.Equal(t, 202, send(t, srv, "PATCH", at, "d", "Content-Range: 3-3").StatusCode, "perhaps the last")
		require.Equal(t, 400, send(t, srv, "PATCH", at, "efg", "Content-Range: 4-6").StatusCode)
		require.Equal(t, 201, send(t, srv, "PUT", at+"?digest="+digest.FromString("abcd").String(), "").StatusCode)
	})
}

func TestReadsOfOtherRegistries(t *testing.T) {
	t.Parallel()
	t.Run("no digest", func(t *testing.T) {
		t.Parallel()
		srv := registrytest.New(t, registrytest.Options{NoDigest: []registrytest.Operation{registrytest.OpBlobHead, registrytest.OpManifestGet, registrytest.OpManifestPut}})
		seed(t, srv.Store)
		for _, c := range []struct {
			method, path, body string
			has                bool
		}{
			{"PUT", "/v2/demo/app/manifests/v1", image("x"), false},
			{"GET", "/v2/demo/app/manifests/v1", "", false},
			{"HEAD", "/v2/demo/app/manifests/v1", "", true},
			{"HEAD", blobURL + seedDigest.String(), "", false},
			{"GET", blobURL + seedDigest.String(), "", true},
		} {
			resp := send(t, srv, c.method, c.path, c.body, "Content-Type: "+imageType)
			require.Less(t, resp.StatusCode, 300)
			require.Equal(t, c.has, resp.Header.Get("Docker-Content-Digest") != "", c)
		}
	})
	t.Run("ranges", func(t *testing.T) {
		t.Parallel()
		srv := registrytest.New(t, registrytest.Options{IgnoreRange: true})
		seed(t, srv.Store)
		resp, body, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "", "Range: bytes=1-2")
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, seedText, body)
		require.Empty(t, resp.Header.Get("Accept-Ranges"))
	})
	t.Run("redirects", func(t *testing.T) {
		t.Parallel()
		srv := registrytest.New(t, registrytest.Options{Redirect: func(repo string, blob ocispec.Descriptor) string {
			if blob.Size < 3 {
				return ""
			}
			return fmt.Sprintf("https://cdn.example/%s/%s?size=%d", repo, blob.Digest, blob.Size)
		}})
		large, small := putBlob(t, srv.Store, "demo/app", "large"), putBlob(t, srv.Store, "demo/app", "s")
		resp := send(t, srv, "GET", blobURL+large.String(), "")
		require.Equal(t, 307, resp.StatusCode)
		require.Equal(t, "https://cdn.example/demo/app/"+large.String()+"?size=5", resp.Header.Get("Location"))
		require.Equal(t, 200, send(t, srv, "HEAD", blobURL+large.String(), "").StatusCode)
		require.Equal(t, 200, send(t, srv, "GET", blobURL+small.String(), "").StatusCode)
		require.Equal(t, 404, send(t, srv, "GET", blobURL+digest.FromString("none").String(), "").StatusCode)
	})
}

func TestDeletesOfOtherRegistries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts           registrytest.Options
		blob, tag, one int
	}{
		"all":     {registrytest.Options{}, 202, 202, 202},
		"content": {registrytest.Options{NoDelete: true}, 405, 202, 405},
		"tags":    {registrytest.Options{NoTagDelete: true}, 202, 405, 202},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, c.opts)
			seed(t, srv.Store)
			require.Equal(t, 201, send(t, srv, "PUT", "/v2/demo/app/manifests/v1", image("x"), "Content-Type: "+imageType).StatusCode)
			require.Equal(t, c.tag, send(t, srv, "DELETE", "/v2/demo/app/manifests/v1", "").StatusCode)
			require.Equal(t, c.one, send(t, srv, "DELETE", "/v2/demo/app/manifests/"+digest.FromString(image("x")).String(), "").StatusCode)
			require.Equal(t, c.blob, send(t, srv, "DELETE", blobURL+seedDigest.String(), "").StatusCode)
		})
	}
}

func TestListsOfOtherRegistries(t *testing.T) {
	t.Parallel()
	const list = "/v2/demo/app/tags/list"
	for name, c := range map[string]struct {
		opts       registrytest.Options
		path, body string
		link       string
	}{
		"as specified":  {registrytest.Options{PageSize: 2}, list + "?n=1&last=v1", `["v2"]`, `</v2/demo/app/tags/list?last=v2&n=1>; rel="next"`},
		"absolute":      {registrytest.Options{PageSize: 2, AbsoluteLinks: true}, list, `["v1","v2"]`, `<http://HOST/v2/demo/app/tags/list?last=v2>; rel="next"`},
		"without":       {registrytest.Options{PageSize: 2, NoLink: true}, list, `["v1","v2"]`, ""},
		"n ignored":     {registrytest.Options{IgnoreN: true}, list + "?n=1&last=v1", `["v1","v2","v3"]`, ""},
		"only one page": {registrytest.Options{IgnoreN: true, PageSize: 1}, list + "?n=2&last=v1", `["v1"]`, `</v2/demo/app/tags/list?last=v1>; rel="next"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, c.opts)
			seed(t, srv.Store)
			for _, tag := range []string{"v1", "v2", "v3"} {
				require.Equal(t, 201, send(t, srv, "PUT", "/v2/demo/app/manifests/"+tag, image(tag), "Content-Type: "+imageType).StatusCode)
			}
			resp, body, err := wire(t, srv, "GET", c.path, "")
			require.NoError(t, err)
			require.JSONEq(t, `{"name":"demo/app","tags":`+c.body+`}`, body)
			require.Equal(t, strings.ReplaceAll(c.link, "HOST", srv.Host()), resp.Header.Get("Link"))
		})
	}
	t.Run("referrers not filtered", func(t *testing.T) {
		t.Parallel()
		srv := registrytest.New(t, registrytest.Options{NoFilter: true})
		seed(t, srv.Store)
		about := strings.Replace(image("x"), `"layers"`, fmt.Sprintf(`"subject":{"mediaType":%q,"digest":%q,"size":1},"layers"`, imageType, seedDigest), 1)
		require.Equal(t, 201, send(t, srv, "PUT", "/v2/demo/app/manifests/v1", about, "Content-Type: "+imageType).StatusCode)
		resp, body, err := wire(t, srv, "GET", "/v2/demo/app/referrers/"+seedDigest.String()+"?artifactType=application/other", "")
		require.NoError(t, err)
		require.Contains(t, body, digest.FromString(about).String())
		require.Empty(t, resp.Header.Get("OCI-Filters-Applied"))
	})
}

func TestStaleReads(t *testing.T) {
	t.Parallel()
	clock := newClock()
	for name, c := range map[string]struct {
		opts registrytest.Options
		pass func(t *testing.T, srv *registrytest.Server, path string, status int) // until the write is seen
	}{
		"two reads": {registrytest.Options{StaleReads: 2}, func(t *testing.T, srv *registrytest.Server, path string, status int) {
			for range 2 {
				require.Equal(t, status, send(t, srv, "GET", path, "").StatusCode)
			}
		}},
		"a minute": {registrytest.Options{StaleFor: time.Minute, Now: clock.now}, func(t *testing.T, srv *registrytest.Server, path string, status int) {
			for range 5 {
				require.Equal(t, status, send(t, srv, "GET", path, "").StatusCode)
			}
			require.NoError(t, clock.sleep(t.Context(), time.Minute))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := registrytest.New(t, c.opts)
			const tag = "/v2/demo/app/manifests/v1"
			push := func(text string) {
				require.Equal(t, 201, send(t, srv, "PUT", tag, image(text), "Content-Type: "+imageType).StatusCode)
			}
			digestAt := func() string { return send(t, srv, "HEAD", tag, "").Header.Get("Docker-Content-Digest") }
			upload := startUpload(t, srv, "demo/app")
			require.Equal(t, 201, send(t, srv, "PUT", upload+"?digest="+seedDigest.String(), seedText).StatusCode)
			c.pass(t, srv, blobURL+seedDigest.String(), 404)
			require.Equal(t, 200, send(t, srv, "GET", blobURL+seedDigest.String(), "").StatusCode)

			push("one")
			_, body, err := wire(t, srv, "GET", "/v2/demo/app/tags/list", "")
			require.NoError(t, err)
			require.Contains(t, body, `"tags":[]`)
			for range 2 {
				require.Equal(t, 404, send(t, srv, "GET", "/v2/demo/app/manifests/"+digest.FromString(image("one")).String(), "").StatusCode)
			}
			c.pass(t, srv, tag, 404)
			require.Equal(t, digest.FromString(image("one")).String(), digestAt())

			push("two")
			require.Equal(t, digest.FromString(image("one")).String(), digestAt())
			require.Equal(t, 202, send(t, srv, "DELETE", tag, "").StatusCode)
			require.Equal(t, digest.FromString(image("one")).String(), digestAt(), "what was before both")
			_, body, err = wire(t, srv, "GET", "/v2/demo/app/tags/list", "")
			require.NoError(t, err)
			require.Contains(t, body, `"tags":["v1"]`)
		})
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	clock := newClock()
	srv := registrytest.New(t, registrytest.Options{
		Now:       clock.now,
		Auth:      &registrytest.Auth{Users: map[string]string{"ann": "x", "bob": "x"}, AnonymousPull: true},
		RateLimit: &registrytest.RateLimit{Requests: 2, Window: 6 * time.Hour, Operations: []registrytest.Operation{registrytest.OpBlobGet}},
	})
	seed(t, srv.Store)
	get := func(user string) *http.Response {
		r, err := http.NewRequest("GET", srv.URL+blobURL+seedDigest.String(), nil)
		require.NoError(t, err)
		if user != "" {
			r.SetBasicAuth(user, "x")
		}
		resp, err := srv.Client().Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp
	}
	for _, user := range []string{"ann", "", "bob"} {
		for i, status := range []int{200, 200, 429, 429} {
			resp := get(user)
			require.Equal(t, status, resp.StatusCode, "%s %d", user, i)
			require.Equal(t, "2;w=21600", resp.Header.Get("RateLimit-Limit"))
			require.Equal(t, fmt.Sprintf("%d;w=21600", max(0, 1-i)), resp.Header.Get("RateLimit-Remaining"))
			if status == 429 {
				require.Equal(t, "21600", resp.Header.Get("Retry-After"))
			}
		}
	}
	require.Equal(t, 200, send(t, srv, "HEAD", blobURL+seedDigest.String(), "").StatusCode, "counts nothing")
	require.NoError(t, clock.sleep(t.Context(), 6*time.Hour))
	require.Equal(t, 200, get("ann").StatusCode)
}

func TestErrorsOfOtherRegistries(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{OnError: func(op registrytest.Operation, e *registrytest.ErrorAnswer) {
		switch op {
		case registrytest.OpManifestGet:
			e.Status, e.Code, e.Message = 401, registrytest.ErrUnauthorized, "authentication required"
		case registrytest.OpPing:
			e.Body = []byte("<h1>Bad Gateway</h1>")
			e.Header.Set("Content-Type", "text/html")
			e.Header.Set("X-Cache", "miss")
		}
	}})
	srv.Inject(registrytest.Fault{Match: registrytest.Match{Operation: registrytest.OpPing}, Status: 502})
	resp, body, err := wire(t, srv, "GET", "/v2/demo/app/manifests/v1", "")
	require.NoError(t, err)
	require.Equal(t, 401, resp.StatusCode)
	require.JSONEq(t, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, body)
	resp, body, err = wire(t, srv, "GET", "/v2/", "")
	require.NoError(t, err)
	require.Equal(t, 502, resp.StatusCode)
	require.Equal(t, "text/html", resp.Header.Get("Content-Type"))
	require.Equal(t, "miss", resp.Header.Get("X-Cache"))
	require.Equal(t, "<h1>Bad Gateway</h1>", body)
}

func TestStrictAccept(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{StrictAccept: true})
	seed(t, srv.Store)
	require.Equal(t, 201, send(t, srv, "PUT", "/v2/demo/app/manifests/v1", image("x"), "Content-Type: "+imageType).StatusCode)
	for accept, status := range map[string]int{
		"X: y":                                200,
		"Accept: */*":                         404,
		"Accept: application/json":            404,
		"Accept: text/html, " + imageType:     200,
		"Accept: " + imageType + ";q=0.5,a/b": 200,
	} {
		if accept == "X: y" {
			status = 404
		}
		require.Equal(t, status, send(t, srv, "GET", "/v2/demo/app/manifests/v1", "", accept).StatusCode, accept)
	}
}

func TestRepositoriesMustExist(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{MustExist: true})
	resp, body, err := wire(t, srv, "POST", "/v2/demo/app/blobs/uploads/", "")
	require.NoError(t, err)
	require.Equal(t, 404, resp.StatusCode)
	require.Contains(t, body, `"NAME_UNKNOWN"`)
	require.NoError(t, srv.CreateRepository("demo/app"))
	require.Equal(t, 202, send(t, srv, "POST", "/v2/demo/app/blobs/uploads/", "").StatusCode)
	require.Equal(t, 404, send(t, srv, "POST", "/v2/demo/other/blobs/uploads/", "").StatusCode)
	putBlob(t, srv.Store, "demo/other", "seeded")
	require.Equal(t, 202, send(t, srv, "POST", "/v2/demo/other/blobs/uploads/", "").StatusCode)
	require.Equal(t, 200, send(t, srv, "GET", "/v2/", "").StatusCode)
	require.ErrorIs(t, srv.CreateRepository("Demo"), registrytest.ErrNameInvalid)
}
