// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/registrytest"
)

func TestTheChallengeNamesRealmAndService(t *testing.T) {
	t.Parallel()
	tokens := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Bearer: true}})
	const scope = `,scope="repository:demo/app:pull"`
	for name, c := range map[string]struct {
		auth registrytest.Auth
		want string // URL and HOST stand for the server's
	}{
		"neither":              {registrytest.Auth{Bearer: true}, `Bearer realm="URL/token",service="HOST"` + scope},
		"both":                 {registrytest.Auth{Bearer: true, Realm: "https://auth.example/t?x=y", Service: "registry.example"}, `Bearer realm="https://auth.example/t?x=y",service="registry.example"` + scope},
		"another server":       {registrytest.Auth{TokenServer: tokens}, `Bearer realm="` + tokens.URL + `/token",service="HOST"` + scope},
		"another, and a realm": {registrytest.Auth{TokenServer: tokens, Realm: "http://proxy.example/"}, `Bearer realm="http://proxy.example/",service="HOST"` + scope},
		"basic":                {registrytest.Auth{Service: "registry.example"}, `Basic realm="registrytest", charset="UTF-8"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Auth: &c.auth})
			got, challenge := status(t, srv, "GET", blobURL+seedDigest.String(), "")
			require.Equal(t, 401, got)
			require.Equal(t, strings.NewReplacer("URL", srv.URL, "HOST", srv.Host()).Replace(c.want), challenge)
		})
	}
}

// TestTokensOfAnotherServer are valid, while the registry has none itself: who brings
// the password to the wrong host gets nothing for it.
func TestTokensOfAnotherServer(t *testing.T) {
	t.Parallel()
	tokens := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users, Bearer: true}})
	srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{TokenServer: tokens, Allow: onlyUserPushes}})
	stranger := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users, Bearer: true}})

	src, _ := pack(t, "v1", "hello")
	_, err := oras.Copy(t.Context(), src, "v1", newRepo(t, srv, "demo/app", "user", "pass"), "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	require.Positive(t, len(tokens.Requests()))
	for _, r := range tokens.Requests() {
		require.Equal(t, registrytest.OpToken, r.Operation)
	}
	for _, r := range srv.Requests() {
		require.NotEqual(t, registrytest.OpToken, r.Operation)
	}

	got, _ := status(t, srv, "GET", "/token", "Basic dXNlcjpwYXNz")
	require.Equal(t, 404, got)
	for from, want := range map[*registrytest.Server]int{tokens: 202, stranger: 401} {
		_, a := token(t, from, "scope=repository:demo/app:pull,push", nil, "user", "pass")
		got, _ := status(t, srv, "POST", uploads, "Bearer "+a.Token)
		require.Equal(t, want, got)
	}
	_, a := token(t, tokens, "scope=repository:demo/app:pull,push", nil, "reader", "read")
	got, _ = status(t, srv, "POST", uploads, "Bearer "+a.Token)
	require.Equal(t, http.StatusForbidden, got, "the registry's own Allow")
}

func TestATokenServerIssuesTokens(t *testing.T) {
	t.Parallel()
	for _, auth := range []*registrytest.Auth{nil, {Users: users}} {
		tokens := registrytest.New(t, registrytest.Options{Auth: auth})
		require.Panics(t, func() { registrytest.NewHandler(registrytest.Options{Auth: &registrytest.Auth{TokenServer: tokens}}) })
	}
}

// TestATokenIsForTheServiceThatItWasAskedFor, where the registry has a name of its own.
func TestATokenIsForTheServiceThatItWasAskedFor(t *testing.T) {
	t.Parallel()
	for service, want := range map[string][]int{"": {200, 200}, "registry.example": {401, 200}} {
		srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users, Bearer: true, Service: service}})
		for i, asked := range []string{"other.example", "registry.example"} {
			_, byGet := token(t, srv, "service="+asked, nil, "user", "pass")
			_, byPost := token(t, srv, "", url.Values{"grant_type": {"password"}, "username": {"user"}, "password": {"pass"}, "service": {asked}}, "", "")
			for _, a := range []tokenAnswer{byGet, byPost} {
				got, challenge := status(t, srv, "GET", "/v2/", "Bearer "+a.AccessToken)
				require.Equal(t, want[i], got)
				require.Equal(t, got == 401, strings.Contains(challenge, `error="invalid_token"`))
			}
		}
	}
}
