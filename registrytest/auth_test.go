// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/registrytest"
)

var users = map[string]string{"user": "pass", "reader": "read"}

func onlyUserPushes(user, repository, action string) bool { return action == "pull" || user == "user" }

type tokenAnswer struct {
	Token        string `json:"token"`
	AccessToken  string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"`
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token"`
	Error        string `json:"error"`
}

// token asks by GET, or by POST if there is a form.
func token(t *testing.T, srv *registrytest.Server, query string, form url.Values, user, password string) (int, tokenAnswer) {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+"/token?"+query, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	var a tokenAnswer
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&struct{ *tokenAnswer }{&a}), "%d", resp.StatusCode)
	return resp.StatusCode, a
}

func status(t *testing.T, srv *registrytest.Server, method, path, authorization string) (int, string) {
	t.Helper()
	resp, _, err := wire(t, srv, method, path, "", "Authorization: "+authorization)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header.Get("Www-Authenticate")
}

func TestBasicAuthentication(t *testing.T) {
	t.Parallel()
	const user, reader, wrong = "Basic dXNlcjpwYXNz", "Basic cmVhZGVyOnJlYWQ=", "Basic dXNlcjp3cm9uZw=="
	const noName, empty = "Basic OnBhc3M=", "Basic Og==" // ":pass" and ":"
	for _, c := range []struct {
		auth          registrytest.Auth
		method, path  string
		authorization string
		status        int
	}{
		{registrytest.Auth{Users: users}, "GET", "/v2/", "", 401},
		{registrytest.Auth{Users: users}, "GET", "/v2/", wrong, 401},
		{registrytest.Auth{Users: users}, "GET", "/v2/", "Bearer x", 401},
		{registrytest.Auth{Users: users}, "GET", "/v2/", user, 200},
		{registrytest.Auth{Users: users}, "GET", "/nowhere", "", 401},
		{registrytest.Auth{Users: users}, "POST", uploads, reader, 202},
		{registrytest.Auth{Users: users, Allow: onlyUserPushes}, "POST", uploads, reader, 403},
		{registrytest.Auth{Users: users, Allow: onlyUserPushes}, "POST", uploads, user, 202},
		{registrytest.Auth{Users: users, Allow: onlyUserPushes}, "GET", blobURL + seedDigest.String(), reader, 200},
		{registrytest.Auth{Users: users, Allow: onlyUserPushes}, "POST", "/v2/other/blobs/uploads/?mount=" + seedDigest.String(), user, 202},
		{registrytest.Auth{Users: users}, "POST", "/v2/other/blobs/uploads/?mount=" + seedDigest.String(), user, 201},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", blobURL + seedDigest.String(), "", 200},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", blobURL + seedDigest.String(), wrong, 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", blobURL + seedDigest.String(), "Basic ???", 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", blobURL + seedDigest.String(), "Bearer x", 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", blobURL + seedDigest.String(), noName, 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", blobURL + seedDigest.String(), empty, 200},
		{registrytest.Auth{Users: users}, "GET", blobURL + seedDigest.String(), empty, 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", "/v2/", "", 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", "/v2/", empty, 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", "/v2/", wrong, 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "GET", "/v2/", user, 200},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "HEAD", "/v2/", "", 401},
		{registrytest.Auth{Users: users, AnonymousPull: true}, "DELETE", blobURL + seedDigest.String(), "", 401},
		{registrytest.Auth{Check: func(u, p string) bool { return u == "user" && p == "pass" }}, "GET", "/v2/", user, 200},
		{registrytest.Auth{Check: func(u, p string) bool { return false }}, "GET", "/v2/", user, 401},
		{registrytest.Auth{}, "GET", "/v2/", user, 401},
	} {
		srv := registrytest.New(t, registrytest.Options{Auth: &c.auth})
		seed(t, srv.Store)
		got, challenge := status(t, srv, c.method, c.path, c.authorization)
		require.Equal(t, c.status, got, "%+v", c)
		require.Equal(t, got == 401, strings.HasPrefix(challenge, "Basic realm="), challenge)
	}
}

// TestWrongCredentialsGetNoToken, also where one is to be had without any.
func TestWrongCredentialsGetNoToken(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users, Bearer: true, AnonymousPull: true}})
	for authorization, want := range map[string]int{
		"": 200, "Basic Og==": 200, "Basic dXNlcjpwYXNz": 200,
		"Basic dXNlcjp3cm9uZw==": 401, "Basic OnBhc3M=": 401, "Basic ???": 401, "Bearer x": 401,
	} {
		got, challenge := status(t, srv, "GET", "/token?scope=repository:demo/app:pull", authorization)
		require.Equal(t, want, got, authorization)
		require.Equal(t, want == 401, challenge != "")
	}
	got, challenge := status(t, srv, "GET", "/v2/", "")
	require.Equal(t, 401, got)
	require.Contains(t, challenge, "Bearer realm=")
	require.NotContains(t, challenge, "scope=")
}

