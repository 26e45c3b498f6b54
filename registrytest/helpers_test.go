// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skillcask/skillcask/registrytest"
)

// TestMain looks for goroutines that outlive their servers.
func TestMain(m *testing.M) {
	if serveForKill() {
		return
	}
	goleak.VerifyTestMain(m)
}

const seedText = "0123456789abcdefghijklmnopqrstuvwxyz"

var seedDigest = digest.FromString(seedText)

// seed puts a blob of 36 bytes into the repository demo/app.
func seed(t testing.TB, store registrytest.Store) {
	t.Helper()
	putBlob(t, store, "demo/app", seedText)
}

func putBlob(t testing.TB, store registrytest.Store, repo, text string) digest.Digest {
	t.Helper()
	ctx := t.Context()
	id, err := store.StartUpload(ctx, repo, digest.SHA256)
	require.NoError(t, err)
	_, err = store.AppendUpload(ctx, repo, id, 0, strings.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, store.CommitUpload(ctx, repo, id, digest.FromString(text)))
	return digest.FromString(text)
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

func write(t testing.TB, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
}

// blobFile is where a layout store keeps content of demo/app.
func blobFile(dir string, dgst digest.Digest) string {
	return filepath.Join(dir, "demo/app/blobs", dgst.Algorithm().String(), dgst.Encoded())
}
