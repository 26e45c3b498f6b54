// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// FuzzPath: whatever a path is, a call that is understood has a name, a tag and
// a digest of the right grammar, and the handler answers with anything but a fault
// of its own.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"/v2/", "/v2/a/b/blobs/uploads/", "/v2/a/manifests/v1", "/v2/a/tags/list", "/token",
		"/v2/a/../b/blobs/sha256:" + strings.Repeat("0", 64), "/v2/a/blobs/uploads/00000000-0000-4000-8000-000000000000",
		"/v2/blobs/uploads/blobs/uploads/", "/v2//blobs/uploads/", "/v2/a/referrers/sha512:" + strings.Repeat("f", 128)} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
			f.Add(method, p, "mount=sha256:00&from=x")
		}
		f.Add("POST", p, "digest=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
		f.Add("GET", p, "n=1&last=x&artifactType=%zz")
	}
	f.Fuzz(func(t *testing.T, method, p, query string) {
		values, _ := url.ParseQuery(query)
		c := parseCall(method, p, values)
		answer := serveOnce(t, Options{RecordLimit: 1}, method, p, query, nil)
		require.True(t, answer.Code >= 200 && answer.Code < 500, "%d", answer.Code)
		if c.err != nil {
			require.GreaterOrEqual(t, answer.Code, 400)
		}
		if c.err != nil || c.repo == "" {
			return
		}
		require.True(t, grammar.ValidName(c.repo), c.repo)
		if c.tag != "" {
			require.True(t, grammar.ValidTag(c.tag), c.tag)
		}
		if c.upload != "" {
			require.True(t, grammar.ValidUUID(c.upload), c.upload)
		}
		if c.digest != "" {
			require.NoError(t, c.digest.Validate())
		}
	})
}

// serveOnce sends a request with an empty body to a registry of its own, as it
// is: a path that no client would send arrives too.
func serveOnce(t *testing.T, opts Options, method, p, query string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	h := NewHandler(opts)
	defer h.close()
	r := (&http.Request{
		Method: method, URL: &url.URL{Path: p, RawQuery: query}, Host: "registry.example",
		Header: header, Body: http.NoBody,
	}).WithContext(t.Context())
	if r.Header == nil {
		r.Header = http.Header{}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code >= 400 && method != http.MethodHead && w.Header().Get("Content-Type") == "application/json" {
		require.True(t, json.Valid(w.Body.Bytes()), "%q", w.Body)
	}
	for _, r := range h.Requests() {
		require.Equal(t, w.Code, r.Status)
		require.LessOrEqual(t, len(r.Path), maxRecordedPath+3)
	}
	return w
}

// FuzzLink: a Link has the form of RFC 8288 and leads to where it should.
func FuzzLink(f *testing.F) {
	for _, s := range []string{`v1`, `"`, `>`, `>; rel="prev"`, ` ,`, "\n", "\xff", `%00`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := httptest.NewRecorder()
		q := &request{w: w, r: &http.Request{URL: &url.URL{Path: "/v2/a/tags/list"}}, h: &Handler{}}
		q.setNext(url.Values{"last": {s}})
		target, ok := strings.CutSuffix(w.Header().Get("Link"), `>; rel="next"`)
		require.True(t, ok)
		target, ok = strings.CutPrefix(target, "<")
		require.True(t, ok)
		require.NotContains(t, target, ">")
		u, err := url.Parse(target)
		require.NoError(t, err)
		require.Equal(t, "/v2/a/tags/list", u.Path)
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
			list, err := h.opts.Store.ListReferrers(t.Context(), "a", digest.Digest(subject))
			require.NoError(t, err)
			require.Len(t, list, 1)
			_, err = json.Marshal(list)
			require.NoError(t, err)
		}
	})
}

// FuzzToken: nobody gets more than the scope says, and no token but ours is
// taken: in a form, in a query, or in a header.
func FuzzToken(f *testing.F) {
	f.Add("repository:a/b:pull,push", "grant_type=password&username=u&password=p", "x.y", "service=x&scope=repository:a:pull", "Basic dTpw")
	f.Add("repository:a:* repository:b:delete registry:catalog:*", "grant_type=refresh_token&refresh_token=%", "", "offline_token=true&scope=repository:a/b:*", "Basic dTpx")
	f.Add("repository:a:b:pull", "%zz", ".", "%zz", "Bearer e30.x")
	f.Add("", "", "e30.", "scope=repository::pull&scope=x", "bearer")
	f.Fuzz(func(t *testing.T, scope, form, token, query, authorization string) {
		list := parseScopes([]string{scope})
		for _, n := range list {
			if n.repo == "" {
				require.Contains(t, scope, catalogScope)
				require.Equal(t, actionPull, n.action)
				continue
			}
			require.NoError(t, checkName(n.repo))
			require.True(t, strings.Contains(scope, n.repo))
		}
		require.ElementsMatch(t, list, parseScopes([]string{formatScope(list)}))
		opts := Options{RecordLimit: -1, Auth: &Auth{Bearer: true, Users: map[string]string{"u": "p"}}}
		h := NewHandler(opts)
		defer h.close()
		for _, kind := range []string{kindAccess, kindRefresh} {
			_, err := h.tokens.verify(token, kind, h.opts.Now())
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

		header := http.Header{"Authorization": {authorization}}
		user, password, _ := (&http.Request{Header: header}).BasicAuth()
		w = serveOnce(t, opts, http.MethodGet, "/token", query, header)
		if user == "u" && password == "p" {
			require.Equal(t, 200, w.Code)
			requireGranted(t, query, w.Body.Bytes())
		} else {
			require.Equal(t, 401, w.Code)
			require.Equal(t, basicChallenge, w.Header().Get("Www-Authenticate"))
		}
		for _, p := range []string{"/v2/", "/v2/a/tags/list", "/v2/a/blobs/uploads/" + scope} {
			for _, a := range []string{authorization, "Bearer " + token} {
				w = serveOnce(t, opts, http.MethodGet, p, query, http.Header{"Authorization": {a}})
				require.Equal(t, 401, w.Code)
				require.Contains(t, w.Header().Get("Www-Authenticate"), `Bearer realm="http://registry.example/token"`)
			}
		}
	})
}

// requireGranted: an answer of the token endpoint grants nothing that the query
// did not ask for.
func requireGranted(t *testing.T, query string, body []byte) {
	t.Helper()
	var answer tokenResponse
	require.NoError(t, json.Unmarshal(body, &answer), "%q", body)
	values, _ := url.ParseQuery(query)
	require.ElementsMatch(t, parseScopes(values["scope"]), parseScopes([]string{answer.Scope}))
	require.Equal(t, answer.Token, answer.AccessToken)
	require.Equal(t, values.Get("offline_token") == "true", answer.RefreshToken != "")
}