func TestTokenFlow(t *testing.T) {
	t.Parallel()
	clock := newClock()
	srv := registrytest.New(t, registrytest.Options{
		Now:  clock.now,
		Auth: &registrytest.Auth{Users: users, Allow: onlyUserPushes, Bearer: true, AnonymousPull: true, TokenTTL: time.Minute},
	})
	seed(t, srv.Store)
	blob := blobURL + seedDigest.String()

	got, challenge := status(t, srv, "GET", blob, "")
	require.Equal(t, 401, got)
	require.Equal(t, `Bearer realm="`+srv.URL+`/token",service="`+srv.Host()+`",scope="repository:demo/app:pull"`, challenge)

	got, anonymous := token(t, srv, "scope=repository:demo/app:pull,push", nil, "", "")
	require.Equal(t, 200, got)
	require.Equal(t, "repository:demo/app:pull", anonymous.Scope)
	require.Equal(t, 60, anonymous.ExpiresIn)
	require.Empty(t, anonymous.RefreshToken)
	got, _ = status(t, srv, "GET", blob, "Bearer "+anonymous.Token)
	require.Equal(t, 200, got)
	got, challenge = status(t, srv, "DELETE", blob, "Bearer "+anonymous.Token)
	require.Equal(t, 401, got)
	require.Contains(t, challenge, `scope="repository:demo/app:delete",error="insufficient_scope"`)
	got, _ = status(t, srv, "GET", "/v2/other/blobs/"+seedDigest.String(), "Bearer "+anonymous.Token)
	require.Equal(t, 401, got, "another repository")

	got, user := token(t, srv, "scope=repository:demo/app:*&offline_token=true", nil, "user", "pass")
	require.Equal(t, 200, got)
	require.Equal(t, "repository:demo/app:pull,push,delete", user.Scope)
	require.NotEmpty(t, user.RefreshToken)
	got, _ = status(t, srv, "POST", uploads, "Bearer "+user.AccessToken)
	require.Equal(t, 202, got)
	got, challenge = status(t, srv, "POST", "/v2/demo/app/blobs/uploads/?from=other/app&mount="+seedDigest.String(), "Bearer "+user.AccessToken)
	require.Equal(t, 401, got)
	require.Contains(t, challenge, `scope="repository:demo/app:pull,push repository:other/app:pull"`)

	clock.t = clock.t.Add(time.Minute)
	got, challenge = status(t, srv, "GET", blob, "Bearer "+user.Token)
	require.Equal(t, 401, got, "expired")
	require.Contains(t, challenge, `error="invalid_token"`)

	for name, c := range map[string]struct {
		form   url.Values
		status int
		err    string
	}{
		"refresh":       {url.Values{"grant_type": {"refresh_token"}, "refresh_token": {user.RefreshToken}, "scope": {"repository:demo/app:push"}}, 200, ""},
		"no refresh":    {url.Values{"grant_type": {"refresh_token"}, "refresh_token": {user.Token}}, 400, "invalid_grant"},
		"password":      {url.Values{"grant_type": {"password"}, "username": {"user"}, "password": {"pass"}, "access_type": {"offline"}}, 200, ""},
		"bad password":  {url.Values{"grant_type": {"password"}, "username": {"user"}, "password": {"x"}}, 400, "invalid_grant"},
		"another grant": {url.Values{"grant_type": {"authorization_code"}}, 400, "unsupported_grant_type"},
		"no grant":      {url.Values{"a": {"b"}}, 400, "invalid_request"},
	} {
		got, a := token(t, srv, "", c.form, "", "")
		require.Equal(t, c.status, got, name)
		require.Equal(t, c.err, a.Error, name)
		if c.status == 200 {
			got, _ := status(t, srv, "GET", "/v2/", "Bearer "+a.AccessToken)
			require.Equal(t, 200, got, name)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/token", nil)
	require.NoError(t, err)
	req.SetBasicAuth("user", "wrong")
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 401, resp.StatusCode)
	for _, bad := range []string{"Bearer ", "Bearer a.b", "Bearer " + user.RefreshToken, "Bearer " + strings.ToUpper(user.Token), "Basic dXNlcjpwYXNz"} {
		got, _ := status(t, srv, "GET", "/v2/", bad)
		require.Equal(t, 401, got, bad)
	}
}

func TestOrasUsesTokens(t *testing.T) {
	t.Parallel()
	clock := newClock()
	srv := registrytest.New(t, registrytest.Options{
		TLS: true, Now: clock.now,
		Auth: &registrytest.Auth{Users: users, Allow: onlyUserPushes, Bearer: true},
	})
	src, desc := pack(t, "v1", "hello")
	ctx := t.Context()
	_, err := oras.Copy(ctx, src, "v1", newRepo(t, srv, "demo/app", "reader", "read"), "v1", oras.DefaultCopyOptions)
	require.Error(t, err)
	repo := newRepo(t, srv, "demo/app", "user", "pass")
	_, err = oras.Copy(ctx, src, "v1", repo, "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	clock.t = clock.t.Add(time.Hour) // the token in the client's cache is stale
	_, err = content.FetchAll(ctx, repo, desc)
	require.NoError(t, err)

	_, a := token(t, srv, "offline_token=true", nil, "user", "pass")
	repo = newRepo(t, srv, "demo/app", "", "")
	repo.Client.(*auth.Client).Credential = auth.StaticCredential(srv.Host(), auth.Credential{RefreshToken: a.RefreshToken})
	require.NoError(t, repo.Delete(ctx, desc))
}
