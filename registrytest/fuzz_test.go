// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// nameExp is the grammar as the specification has it.
var nameExp = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)

// FuzzName: names and digests are valid for us if they are for others.
func FuzzName(f *testing.F) {
	for _, s := range []string{"a", "a/b", "a--b", "a_b", "a__b", "a___b", "a.b", "a..b", "a.", "/a", "a//b", "a_-b", "", "\xff",
		"sha256:" + strings.Repeat("0", 64), "sha512:" + strings.Repeat("f", 128), "sha256:" + strings.Repeat("F", 64), "sha256:", "md5:0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		require.Equal(t, nameExp.MatchString(s), validName(s), "%q", s)
		d := digest.Digest(s)
		_, err := parseDigest(s)
		require.Equal(t, d.Validate() == nil && d.Algorithm() != digest.SHA384, err == nil, "%q", s)
	})
}

// FuzzPath: whatever a path is, a call that is understood has a name, a tag and
// a digest of the right grammar, and a layout keeps it in its place.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"/v2/", "/v2/a/b/blobs/uploads/", "/v2/a/manifests/v1", "/v2/a/tags/list", "/token",
		"/v2/a/../b/blobs/sha256:" + strings.Repeat("0", 64), "/v2/a/blobs/uploads/00000000-0000-4000-8000-000000000000",
		"/v2/blobs/uploads/blobs/uploads/", "/v2//blobs/uploads/", "/v2/a/referrers/sha512:" + strings.Repeat("f", 128)} {
		f.Add("POST", p, "mount=sha256:00&from=x")
	}
	l := &layout{}
	f.Fuzz(func(t *testing.T, method, p, query string) {
		values, _ := url.ParseQuery(query)
		c, err := parseCall(method, p, values)
		require.NotNil(t, c)
		if err != nil || c.repo == "" {
			return
		}
		require.Regexp(t, nameExp, c.repo)
		if c.tag != "" {
			require.Regexp(t, tagExp, c.tag)
		}
		if c.upload != "" {
			require.Regexp(t, uuidExp, c.upload)
		}
		if c.digest != "" {
			require.NoError(t, c.digest.Validate())
		}
		dir, err := l.repoDir(c.repo)
		if err != nil {
			return
		}
		file := (&layoutRepo{dir: dir}).blobPath(digest.FromString("x"))
		require.True(t, strings.HasPrefix(path.Clean(file), c.repo+"/blobs/sha256/"), file)
	})
}

// FuzzRange: a range that is taken lies in the content.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-0", "bytes=-1", "bytes=5-", "bytes=1-2,3-4", "bytes=9223372036854775807-", "bytes=+1-2", "bytes=a-"} {
		f.Add(s, int64(10))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		start, length, partial, err := parseRange(header, size)
		if err != nil {
			return
		}
		require.True(t, start >= 0 && length >= 0 && start+length <= size, "%d+%d of %d", start, length, size)
		require.True(t, !partial || length > 0)
		require.True(t, partial || start == 0 && length == size)
	})
}

// FuzzContentRange: what is taken is written again as it was, up to zeros.
func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"0-0", "10-19", "19-10", "-5", "5-", "bytes 0-1/2", "4611686018427387904-4611686018427387905", "0-9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		start, length, ok := parseContentRange(header)
		if ok {
			require.True(t, start >= 0 && length > 0 && start+length > start)
			require.Regexp(t, `^[0-9]+-[0-9]+$`, header)
		}
	})
}

// FuzzLink: no Link makes the suite fail, and ours are read back.
func FuzzLink(f *testing.F) {
	for _, s := range []string{`</v2/a/tags/list?n=1&last=x>; rel="next"`, `<a>;rel=next`, `<a>; rel="prev"`, `<`, `a>; rel=next`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = parseNext(s)
		w := httptest.NewRecorder()
		setNext(w, &http.Request{URL: &url.URL{Path: "/v2/a/tags/list"}}, url.Values{"last": {s}})
		target, ok := parseNext(w.Header().Get("Link"))
		require.True(t, ok)
		u, err := url.Parse(target)
		require.NoError(t, err)
		require.Equal(t, s, u.Query().Get("last"))
	})
}

// FuzzManifest: a registry takes any bytes as a manifest or refuses them with
// 4xx, and gives back what it took.
func FuzzManifest(f *testing.F) {
	for _, s := range []string{`{"schemaVersion":2}`, `{"subject":{"digest":"sha256:0"}}`, `[]`, `null`, `{"config":null,"layers":[null]}`,
		`{"schemaVersion":2,"manifests":[{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":-1}]}`} {
		f.Add([]byte(s), "application/vnd.oci.image.manifest.v1+json", true)
		f.Add([]byte(s), "application/vnd.oci.image.index.v1+json;x=y", false)
	}
	f.Fuzz(func(t *testing.T, content []byte, mediaType string, strict bool) {
		h := NewHandler(Options{Strict: strict, RecordLimit: -1})
		defer h.close()
		r := httptest.NewRequest(http.MethodPut, "/v2/a/manifests/v1", bytes.NewReader(content))
		r.Header.Set("Content-Type", mediaType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			require.True(t, w.Code >= 400 && w.Code < 500, "%d", w.Code)
			return
		}
		got := httptest.NewRecorder()
		h.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/v2/a/manifests/v1", nil))
		require.Equal(t, content, append([]byte{}, got.Body.Bytes()...))
		if subject := w.Header().Get("OCI-Subject"); subject != "" {
			list, err := h.store.ListReferrers(t.Context(), "a", digest.Digest(subject))
			require.NoError(t, err)
			require.Len(t, list, 1)
			_, err = json.Marshal(list)
			require.NoError(t, err)
		}
	})
}

// FuzzToken: nobody gets more than the scope says, and no token but ours is
// taken.
func FuzzToken(f *testing.F) {
	f.Add("repository:a/b:pull,push", "grant_type=password&username=u&password=p", "x.y")
	f.Add("repository:a:* repository:b:delete registry:catalog:*", "grant_type=refresh_token&refresh_token=%", "")
	f.Add("repository:a:b:pull", "%zz", ".")
	f.Fuzz(func(t *testing.T, scope, form, token string) {
		list := parseScopes([]string{scope})
		for _, n := range list {
			require.NoError(t, checkName(n.repo))
			require.True(t, strings.Contains(scope, n.repo))
		}
		require.ElementsMatch(t, list, parseScopes([]string{formatScope(list)}))
		h := NewHandler(Options{RecordLimit: -1, Auth: &Auth{Bearer: true, Users: map[string]string{"u": "p"}}})
		defer h.close()
		for _, kind := range []string{kindAccess, kindRefresh} {
			_, err := h.tokens.verify(token, kind)
			require.Error(t, err)
		}
		r := httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.True(t, slices.Contains([]int{200, 400}, w.Code), "%d", w.Code)
		if w.Code == 200 {
			values, _ := url.ParseQuery(form)
			require.Equal(t, "p", values.Get("password"))
		}
	})
}
