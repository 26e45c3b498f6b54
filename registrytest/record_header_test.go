// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestTheRecordHasHeaders of the requests, so that it can be asserted which of
// them a client sent and which it did not.
func TestTheRecordHasHeaders(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	seed(t, srv.Store)
	_, _, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "",
		"Range: bytes=3-", "accept: a/b", "Accept: c/d", "User-Agent: gopher/1")
	require.NoError(t, err)
	got := srv.Requests()[0].Header
	require.Equal(t, "bytes=3-", got.Get("Range"))
	require.Equal(t, []string{"a/b", "c/d"}, got.Values("Accept"))
	require.Equal(t, "gopher/1", got.Get("User-Agent"))
	require.NotContains(t, got, "Authorization")

	got.Set("Range", "changed")
	require.Equal(t, "bytes=3-", srv.Requests()[0].Header.Get("Range"), "it is the caller's copy")
}

// TestTheRecordHasNoSecrets: a failed test logs it.
func TestTheRecordHasNoSecrets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key, value, want string
	}{
		"basic":             {"Authorization", "Basic dXNlcjpzZWNyZXQ=", "Basic REDACTED"},
		"bearer":            {"Authorization", "Bearer  secret", "Bearer REDACTED"},
		"another scheme":    {"Authorization", `Digest username="secret"`, "Digest REDACTED"},
		"no scheme":         {"Authorization", "secret", "REDACTED"},
		"what is no scheme": {"Authorization", "secret: x", "REDACTED"},
		"none":              {"Authorization", "", ""},
		"of a proxy":        {"Proxy-Authorization", "Basic c2VjcmV0", "Basic REDACTED"},
		"a cookie":          {"Cookie", "session=secret", "REDACTED"},
		"a token":           {"X-Amz-Security-Token", "secret", "REDACTED"},
		"a key":             {"X-Api-Key", "secret", "REDACTED"},
		"docker's own":      {"X-Registry-Auth", "secret", "REDACTED"},
		"where from":        {"Referer", "http://x/token?password=secret", "http://x/token?password=REDACTED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := registrytest.NewHandler(registrytest.Options{})
			r := httptest.NewRequest("GET", "/v2/", nil)
			r.Header.Set(c.key, c.value)
			r.Header.Add(c.key, c.value)
			h.ServeHTTP(httptest.NewRecorder(), r)
			got := h.Requests()[0]
			require.Equal(t, []string{c.want, c.want}, got.Header.Values(c.key))
			require.Equal(t, []string{c.value, c.value}, r.Header.Values(c.key), "the request stays as it is")
		})
	}
	for query, want := range map[string]string{
		"grant_type=password&password=secret&scope=x":       "grant_type=password&password=REDACTED&scope=x",
		"refresh_token=secret":                              "refresh_token=REDACTED",
		"a&refresh%5Ftoken=secret&REFRESH_TOKEN=secret":     "a&refresh%5Ftoken=REDACTED&REFRESH_TOKEN=REDACTED",
		"client_secret=secret;x&access_token=secret":        "client_secret=REDACTED&access_token=REDACTED",
		"offline_token=true&service=x&scope=a:b:pull":       "offline_token=true&service=x&scope=a:b:pull",
		"mount=sha256:0&from=a/b&token":                     "mount=sha256:0&from=a/b&token",
		"%zz=1&password=secret" + strings.Repeat("x", 2000): "%zz=1&password=REDACTED",
	} {
		h := registrytest.NewHandler(registrytest.Options{})
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/token?"+query, nil))
		require.Equal(t, "/token?"+want, h.Requests()[0].Path)
	}
}

// TestTheRecordOfHeadersIsBounded in bytes for each request.
func TestTheRecordOfHeadersIsBounded(t *testing.T) {
	t.Parallel()
	many := http.Header{}
	for i := range 10_000 {
		many.Set(fmt.Sprintf("X%05d", i), "")
	}
	for name, header := range map[string]http.Header{
		"a long value":         {"A": {strings.Repeat("x", 900_000)}, "Range": {"bytes=0-"}},
		"many values":          {"A": make([]string, 10_000), "B": {"x"}},
		"many long values":     {"A": {strings.Repeat("x", 900)}, "B": {strings.Repeat("x", 900)}, "C": {strings.Repeat("x", 5000), strings.Repeat("x", 5000)}, "D": {strings.Repeat("x", 900)}},
		"many names":           many,
		"a long name":          {strings.Repeat("X", 900_000): {"x"}, "Range": {"bytes=0-"}},
		"a long authorization": {"Authorization": {strings.Repeat("x", 900_000)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := registrytest.NewHandler(registrytest.Options{})
			h.ServeHTTP(httptest.NewRecorder(), &http.Request{Method: "GET", URL: &url.URL{Path: "/v2/"}, Header: header})
			got, size := h.Requests()[0].Header, 0
			require.NotEmpty(t, got)
			for key, values := range got {
				for i, v := range values {
					size += len(key) + len(v) + 32
					require.True(t, v == header[key][i] || strings.HasSuffix(v, "...") || v == "REDACTED", "%.100s", v)
				}
			}
			require.LessOrEqual(t, size, 4096)
			if want := header.Get("Range"); want != "" {
				require.Equal(t, want, got.Get("Range"))
			}
		})
	}
}

// TestAuthorizationDoesNotFollowARedirect is how a test asks for it.
func TestAuthorizationDoesNotFollowARedirect(t *testing.T) {
	t.Parallel()
	other := registrytest.New(t)
	seed(t, other.Store)
	// Another host by name: to another port Go's client sends the header again.
	location := strings.Replace(other.URL, "127.0.0.1", "localhost", 1) + blobURL + seedDigest.String()
	srv := registrytest.New(t, registrytest.Options{
		Faults: []registrytest.Fault{{Status: 307, Header: http.Header{"Location": {location}}}},
	})
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+blobURL+seedDigest.String(), nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer x")
	req.Header.Set("Range", "bytes=1-")
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusPartialContent, resp.StatusCode)
	require.Equal(t, "Bearer REDACTED", srv.Requests()[0].Header.Get("Authorization"))
	require.Equal(t, "bytes=1-", other.Requests()[0].Header.Get("Range"))
	require.NotContains(t, other.Requests()[0].Header, "Authorization")
}
