// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

const blobURL = "/v2/demo/app/blobs/"

// requireClosed is how a dropped connection looks: an end or a reset.
func requireClosed(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	require.True(t, errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET), "%v", err)
}

func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	get := func(t *testing.T, srv *registrytest.Server) (*http.Response, string, error) {
		return wire(t, srv, "GET", blobURL+seedDigest.String(), "")
	}
	push := func(t *testing.T, srv *registrytest.Server, at string) (*http.Response, string, error) {
		return wire(t, srv, "PUT", at+"?digest="+digest.FromString("new").String(), "new")
	}
	exists := func(t *testing.T, srv *registrytest.Server, text string) bool {
		resp, _, err := wire(t, srv, "HEAD", blobURL+digest.FromString(text).String(), "")
		require.NoError(t, err)
		return resp.StatusCode == http.StatusOK
	}
	onGet := registrytest.Match{Operation: registrytest.OpBlobGet}
	onPut := registrytest.Match{Operation: registrytest.OpUploadPut}
	for name, c := range map[string]struct {
		fault registrytest.Fault
		try   func(t *testing.T, srv *registrytest.Server)
	}{
		"status": {
			registrytest.Fault{Match: onGet, Status: 503, Header: http.Header{"Retry-After": {"7"}}},
			func(t *testing.T, srv *registrytest.Server) {
				resp, _, err := get(t, srv)
				require.NoError(t, err)
				require.Equal(t, 503, resp.StatusCode)
				require.Equal(t, "7", resp.Header.Get("Retry-After"))
				resp, body, err := get(t, srv)
				require.NoError(t, err)
				require.Equal(t, 200, resp.StatusCode, "one fault only")
				require.Equal(t, seedText, body)
			},
		},
		"too many requests": {
			registrytest.Fault{Match: onGet, Status: 429},
			func(t *testing.T, srv *registrytest.Server) {
				resp, body, err := get(t, srv)
				require.NoError(t, err)
				require.Equal(t, 429, resp.StatusCode)
				require.Contains(t, body, "TOOMANYREQUESTS")
			},
		},
		"redirect": {
			registrytest.Fault{Match: onGet, Status: 307, Header: http.Header{"Location": {"http://elsewhere.example/blob"}}},
			func(t *testing.T, srv *registrytest.Server) {
				resp, _, err := get(t, srv)
				require.NoError(t, err)
				require.Equal(t, 307, resp.StatusCode)
				require.Equal(t, "http://elsewhere.example/blob", resp.Header.Get("Location"))
			},
		},
		"drop-request": {
			registrytest.Fault{Match: onPut, Effect: registrytest.DropRequest},
			func(t *testing.T, srv *registrytest.Server) {
				_, _, err := push(t, srv, startUpload(t, srv, "demo/app"))
				requireClosed(t, err)
				require.False(t, exists(t, srv, "new"))
			},
		},
		"drop-upload": {
			registrytest.Fault{Match: registrytest.Match{Method: "PATCH"}, Effect: registrytest.DropUpload, At: 4},
			func(t *testing.T, srv *registrytest.Server) {
				at := startUpload(t, srv, "demo/app")
				_, _, err := wire(t, srv, "PATCH", at, "new and more")
				requireClosed(t, err)
				resp, _, err := wire(t, srv, "GET", at, "")
				require.NoError(t, err)
				require.Equal(t, "0-3", resp.Header.Get("Range"), "what came stays")
			},
		},
		"drop-response": {
			registrytest.Fault{Match: onPut, Effect: registrytest.DropResponse},
			func(t *testing.T, srv *registrytest.Server) {
				_, _, err := push(t, srv, startUpload(t, srv, "demo/app"))
				requireClosed(t, err)
				require.True(t, exists(t, srv, "new"), "performed")
			},
		},
		"drop-body": {
			registrytest.Fault{Match: onGet, Effect: registrytest.DropBody, At: 10},
			func(t *testing.T, srv *registrytest.Server) {
				resp, body, err := get(t, srv)
				require.NotNil(t, resp)
				require.Equal(t, int64(36), resp.ContentLength)
				requireClosed(t, err)
				require.Equal(t, seedText[:10], body)
			},
		},
		"drop-body, after it": {
			registrytest.Fault{Match: onGet, Effect: registrytest.DropBody, At: 36},
			func(t *testing.T, srv *registrytest.Server) {
				conn, err := net.Dial("tcp", srv.Host())
				require.NoError(t, err)
				defer conn.Close()
				_, err = io.WriteString(conn, "GET "+blobURL+seedDigest.String()+" HTTP/1.1\r\nHost: x\r\n\r\n")
				require.NoError(t, err)
				all, err := io.ReadAll(conn) // ends, though the connection was to be kept
				require.NoError(t, err)
				require.Contains(t, string(all), seedText)
			},
		},
		"truncate": {
			registrytest.Fault{Match: onGet, Effect: registrytest.Truncate, At: 10},
			func(t *testing.T, srv *registrytest.Server) {
				resp, body, err := get(t, srv)
				require.NoError(t, err)
				require.Equal(t, int64(10), resp.ContentLength)
				require.Equal(t, seedText[:10], body)
			},
		},
		"corrupt": {
			registrytest.Fault{Match: onGet, Effect: registrytest.Corrupt, At: 10},
			func(t *testing.T, srv *registrytest.Server) {
				_, body, err := get(t, srv)
				require.NoError(t, err)
				require.Equal(t, seedText[:10]+string([]byte{'a' ^ 0xff})+seedText[11:], body)
				_, body, err = get(t, srv)
				require.NoError(t, err)
				require.Equal(t, seedText, body, "what is stored is as it was")
			},
		},
		"wrong-length": {
			registrytest.Fault{Match: onGet, Effect: registrytest.WrongLength},
			func(t *testing.T, srv *registrytest.Server) {
				resp, body, err := get(t, srv)
				require.NotNil(t, resp)
				require.Equal(t, int64(37), resp.ContentLength)
				requireClosed(t, err)
				require.Equal(t, seedText, body)
			},
		},
		"wrong-length, too short": {
			registrytest.Fault{Match: onGet, Effect: registrytest.WrongLength, At: -6},
			func(t *testing.T, srv *registrytest.Server) {
				resp, body, err := get(t, srv)
				require.NoError(t, err)
				require.Equal(t, int64(30), resp.ContentLength)
				require.Equal(t, seedText[:30], body)
			},
		},
		"wrong-digest": {
			registrytest.Fault{Match: onGet, Effect: registrytest.WrongDigest},
			func(t *testing.T, srv *registrytest.Server) {
				resp, body, err := get(t, srv)
				require.NoError(t, err)
				require.NotEqual(t, seedDigest.String(), resp.Header.Get("Docker-Content-Digest"))
				require.NoError(t, digest.Digest(resp.Header.Get("Docker-Content-Digest")).Validate())
				require.Equal(t, seedText, body)
			},
		},
		"lose-upload": {
			registrytest.Fault{Match: onPut, Effect: registrytest.LoseUpload},
			func(t *testing.T, srv *registrytest.Server) {
				resp, body, err := push(t, srv, startUpload(t, srv, "demo/app"))
				require.NoError(t, err)
				require.Equal(t, 404, resp.StatusCode)
				require.Contains(t, body, "BLOB_UPLOAD_UNKNOWN")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t)
			seed(t, srv.Store)
			srv.Inject(c.fault)
			c.try(t, srv)
		})
	}
}

