// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

const (
	asUser   = "Basic dXNlcjpwYXNz"
	asReader = "Basic cmVhZGVyOnJlYWQ="
)

// TestWhoIsNotKnownIsAsked: a client that has credentials shows them only after
// a challenge.
func TestWhoIsNotKnownIsAsked(t *testing.T) {
	t.Parallel()
	allow := func(user, repository, action string) bool { return user == "user" || repository == "public" }
	for _, bearer := range []bool{false, true} {
		srv := registrytest.New(t, registrytest.Options{
			Auth: &registrytest.Auth{Users: users, Allow: allow, AnonymousPull: true, Bearer: bearer},
		})
		for _, repo := range []string{"public", "private"} {
			dgst := putBlob(t, srv.Store, repo, seedText)
			exists := func(user, password string) error {
				_, err := newRepo(t, srv, repo, user, password).Blobs().Resolve(t.Context(), dgst.String())
				return err
			}
			require.NoError(t, exists("user", "pass"))
			if repo == "public" {
				require.NoError(t, exists("", ""))
				require.NoError(t, exists("reader", "read"))
				continue
			}
			require.Error(t, exists("", ""))
			require.Error(t, exists("reader", "read"))
		}
		if bearer {
			continue
		}
		for authorization, want := range map[string]int{"": 401, asUser: 200, asReader: 403} {
			got, challenge := status(t, srv, "GET", "/v2/private/blobs/"+seedDigest.String(), authorization)
			require.Equal(t, want, got)
			require.Equal(t, want == 401, challenge != "")
		}
	}
}

// bearerFor gets a token of a user for a scope.
func bearerFor(t *testing.T, srv *registrytest.Server, user, password, scope string) string {
	t.Helper()
	got, answer := token(t, srv, "scope="+scope, nil, user, password)
	require.Equal(t, 200, got)
	return "Authorization: Bearer " + answer.Token
}

func TestATokenTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{
		Auth: &registrytest.Auth{Users: users, Allow: onlyUserPushes, Bearer: true},
	})
	mount := uploads + "?mount=" + seedDigest.String()
	for name, c := range map[string]struct {
		method, path, user, scope string
		status                    int
		code                      registrytest.ErrorCode
	}{
		"bad name":             {"GET", "/v2/UPPER/manifests/v1", "user", "repository:UPPER:pull", 400, registrytest.ErrNameInvalid},
		"bad source":           {"POST", mount + "&from=UPPER", "user", "repository:demo/app:pull,push", 400, registrytest.ErrNameInvalid},
		"bad digest":           {"GET", blobURL + "sha256:0", "reader", "", 400, registrytest.ErrDigestInvalid},
		"bad method":           {"PATCH", blobURL + seedDigest.String(), "reader", "", 405, registrytest.ErrUnsupported},
		"another scope":        {"POST", uploads, "user", "repository:demo/app:pull", 401, registrytest.ErrUnauthorized},
		"not to be had":        {"POST", uploads, "reader", "repository:demo/app:pull,push", 403, registrytest.ErrDenied},
		"not to be had at all": {"DELETE", blobURL + seedDigest.String(), "reader", "", 403, registrytest.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, body, err := wire(t, srv, c.method, c.path, "", bearerFor(t, srv, c.user, users[c.user], c.scope))
			require.NoError(t, err)
			require.Equal(t, c.status, resp.StatusCode, body)
			require.Contains(t, body, string(c.code))
			require.Equal(t, c.status == 401, resp.Header.Get("Www-Authenticate") != "")
		})
	}
	got, challenge := status(t, srv, "GET", "/v2/UPPER/manifests/v1", "")
	require.Equal(t, 401, got)
	require.NotContains(t, challenge, "scope", "there is none for such a name")
}

// TestATokenMountsOnlyWhatItCovers: without a source the blob could come from
// anywhere.
func TestATokenMountsOnlyWhatItCovers(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{Users: users, Bearer: true}})
	secret := putBlob(t, srv.Store, "secret", "a secret")
	bearer := bearerFor(t, srv, "user", "pass", "repository:demo/app:pull,push")
	try := func(method, path string) int {
		resp, _, err := wire(t, srv, method, path, "", bearer)
		require.NoError(t, err)
		return resp.StatusCode
	}
	require.Equal(t, 401, try("GET", "/v2/secret/blobs/"+secret.String()))
	require.Equal(t, 401, try("POST", uploads+"?from=secret&mount="+secret.String()))
	require.Equal(t, 202, try("POST", uploads+"?mount="+secret.String()), "an upload instead")
	require.Equal(t, 404, try("GET", blobURL+secret.String()))
	require.Equal(t, 202, try("POST", uploads+"?mount="+digest.FromString("absent").String()), "as for what nobody has")
	bearer = bearerFor(t, srv, "user", "pass", "repository:demo/app:pull,push+repository:secret:push")
	require.Equal(t, 202, try("POST", uploads+"?mount="+secret.String()), "it may be pushed to that repository, not pulled from it")
	require.Equal(t, 404, try("GET", blobURL+secret.String()))
	bearer = bearerFor(t, srv, "user", "pass", "repository:demo/app:pull,push+repository:other:push+repository:secret:pull")
	require.Equal(t, 201, try("POST", uploads+"?mount="+secret.String()), "one of those that it covers")
	require.Equal(t, 200, try("GET", blobURL+secret.String()))
}

// TestAMountFromWhatMayNotBeReadIsAnUpload, or is refused where that is asked for.
// Neither says whether the blob is there.
func TestAMountFromWhatMayNotBeReadIsAnUpload(t *testing.T) {
	t.Parallel()
	notSecret := func(user, repository, action string) bool { return user == "user" || repository != "secret" }
	for _, bearer := range []bool{false, true} {
		for _, deny := range []bool{false, true} {
			srv := registrytest.New(t, registrytest.Options{
				Auth: &registrytest.Auth{Users: users, Allow: notSecret, Bearer: bearer, DenyMounts: deny},
			})
			secret := putBlob(t, srv.Store, "secret", "a secret")
			mount := uploads + "?from=secret&mount="
			reader, user := "Authorization: "+asReader, "Authorization: "+asUser
			if bearer {
				const scope = "repository:demo/app:pull,push+repository:secret:pull"
				reader, user = bearerFor(t, srv, "reader", "read", scope), bearerFor(t, srv, "user", "pass", scope)
			}
			for _, dgst := range []digest.Digest{secret, digest.FromString("absent")} {
				resp, body, err := wire(t, srv, "POST", mount+dgst.String(), "", reader)
				require.NoError(t, err)
				require.Empty(t, resp.Header.Get("Www-Authenticate"))
				if deny {
					require.Equal(t, 403, resp.StatusCode)
					require.Contains(t, body, string(registrytest.ErrDenied))
					continue
				}
				require.Equal(t, 202, resp.StatusCode, body)
				resp, _, err = wire(t, srv, "PUT", resp.Header.Get("Location")+"?digest="+seedDigest.String(), seedText, reader)
				require.NoError(t, err)
				require.Equal(t, 201, resp.StatusCode)
			}
			_, _, err := srv.Store.OpenBlob(t.Context(), "demo/app", secret)
			require.ErrorIs(t, err, registrytest.ErrBlobUnknown)
			resp, _, err := wire(t, srv, "POST", mount+secret.String(), "", user)
			require.NoError(t, err)
			require.Equal(t, 201, resp.StatusCode, "who may read it")
		}
	}
}
