// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestErrorCodes has a raw request, or several, for each code of the
// specification ("Error Codes"), and asks for the status, the JSON body and its
// headers.
func TestErrorCodes(t *testing.T) {
	t.Parallel()
	absent := digest.FromString("absent").String()
	none := "00000000-0000-4000-8000-000000000000"
	one := image("one")
	basic := &registrytest.Auth{Users: users, Allow: onlyUserPushes}
	const asReader = "Authorization: Basic cmVhZGVyOnJlYWQ="
	onFault := func(status int) registrytest.Options {
		return registrytest.Options{Faults: []registrytest.Fault{{Status: status}}}
	}
	cases := []struct {
		code         registrytest.ErrorCode
		status       int
		why          string
		opts         registrytest.Options
		method, path string // UPLOAD stands for an open session
		body         string
		header       []string
	}{
		{"BLOB_UNKNOWN", 404, "no such blob", registrytest.Options{}, "GET", blobURL + absent, "", nil},
		{"BLOB_UNKNOWN", 404, "deleting no such blob", registrytest.Options{}, "DELETE", blobURL + absent, "", nil},

		{"BLOB_UPLOAD_INVALID", 400, "Content-Range is malformed", registrytest.Options{}, "PATCH", "UPLOAD", "abc", []string{"Content-Range: bytes 0-2/3"}},
		{"BLOB_UPLOAD_INVALID", 400, "Content-Range is no number", registrytest.Options{}, "PATCH", "UPLOAD", "abc", []string{"Content-Range: 0-x"}},
		{"BLOB_UPLOAD_INVALID", 400, "Content-Range is turned round", registrytest.Options{}, "PATCH", "UPLOAD", "abc", []string{"Content-Range: 2-0"}},
		{"BLOB_UPLOAD_INVALID", 400, "Content-Range of the last chunk is malformed", registrytest.Options{}, "PUT", "UPLOAD?digest=" + absent, "abc", []string{"Content-Range: 0"}},
		{"BLOB_UPLOAD_INVALID", 416, "the chunk is not the next", registrytest.Options{}, "PATCH", "UPLOAD", "abc", []string{"Content-Range: 5-7"}},
		{"BLOB_UPLOAD_INVALID", 416, "the last chunk is not the next", registrytest.Options{}, "PUT", "UPLOAD?digest=" + absent, "abc", []string{"Content-Range: 5-7"}},

		{"BLOB_UPLOAD_UNKNOWN", 404, "no such session", registrytest.Options{}, "PATCH", uploads + none, "abc", nil},
		{"BLOB_UPLOAD_UNKNOWN", 404, "its state", registrytest.Options{}, "GET", uploads + none, "", nil},
		{"BLOB_UPLOAD_UNKNOWN", 404, "cancelling it", registrytest.Options{}, "DELETE", uploads + none, "", nil},
		{"BLOB_UPLOAD_UNKNOWN", 404, "no UUID", registrytest.Options{}, "PUT", uploads + "x?digest=" + absent, "abc", nil},

		{"DIGEST_INVALID", 400, "another blob", registrytest.Options{}, "PUT", "UPLOAD?digest=" + absent, "abc", nil},
		{"DIGEST_INVALID", 400, "no digest", registrytest.Options{}, "PUT", "UPLOAD", "abc", nil},
		{"DIGEST_INVALID", 400, "upper case", registrytest.Options{}, "GET", blobURL + strings.ToUpper(absent), "", nil},
		{"DIGEST_INVALID", 400, "another manifest", registrytest.Options{}, "PUT", manifests + absent, one, []string{"Content-Type: " + imageType}},

		{"MANIFEST_BLOB_UNKNOWN", 400, "its config is not there", registrytest.Options{Strict: true}, "PUT", manifests + "v1",
			strings.ReplaceAll(one, seedDigest.String(), absent), []string{"Content-Type: " + imageType}},

		{"MANIFEST_INVALID", 400, "no JSON", registrytest.Options{}, "PUT", manifests + "v1", "{", []string{"Content-Type: " + imageType}},
		{"MANIFEST_INVALID", 400, "no tag", registrytest.Options{}, "GET", manifests + "-", "", nil},
		{"MANIFEST_INVALID", 413, "too large", registrytest.Options{MaxManifestSize: 10}, "PUT", manifests + "v1", one, []string{"Content-Type: " + imageType}},

		{"MANIFEST_UNKNOWN", 404, "no such tag", registrytest.Options{}, "GET", manifests + "v1", "", nil},
		{"MANIFEST_UNKNOWN", 404, "no such manifest", registrytest.Options{}, "DELETE", manifests + absent, "", nil},

		{"NAME_INVALID", 400, "upper case", registrytest.Options{}, "GET", "/v2/Demo/tags/list", "", nil},
		{"NAME_INVALID", 400, "of a mount's source", registrytest.Options{}, "POST", uploads + "?from=A&mount=" + absent, "", nil},

		{"NAME_UNKNOWN", 404, "no such repository", registrytest.Options{}, "GET", "/v2/other/tags/list", "", nil},

		{"SIZE_INVALID", 400, "Content-Range against Content-Length", registrytest.Options{}, "PATCH", "UPLOAD", "abc", []string{"Content-Range: 0-3"}},
		{"SIZE_INVALID", 400, "the same of the last chunk", registrytest.Options{}, "PUT", "UPLOAD?digest=" + absent, "abc", []string{"Content-Range: 0-1"}},
		{"SIZE_INVALID", 416, "no byte of the Range is there", registrytest.Options{}, "GET", blobURL + seedDigest.String(), "", []string{"Range: bytes=36-"}},

		{"UNAUTHORIZED", 401, "no credentials", registrytest.Options{Auth: basic}, "GET", "/v2/", "", nil},
		{"UNAUTHORIZED", 401, "no token", registrytest.Options{Auth: &registrytest.Auth{Bearer: true}}, "GET", blobURL + absent, "", nil},

		{"DENIED", 403, "one who may only read", registrytest.Options{Auth: basic}, "POST", uploads, "", []string{asReader}},
		{"DENIED", 403, "the quota", registrytest.Options{Quota: 37}, "POST", uploads + "?digest=" + digest.FromString("abc").String(), "abc", nil},

		{"UNSUPPORTED", 405, "another method", registrytest.Options{}, "POST", manifests + "v1", "", nil},
		{"UNSUPPORTED", 405, "read-only", registrytest.Options{ReadOnly: true}, "POST", uploads, "", nil},

		{"TOOMANYREQUESTS", 429, "a fault", onFault(429), "GET", "/v2/", "", nil},
	}
	seen := map[registrytest.ErrorCode]bool{}
	for _, c := range cases {
		seen[c.code] = true
		t.Run(fmt.Sprintf("%s/%s", c.code, c.why), func(t *testing.T) {
			t.Parallel()
			for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
				c.opts.Store = store
				srv := registrytest.New(t, c.opts)
				seed(t, store)
				path, upload := c.path, ""
				if strings.HasPrefix(path, "UPLOAD") {
					upload = startUpload(t, srv, "demo/app")
					path = strings.Replace(path, "UPLOAD", upload, 1)
				}
				resp, body, err := wire(t, srv, c.method, path, c.body, c.header...)
				require.NoError(t, err)
				require.Equal(t, c.status, resp.StatusCode, body)
				require.Equal(t, []string{"application/json"}, resp.Header.Values("Content-Type"))
				require.Equal(t, int64(len(body)), resp.ContentLength)
				requireErrorBody(t, body, c.code)
				require.Equal(t, c.status == 401, resp.Header.Get("Www-Authenticate") != "")
				require.Equal(t, c.status == 405 && !c.opts.ReadOnly, resp.Header.Get("Allow") != "")
				if upload != "" {
					ended := c.code == registrytest.ErrDigestInvalid && path != upload
					requireUploadAfter(t, srv, upload, resp, ended)
				}
				if c.method == http.MethodGet && c.status == 416 {
					require.Equal(t, "bytes */36", resp.Header.Get("Content-Range"))
				}
			}
		})
	}
	require.Len(t, seen, 14, "code-1 to code-14")
}

// requireUploadAfter: a chunk that was refused leaves the session as it was,
// and a 416 tells where to go on; a wrong digest ends it.
func requireUploadAfter(t *testing.T, srv *registrytest.Server, upload string, refusal *http.Response, ended bool) {
	t.Helper()
	if refusal.StatusCode == 416 {
		require.Equal(t, upload, refusal.Header.Get("Location"))
		require.Equal(t, "0-0", refusal.Header.Get("Range"))
	}
	resp, _, err := wire(t, srv, "PATCH", upload, "abc", "Content-Range: 0-2")
	require.NoError(t, err)
	if ended {
		require.Equal(t, 404, resp.StatusCode)
		return
	}
	require.Equal(t, 202, resp.StatusCode)
	require.Equal(t, "0-2", resp.Header.Get("Range"))
}
