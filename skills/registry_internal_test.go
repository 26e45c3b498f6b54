// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
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
