// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestServeRefusesWhatIsAbsurd sends to the command, byte by byte, what no
// client would: each is refused with an error of the specification, nothing is
// written, and the server goes on.
func TestServeRefusesWhatIsAbsurd(t *testing.T) {
	t.Parallel()
	program := build(t)
	const (
		limit    = 4 << 20 // of a manifest
		manifest = "/v2/a/b/manifests/v1"
		upload   = "/blobs/uploads/"
		digest   = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	)
	cases := []struct {
		name, method, path, body string
		status                   int
		code                     string // "": the path is no endpoint
	}{
		{"dots in a name", "POST", "/v2/a/../../b" + upload, "", 400, "NAME_INVALID"},
		{"dots at the start", "POST", "/v2/../../../../etc" + upload, "", 400, "NAME_INVALID"},
		{"dots alone", "POST", "/v2/.." + upload, "", 400, "NAME_INVALID"},
		{"escaped dots", "POST", "/v2/a/%2e%2e/b" + upload, "", 400, "NAME_INVALID"},
		{"escaped slashes", "POST", "/v2/..%2f..%2fb" + upload, "", 400, "NAME_INVALID"},
		{"escaped backslashes", "POST", "/v2/..%5c..%5cb" + upload, "", 400, "NAME_INVALID"},
		{"dots to leave /v2", "GET", "/v2/../etc/passwd", "", 404, ""},
		{"no /v2", "GET", "/../../etc/passwd", "", 404, ""},
		{"dots in a tag", "PUT", "/v2/a/b/manifests/..", "{}", 400, "MANIFEST_INVALID"},
		{"dots in a digest", "GET", "/v2/a/b/blobs/sha256:../../../../etc/passwd", "", 404, ""},
		{"escaped dots in a digest", "GET", "/v2/a/b/blobs/sha256:%2e%2e%2fpasswd", "", 404, ""},
		{"dots in a digest to push", "POST", "/v2/a/b" + upload + "?digest=sha256:../../x", "x", 400, "DIGEST_INVALID"},
		{"dots in a repository to mount from", "POST", "/v2/a/b" + upload + "?mount=" + digest + "&from=../../x", "", 400, "NAME_INVALID"},
		{"dots in an upload", "PATCH", "/v2/a/b/blobs/uploads/..", "x", 404, "BLOB_UPLOAD_UNKNOWN"},
		{"a name of the store's own", "POST", "/v2/.uploads/x" + upload, "", 400, "NAME_INVALID"},
		{"capitals", "POST", "/v2/My/Skill" + upload, "", 400, "NAME_INVALID"},
		{"another script", "POST", "/v2/%E6%8A%80%E8%83%BD" + upload, "", 400, "NAME_INVALID"},
		{"a zero byte", "POST", "/v2/a%00b" + upload, "", 400, "NAME_INVALID"},
		{"a line break", "POST", "/v2/a%0d%0aX-Evil:%20b" + upload, "", 400, "NAME_INVALID"},
		{"an empty part", "POST", "/v2/a//b" + upload, "", 400, "NAME_INVALID"},
		{"a name of 10,000 characters", "POST", "/v2/" + strings.Repeat("a", 10_000) + upload, "", 400, "NAME_INVALID"},
		{"a name of 5,000 parts", "POST", "/v2/" + strings.Repeat("a/", 5_000) + "a" + upload, "", 400, "NAME_INVALID"},
		{"a tag of 129 characters", "PUT", "/v2/a/b/manifests/" + strings.Repeat("a", 129), "{}", 400, "MANIFEST_INVALID"},
		{"a manifest that is too long", "PUT", manifest, `{"x":"` + strings.Repeat("x", limit) + `"}`, 413, "MANIFEST_INVALID"},
		{"a manifest that is no JSON", "PUT", manifest, "\x00\x01", 400, "MANIFEST_INVALID"},
		{"a manifest of many brackets", "PUT", manifest, strings.Repeat("[", limit), 400, "MANIFEST_INVALID"},
		{"a blob with a wrong digest", "POST", "/v2/a/b" + upload + "?digest=" + digest, "other", 400, "DIGEST_INVALID"},
	}
	for _, name := range []string{"memory", "layout"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			shelf := filepath.Join(root, "a", "shelf")
			args := []string{"serve", "--addr", "127.0.0.1:0"}
			if name == "layout" {
				args = append(args, "--layout", shelf)
			}
			host := startServe(t, exec.Command(program, args...))
			for _, c := range cases {
				resp, body := sendRaw(t, host, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+
					"Content-Type: application/vnd.oci.image.manifest.v1+json\r\nContent-Length: %d\r\n\r\n%s", c.method, c.path, len(c.body), c.body))
				require.Equal(t, c.status, resp.StatusCode, "%s: %s", c.name, body)
				require.Empty(t, resp.Header.Get("X-Evil"))
				if c.code == "" {
					continue
				}
				var errors struct{ Errors []struct{ Code string } }
				require.NoError(t, json.Unmarshal(body, &errors), "%s: %s", c.name, body)
				require.Len(t, errors.Errors, 1, c.name)
				require.Equal(t, c.code, errors.Errors[0].Code, c.name)
			}
			// One that only says that it is huge is refused before it comes.
			resp, _ := sendRaw(t, host, "PUT "+manifest+" HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627776\r\n\r\n")
			require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
			resp, _ = sendRaw(t, host, "GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			require.Equal(t, http.StatusOK, resp.StatusCode)
			require.NoError(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
				require.False(t, err == nil && d.Type().IsRegular(), path)
				return err
			}))
		})
	}
}

// startServe starts the command and returns host and port. It ends with the test.
func startServe(t *testing.T, server *exec.Cmd) string {
	t.Helper()
	stdout, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		require.NoError(t, server.Process.Signal(os.Interrupt))
		require.NoError(t, server.Wait(), "the exit status is 0")
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	_, host, ok := strings.Cut(strings.TrimSpace(url), "://")
	require.True(t, ok)
	return host
}

// sendRaw sends bytes over a connection of its own and returns what comes back.
func sendRaw(t *testing.T, host, request string) (*http.Response, []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", host)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	go func() { _, _ = io.WriteString(conn, request) }() // it may answer before it has read all
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, body
}
