// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

// TestServe serves a directory in several ways to the command itself.
func TestServe(t *testing.T) {
	t.Parallel()
	program := build(t)
	const sample = "../../testdata/skills/csv-report"
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	require.NoError(t, err)
	htpasswd := filepath.Join(t.TempDir(), "htpasswd")
	require.NoError(t, os.WriteFile(htpasswd, append([]byte("# users\nann:"), append(hash, '\n')...), 0o600))

	cases := []struct {
		name  string
		args  []string
		fails string // what a push says, "" if it works
	}{
		{"memory", nil, ""},
		{"layout", []string{"--layout", filepath.Join(t.TempDir(), "new")}, ""},
		{"TLS", []string{"--tls"}, ""},
		{"password", []string{"--htpasswd", htpasswd}, ""},
		{"read only", []string{"--read-only"}, "the registry is read-only"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tmp := t.TempDir()
			server := exec.Command(program, append([]string{"serve", "--addr", "127.0.0.1:0"}, c.args...)...)
			server.Env = append(os.Environ(), "TMPDIR="+tmp)
			stdout, err := server.StdoutPipe()
			require.NoError(t, err)
			var told bytes.Buffer
			server.Stderr = &told
			require.NoError(t, server.Start())
			defer func() {
				require.NoError(t, server.Process.Signal(syscall.SIGTERM))
				require.NoError(t, server.Wait(), "the exit status is 0")
				require.Empty(t, files(t, tmp), "the certificate is gone")
				if c.name == "TLS" {
					require.Contains(t, told.String(), "; clients need --plain-http=false and SSL_CERT_FILE="+tmp)
				}
			}()
			url, err := bufio.NewReader(stdout).ReadString('\n')
			require.NoError(t, err)
			scheme, host, ok := strings.Cut(strings.TrimSpace(url), "://")
			require.True(t, ok)

			config := t.TempDir()
			environment := append(os.Environ(), "DOCKER_CONFIG="+config, "HOME="+config, "XDG_RUNTIME_DIR=", "REGISTRY_AUTH_FILE=")
			skillcask := func(args ...string) (string, error) {
				if scheme == "https" {
					args = append(args, "--plain-http=false")
				}
				cmd := exec.Command(program, args...)
				cmd.Env = environment
				out, err := cmd.CombinedOutput()
				return string(out), err
			}
			if scheme == "https" {
				require.Len(t, files(t, tmp), 1)
				environment = append(environment, "SSL_CERT_FILE="+filepath.Join(tmp, files(t, tmp)[0].Name()))
			}
			ref := host + "/a/csv-report:1.0"
			if c.name == "password" {
				out, err := skillcask("push", sample, ref)
				require.Error(t, err)
				require.Contains(t, out, "log in to "+host)
				require.NoError(t, os.WriteFile(filepath.Join(config, "config.json"),
					[]byte(`{"auths":{"`+host+`":{"auth":"YW5uOnNlY3JldA=="}}}`), 0o600))
			}
			out, err := skillcask("push", sample, ref)
			if c.fails != "" {
				require.Error(t, err)
				require.Contains(t, out, c.fails)
				return
			}
			require.NoError(t, err, out)
			out, err = skillcask("verify", ref, sample)
			require.NoError(t, err, out)
			require.Contains(t, out, "identical")
			if scheme == "http" && c.name != "password" {
				response, err := http.Post("http://"+host+"/v2/a/x/blobs/uploads/?digest=sha256:12", "application/octet-stream", bytes.NewReader([]byte("x")))
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				require.Equal(t, http.StatusBadRequest, response.StatusCode, "a bad digest")
			}
		})
	}
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "htpasswd")
	require.NoError(t, os.WriteFile(bad, []byte("ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"), 0o600))
	for name, c := range map[string]struct {
		args   []string
		says   string
		status int
	}{
		"all addresses":    {[]string{"--addr", "0.0.0.0:0"}, "--htpasswd FILE", 2},
		"another address":  {[]string{"--addr", ":0"}, "--htpasswd FILE", 2},
		"no port":          {[]string{"--addr", "127.0.0.1"}, "HOST:PORT", 2},
		"no bcrypt":        {[]string{"--htpasswd", bad}, "htpasswd:1: want USER:HASH with a bcrypt hash", 2},
		"no password file": {[]string{"--htpasswd", bad + ".absent"}, "no such file", 3},
		"layout is a file": {[]string{"--layout", bad}, bad, 3},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, c.status, run(append([]string{"serve"}, c.args...), &stdout, &stderr), name)
		require.Contains(t, stderr.String(), c.says, name)
		require.Empty(t, stdout.String())
	}
}
