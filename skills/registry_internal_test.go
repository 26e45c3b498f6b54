// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
)

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "localhost:5000": true, "127.0.0.1:5000": true, "127.8.9.1": true, "[::1]:5000": true, "[::1]": true, "::1": true,
		"localhost.example.com": false, "example.com:5000": false, "128.0.0.1": false, "127.0.0.1.example.com": false,
		"10.0.0.1:5000": false, "[::2]:5000": false, "0.0.0.0:5000": false, "": false,
	} {
		require.Equal(t, want, isLoopback(host), host)
	}
}

func TestPodmanCredentials(t *testing.T) {
	home, run, docker := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("DOCKER_CONFIG", docker)
	write := func(path, host, auth string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(`{"auths":{"`+host+`":{"auth":"`+auth+`"}}}`), 0o600))
	}
	write(filepath.Join(docker, "config.json"), "both.example.com", "ZG9ja2VyOng=")
	write(filepath.Join(run, "containers/auth.json"), "run.example.com", "cnVuOng=")
	write(filepath.Join(home, ".config/containers/auth.json"), "both.example.com", "cG9kbWFuOng=")
	environment := map[string]string{"HOME": home, "XDG_RUNTIME_DIR": run}
	user := func(host string) string {
		store, err := defaultCredentials(func(name string) string { return environment[name] })
		require.NoError(t, err)
		credential, err := store.Get(context.Background(), host)
		require.NoError(t, err)
		return credential.Username
	}
	require.Equal(t, "docker", user("both.example.com"), "docker's comes first")
	require.Equal(t, "run", user("run.example.com"))
	require.Empty(t, user("unknown.example.com"))

	environment["REGISTRY_AUTH_FILE"] = filepath.Join(t.TempDir(), "auth.json")
	write(environment["REGISTRY_AUTH_FILE"], "mine.example.com", "bWluZTp4")
	require.Equal(t, "mine", user("mine.example.com"))
	require.Empty(t, user("run.example.com"), "REGISTRY_AUTH_FILE is the only one if it is set")

	require.NoError(t, os.WriteFile(environment["REGISTRY_AUTH_FILE"], []byte("{"), 0o600))
	_, err := defaultCredentials(func(name string) string { return environment[name] })
	require.ErrorContains(t, err, environment["REGISTRY_AUTH_FILE"])
}

// TestPodmanNamespaces looks up repositories as containers-auth.json(5) tells.
func TestPodmanNamespaces(t *testing.T) {
	docker, file, other := t.TempDir(), filepath.Join(t.TempDir(), "auth.json"), t.TempDir()
	t.Setenv("DOCKER_CONFIG", docker)
	entry := func(user string) string {
		return `{"auth":"` + base64.StdEncoding.EncodeToString([]byte(user+":x")) + `"}`
	}
	require.NoError(t, os.WriteFile(file, []byte(`{"auths":{
		"quay.io/a/b":`+entry("repository")+`,"quay.io/a":`+entry("namespace")+`,"quay.io/empty/x":{},
		"only.example.com/a":`+entry("secret")+`,
		"https://old.example.com/v1/":`+entry("old")+`,
		"docker.io":`+entry("hub")+`,"docker.io/me":`+entry("me")+`,
		"broken.example.com/a":{"auth":"?"}
	}}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(docker, "config.json"), []byte(`{"auths":{"quay.io":`+entry("docker")+`}}`), 0o600))

	user := func(l *logins, host, repository string) string {
		_, get := l.namespaced(host, repository)
		if get == nil {
			get = credentials.Credential(l)
		}
		credential, err := get(context.Background(), host)
		require.NoError(t, err)
		elsewhere, err := get(context.Background(), "elsewhere.example.com")
		require.NoError(t, err)
		require.Equal(t, auth.EmptyCredential, elsewhere)
		return credential.Username
	}
	l, err := defaultCredentials(func(name string) string { return map[string]string{"REGISTRY_AUTH_FILE": file}[name] })
	require.NoError(t, err)
	for _, c := range []struct{ host, repository, want string }{
		{"quay.io", "a/b", "repository"},
		{"quay.io", "a/b/c", "repository"},
		{"quay.io", "a/bc", "namespace"},
		{"quay.io", "a", "namespace"},
		{"quay.io", "ab", "docker"},
		{"quay.io", "empty/x", "docker"},
		{"only.example.com", "a/x", "secret"},
		{"only.example.com", "b", ""}, // a namespace's password is not the host's
		{"old.example.com", "v1/x", "old"},
		{"registry-1.docker.io", "me/x", "me"},
		{"registry-1.docker.io", "you/x", "hub"},
		{"unknown.example.com", "a", ""},
	} {
		require.Equal(t, c.want, user(l, c.host, c.repository), "%s/%s", c.host, c.repository)
	}
	_, get := l.namespaced("broken.example.com", "a/x")
	_, err = get(context.Background(), "broken.example.com")
	require.ErrorContains(t, err, "broken.example.com/a")

	// A key that says more, in a file that comes later.
	require.NoError(t, os.MkdirAll(filepath.Join(other, "containers"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(other, "containers", "auth.json"), []byte(`{"auths":{"quay.io/a/c":`+entry("later")+`}}`), 0o600))
	run := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(run, "containers"), 0o755))
	require.NoError(t, os.Rename(file, filepath.Join(run, "containers", "auth.json")))
	l, err = defaultCredentials(func(name string) string {
		return map[string]string{"XDG_RUNTIME_DIR": run, "XDG_CONFIG_HOME": other}[name]
	})
	require.NoError(t, err)
	require.Equal(t, "later", user(l, "quay.io", "a/c"))
	require.Equal(t, "namespace", user(l, "quay.io", "a/d"))
}
