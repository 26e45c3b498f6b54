// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestBlobsAtAnotherHost is where a client may not take its password along, and where
// a redirected URL has to be asked for anew.
func TestBlobsAtAnotherHost(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"http": false, "https": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{
				RedirectBlobs: true, TLS: secure,
				Auth: &registrytest.Auth{Users: map[string]string{"ann": "x"}},
			})
			seed(t, srv.Store)
			ask := func(method, url, password, ranges string) (*http.Response, string) {
				r, err := http.NewRequest(method, url, nil)
				require.NoError(t, err)
				r.Header.Set("Range", ranges)
				if password != "" {
					r.SetBasicAuth("ann", password)
				}
				resp, err := srv.Client().Do(r)
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				return resp, string(body)
			}
			resp, body := ask("GET", srv.URL+blobURL+seedDigest.String(), "x", "bytes=1-2")
			require.Equal(t, 206, resp.StatusCode)
			require.Equal(t, seedText[1:3], body)
			there := resp.Request.URL
			require.Equal(t, "localhost", there.Hostname())
			require.Equal(t, []registrytest.Operation{registrytest.OpBlobGet, registrytest.OpStorageGet},
				[]registrytest.Operation{srv.Requests()[0].Operation, srv.Requests()[1].Operation})

			resp, _ = ask("GET", there.String(), "x", "")
			require.Equal(t, 400, resp.StatusCode, "the password went along")
			resp, _ = ask("HEAD", there.String(), "", "")
			require.Equal(t, 405, resp.StatusCode)
			resp, _ = ask("GET", srv.URL+"/v2/", "", "")
			require.Equal(t, 401, resp.StatusCode)
			wrong := *there
			wrong.RawQuery = "X-Signature=1"
			resp, _ = ask("GET", wrong.String(), "", "")
			require.Equal(t, 403, resp.StatusCode)

			srv.Inject(registrytest.Fault{Match: registrytest.Match{Operation: registrytest.OpStorageGet}, Status: 403})
			resp, _ = ask("GET", srv.URL+blobURL+seedDigest.String(), "x", "")
			require.Equal(t, 403, resp.StatusCode, "the URL has expired")
		})
	}
}

func TestFailTLS(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{TLS: true})
	srv.FailTLS(2)
	for range 2 {
		_, err := srv.Client().Get(srv.URL + "/v2/")
		require.Error(t, err)
	}
	resp, err := srv.Client().Get(srv.URL + "/v2/")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Len(t, srv.Requests(), 1)
}

func TestTokensOfOtherRegistries(t *testing.T) {
	t.Parallel()
	for field, method := range map[string]string{"token": "GET", "access_token": "POST"} {
		srv := registrytest.New(t, registrytest.Options{Auth: &registrytest.Auth{
			Bearer: true, AnonymousPull: true, TokenFields: []string{field}, NoOAuth: field == "token", Users: map[string]string{"ann": "x"},
		}})
		resp, body, err := wire(t, srv, "GET", "/token", "")
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		var got map[string]string
		require.NoError(t, json.Unmarshal([]byte(body), &got))
		require.Len(t, got, 1)
		require.NotEmpty(t, got[field])
		resp = send(t, srv, "POST", "/token", "grant_type=password&username=ann&password=x", "Content-Type: application/x-www-form-urlencoded")
		require.Equal(t, map[string]int{"GET": 405, "POST": 200}[method], resp.StatusCode)
	}
}
