// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/internal/testkit"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// TestMain looks for goroutines that outlive their servers.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// What tests of this package share with those of the packages below it.
const (
	seedText  = testkit.SeedText
	imageType = testkit.ImageType
)

var (
	seedDigest = testkit.SeedDigest
	seed       = testkit.Seed
	putBlob    = testkit.PutBlob
	image      = testkit.Image
	newRepo    = testkit.NewRepo
	pack       = testkit.Pack
	write      = testkit.WriteFile
)

func openLayout(t *testing.T) registrytest.Store {
	t.Helper()
	store, err := layout.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// wire sends a request over a connection of its own and returns what came
// back: the head, the body as far as it came, and how the body ended.
func wire(t testing.TB, srv *registrytest.Server, method, path, body string, header ...string) (*http.Response, string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", srv.Host())
	require.NoError(t, err)
	defer conn.Close()
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, path, srv.Host())
	if body != "" {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	for _, line := range header {
		head += line + "\r\n"
	}
	_, err = io.WriteString(conn, head+"\r\n"+body)
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return nil, "", err
	}
	b, err := io.ReadAll(resp.Body)
	return resp, string(b), err
}

// startUpload begins an upload and returns its path.
func startUpload(t testing.TB, srv *registrytest.Server, repo string) string {
	t.Helper()
	resp, _, err := wire(t, srv, "POST", "/v2/"+repo+"/blobs/uploads/", "")
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	return resp.Header.Get("Location")
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// blobFile is where a layout store keeps content of demo/app.
func blobFile(dir string, dgst digest.Digest) string {
	return filepath.Join(dir, "demo/app/blobs", dgst.Algorithm().String(), dgst.Encoded())
}