func TestStallSendsSoMuchAndNoMore(t *testing.T) {
	t.Parallel()
	for _, at := range []int64{0, 10} {
		srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{{Effect: registrytest.Stall, At: at}}})
		seed(t, srv.Store)
		conn, err := net.Dial("tcp", srv.Host())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET "+blobURL+seedDigest.String()+" HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		if at > 0 {
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			part := make([]byte, at)
			_, err = io.ReadFull(resp.Body, part)
			require.NoError(t, err)
			require.Equal(t, seedText[:at], string(part))
		}
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
		_, err = conn.Read(make([]byte, 1))
		var timeout net.Error
		require.ErrorAs(t, err, &timeout)
		require.True(t, timeout.Timeout())
		// The end of the test closes the server: the stall must let it go.
	}
}

func TestFaultsAreCountedByTheRequestsThatMatch(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
		{Match: registrytest.Match{Method: "GET", Path: "/v2/*/app/blobs/*"}, Skip: 1, Count: 2, Status: 500},
		{Match: registrytest.Match{Digest: seedDigest}, Skip: 3, Count: -1, Status: 502},
		{Match: registrytest.Match{Repository: "other"}, Status: 504, Optional: true},
	}})
	seed(t, srv.Store)
	var got []int
	for range 6 {
		resp, _, err := wire(t, srv, "GET", blobURL+seedDigest.String(), "")
		require.NoError(t, err)
		got = append(got, resp.StatusCode)
	}
	require.Equal(t, []int{200, 500, 500, 502, 502, 502}, got)
}

// TestTheFaultGivenFirstHappens when several are due, whichever Inject it came by.
func TestTheFaultGivenFirstHappens(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
		{Match: registrytest.Match{Method: "GET"}, Status: 500},
		{Status: 502, Count: 2},
	}})
	srv.Inject(registrytest.Fault{Status: 504, Count: 3})
	var got []int
	for range 4 {
		resp, _, err := wire(t, srv, "GET", "/v2/", "")
		require.NoError(t, err)
		got = append(got, resp.StatusCode)
	}
	require.Equal(t, []int{500, 502, 504, 200}, got)
}
