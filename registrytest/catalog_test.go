// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/registrytest"
)

// catalogOf has four repositories.
var catalogOf = []string{"a", "a/b", "secret/c", "z"}

func seedCatalog(t *testing.T, srv *registrytest.Server) {
	t.Helper()
	for _, name := range []string{"z", "a/b", "a", "secret/c"} {
		putBlob(t, srv.Store, name, seedText)
	}
}

// TestTheCatalogListsRepositories, in pages that are linked.
func TestTheCatalogListsRepositories(t *testing.T) {
	t.Parallel()
	for first, c := range map[string]struct {
		pageSize int
		want     [][]string
	}{
		"/v2/_catalog":                  {0, [][]string{catalogOf}},
		"/v2/_catalog?n=100":            {0, [][]string{catalogOf}},
		"/v2/_catalog?n=4":              {0, [][]string{catalogOf}},
		"/v2/_catalog?n=3":              {0, [][]string{catalogOf[:3], catalogOf[3:]}},
		"/v2/_catalog?n=1&last=a":       {0, [][]string{{"a/b"}, {"secret/c"}, {"z"}}},
		"/v2/_catalog?last=b":           {0, [][]string{catalogOf[2:]}},
		"/v2/_catalog?last=zz":          {0, [][]string{{}}},
		"/v2/_catalog?n=0":              {0, [][]string{{}}},
		"/v2/_catalog?n=3&pagesize=two": {2, [][]string{catalogOf[:2], catalogOf[2:]}},
	} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{PageSize: c.pageSize})
			seedCatalog(t, srv)
			var pages [][]string
			for target := first; target != ""; {
				require.LessOrEqual(t, len(pages), 4)
				resp, body, err := wire(t, srv, "GET", target, "")
				require.NoError(t, err)
				require.Equal(t, 200, resp.StatusCode, target)
				require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
				page := map[string][]string{}
				require.NoError(t, json.Unmarshal([]byte(body), &page))
				pages = append(pages, page["repositories"])
				link := resp.Header.Get("Link")
				target = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
				require.True(t, link == "" || link == "<"+target+`>; rel="next"`, link)
			}
			require.Equal(t, c.want, pages)
			require.Equal(t, registrytest.OpCatalog, srv.Requests()[0].Operation)
		})
	}
}

func TestTheCatalogRefuses(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
		{Match: registrytest.Match{Operation: registrytest.OpCatalog}, Skip: 3, Status: 503},
	}})
	exchange{"GET", "/v2/_catalog?n=x", "", "", 400, registrytest.ErrUnsupported}.try(t, srv)
	exchange{"GET", "/v2/_catalog", "", "", 200, `{"repositories":[]}`}.try(t, srv)
	exchange{"HEAD", "/v2/_catalog", "", "", 200, ""}.try(t, srv)
	exchange{"GET", "/v2/_catalog", "", "", 503, ""}.try(t, srv)
	exchange{"POST", "/v2/_catalog", "", "", 405, registrytest.ErrUnsupported}.try(t, srv)
	exchange{"GET", "/v2/_catalog/", "", "", 404, ""}.try(t, srv)
}

// TestTheCatalogIsForWhoMayPull: nobody sees a name that is kept from them.
func TestTheCatalogIsForWhoMayPull(t *testing.T) {
	t.Parallel()
	allow := func(user, repository, action string) bool {
		if repository == "" {
			panic("asked for no repository")
		}
		return user == "user" || !strings.HasPrefix(repository, "secret/")
	}
	public := slices.Delete(slices.Clone(catalogOf), 2, 3)
	for name, c := range map[string]struct {
		auth           registrytest.Auth
		user, password string
		want           []string // nil if the client is refused
	}{
		"basic":                         {registrytest.Auth{Allow: allow}, "user", "pass", catalogOf},
		"basic, another user":           {registrytest.Auth{Allow: allow}, "reader", "read", public},
		"basic, wrong password":         {registrytest.Auth{Allow: allow}, "user", "x", nil},
		"basic, anonymous":              {registrytest.Auth{Allow: allow}, "", "", nil},
		"bearer":                        {registrytest.Auth{Allow: allow, Bearer: true}, "user", "pass", catalogOf},
		"bearer, another user":          {registrytest.Auth{Allow: allow, Bearer: true}, "reader", "read", public},
		"bearer, anonymous":             {registrytest.Auth{Allow: allow, Bearer: true}, "", "", nil},
		"bearer, anonymous who may":     {registrytest.Auth{Allow: allow, Bearer: true, AnonymousPull: true}, "", "", public},
		"bearer, all may do everything": {registrytest.Auth{Bearer: true}, "reader", "read", catalogOf},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.auth.Users = users
			srv := registrytest.New(t, registrytest.Options{Auth: &c.auth, PageSize: 2})
			seedCatalog(t, srv)
			reg, err := remote.NewRegistry(srv.Host())
			require.NoError(t, err)
			client := &auth.Client{Client: srv.Client()}
			if c.user != "" {
				client.Credential = auth.StaticCredential(srv.Host(), auth.Credential{Username: c.user, Password: c.password})
			}
			reg.PlainHTTP, reg.Client = true, client
			var got []string
			err = reg.Repositories(t.Context(), "", func(page []string) error {
				got = append(got, page...)
				return nil
			})
			if c.want == nil {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}

	srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users, Bearer: true}})
	got, challenge := status(t, srv, "GET", "/v2/_catalog", "")
	require.Equal(t, http.StatusUnauthorized, got)
	require.Contains(t, challenge, `,scope="registry:catalog:*"`)
	for scope, want := range map[string]int{"registry:catalog:*": 200, "repository:a:*": 401} {
		_, a := token(t, srv, "scope="+scope, nil, "user", "pass")
		require.Equal(t, scope == "registry:catalog:*", a.Scope == scope)
		got, _ := status(t, srv, "GET", "/v2/_catalog", "Bearer "+a.Token)
		require.Equal(t, want, got)
	}
}
