// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/registry/remote/auth"
)

// loginPlaces has the files of a person, and the environment that names them.
type loginPlaces struct {
	docker, run, config string
	environment         map[string]string
}

func newLoginPlaces(t *testing.T) *loginPlaces {
	t.Helper()
	docker, run, config := t.TempDir(), t.TempDir(), t.TempDir()
	return &loginPlaces{
		docker: filepath.Join(docker, "config.json"),
		run:    filepath.Join(run, "containers", "auth.json"),
		config: filepath.Join(config, "containers", "auth.json"),
		environment: map[string]string{
			"DOCKER_CONFIG": docker, "XDG_RUNTIME_DIR": run, "XDG_CONFIG_HOME": config,
		},
	}
}

// find looks a login up, and tells all of it.
func (p *loginPlaces) find(t *testing.T, host, repository string) *login {
	t.Helper()
	found := new(login)
	lookup := newLoginSources(func(name string) string { return p.environment[name] }).find
	credential, err := lookup(context.WithValue(context.Background(), loginKey{}, found), host, repository)
	require.NoError(t, err)
	require.Equal(t, found.credential, credential)
	return found
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
}

// authsJSON is a file with logins; each is a key and a user.
func authsJSON(logins ...string) string {
	var entries []string
	for i := 0; i < len(logins); i += 2 {
		auth := base64.StdEncoding.EncodeToString([]byte(logins[i+1] + ":secret"))
		entries = append(entries, fmt.Sprintf(`%q:{"auth":%q}`, logins[i], auth))
	}
	return `{"auths":{` + strings.Join(entries, ",") + `}}`
}

// TestStrangersGetNobodysPassword looks each login up many times: a map's order
// decided once.
func TestStrangersGetNobodysPassword(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"docker", "run", "config"} {
		p := newLoginPlaces(t)
		name := map[string]string{"docker": p.docker, "run": p.run, "config": p.config}[file]
		writeFile(t, name, authsJSON("host.example.com/ann", "ann", "host.example.com/bob", "bob"))
		for range 100 {
			require.Empty(t, p.find(t, "host.example.com", "stranger").credential, file)
			require.Empty(t, p.find(t, "host.example.com", "anna/x").credential, file)
			require.Empty(t, p.find(t, "other.example.com", "ann/x").credential, file)
			require.Equal(t, "ann", p.find(t, "host.example.com", "ann/x").credential.Username, file)
			require.Equal(t, "bob", p.find(t, "host.example.com", "bob").credential.Username, file)
		}
	}
}

// TestLoginsAreLookedUpInOneOrder takes the longest prefix in any file, then
// the file that comes first.
func TestLoginsAreLookedUpInOneOrder(t *testing.T) {
	t.Parallel()
	p := newLoginPlaces(t)
	writeFile(t, p.docker, authsJSON(
		"quay.io", "docker-host", "quay.io/a/b", "docker-b", "both.example.com/x", "docker-x",
		"https://old.example.com/v1/", "old", "http://plain.example.com", "plain", "bare.example.com/v2/", "bare",
		"https://index.docker.io/v1/", "hub", "twice.example.com", "short", "https://twice.example.com", "long",
		"slash.example.com/a/", "slash",
	))
	writeFile(t, p.run, authsJSON("quay.io", "run-host", "quay.io/a", "run-a", "both.example.com/x", "run-x", "docker.io/me", "me"))
	writeFile(t, p.config, authsJSON("quay.io/a/b/c", "config-c", "late.example.com", "late"))
	for _, c := range []struct{ host, repository, want, file string }{
		{"quay.io", "a/b/c", "config-c", p.config},
		{"quay.io", "a/b/c/d", "config-c", p.config},
		{"quay.io", "a/b/cd", "docker-b", p.docker},
		{"quay.io", "a/x", "run-a", p.run},
		{"quay.io", "ab", "docker-host", p.docker},
		{"both.example.com", "x/y", "docker-x", p.docker},
		{"both.example.com", "y", "", ""},
		{"old.example.com", "v1/x", "old", p.docker},
		{"plain.example.com", "x", "plain", p.docker},
		{"bare.example.com", "x", "bare", p.docker},
		{"slash.example.com", "a/x", "slash", p.docker},
		{"slash.example.com", "x", "", ""},
		{"twice.example.com", "x", "short", p.docker},
		{"late.example.com", "x", "late", p.config},
		{"docker.io", "you/x", "hub", p.docker},
		{"registry-1.docker.io", "you/x", "hub", p.docker},
		{"docker.io", "me/x", "me", p.run},
		{"unknown.example.com", "x", "", ""},
	} {
		found := p.find(t, c.host, c.repository)
		require.Equal(t, c.want, found.credential.Username, "%s/%s", c.host, c.repository)
		require.Equal(t, c.file, found.source, "%s/%s", c.host, c.repository)
		require.Empty(t, found.faults)
		require.Equal(t, []string{p.docker, p.run, p.config}, found.places)
	}

	p.environment["REGISTRY_AUTH_FILE"] = filepath.Join(t.TempDir(), "auth.json")
	require.Empty(t, p.find(t, "late.example.com", "x").credential, "REGISTRY_AUTH_FILE stands for Podman's others")
	writeFile(t, p.environment["REGISTRY_AUTH_FILE"], authsJSON("late.example.com", "mine"))
	require.Equal(t, "mine", p.find(t, "late.example.com", "x").credential.Username, "files are read anew")
}

// TestFormsOfALogin reads what Docker and Podman write, and passes over what
// they do not. No message has any of a secret.
func TestFormsOfALogin(t *testing.T) {
	t.Parallel()
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for entry, want := range map[string]auth.Credential{
		`{"auth":"` + encoded("ann:pass:word") + `"}`:                               {Username: "ann", Password: "pass:word"},
		`{"auth":"` + encoded("ann:word\x00\x00") + `"}`:                            {Username: "ann", Password: "word"},
		`{"username":"ann","password":"word"}`:                                      {Username: "ann", Password: "word"},
		`{"identitytoken":"token"}`:                                                 {RefreshToken: "token"},
		`{"registrytoken":"token"}`:                                                 {AccessToken: "token"},
		`{"auth":"` + encoded("0000:") + `","identitytoken":"token","email":"a@b"}`: {Username: "0000", RefreshToken: "token"},
		`{}`:                                   {Username: "fallback", Password: "secret"},
		`null`:                                 {Username: "fallback", Password: "secret"},
		`{"auth":"secret!"}`:                   {Username: "fallback", Password: "secret"},
		`{"auth":"` + encoded("secret") + `"}`: {Username: "fallback", Password: "secret"},
		`["secret"]`:                           {Username: "fallback", Password: "secret"},
		`{"auth":{"secret":1}}`:                {Username: "fallback", Password: "secret"},
	} {
		p := newLoginPlaces(t)
		writeFile(t, p.docker, `{"auths":{"host.example.com":`+entry+`}}`)
		writeFile(t, p.run, authsJSON("host.example.com", "fallback"))
		found := p.find(t, "host.example.com", "x")
		require.Equal(t, want, found.credential, entry)
		for _, fault := range found.faults {
			require.ErrorContains(t, fault, p.docker+": the login for host.example.com is not ")
			require.NotContains(t, fault.Error(), "secret")
		}
		faulty := want.Username == "fallback" && entry != "{}" && entry != "null"
		require.Equal(t, faulty, len(found.faults) > 0, entry)
	}
}

// TestFaultySourcesArePassedOver has a login in the second file, whatever the
// first is.
func TestFaultySourcesArePassedOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, fault string }{
		"empty":                {"", ""},
		"blank":                {" \n", ""},
		"truncated":            {`{"auths":{"host.ex`, "unexpected end of JSON input"},
		"garbage":              {"\x00\xff", "invalid character"},
		"an array":             {"[]", "array"},
		"auths no object":      {`{"auths":"x"}`, `"auths" is a JSON string`},
		"credHelpers a list":   {`{"credHelpers":["x"]}`, `"credHelpers" is a JSON array`},
		"too long":             {strings.Repeat(" ", maxLoginFileBytes+1), "more than"},
		"helper not installed": {`{"credsStore":"is-not-there"}`, "docker-credential-is-not-there"},
		"helper for the host":  {`{"credHelpers":{"host.example.com":"is-not-there"}}`, "docker-credential-is-not-there"},
		"helper for another":   {`{"credHelpers":{"other.example.com":"is-not-there"}}`, ""},
		"helper for a part":    {`{"credHelpers":{"host.example.com/x":"is-not-there"}}`, ""},
		"helper elsewhere":     {`{"credsStore":"../../evil"}`, "no slashes"},
		"login behind helper":  {strings.Replace(authsJSON("host.example.com", "fallback"), "{", `{"credsStore":"is-not-there",`, 1), "docker-credential-is-not-there"},
	} {
		p := newLoginPlaces(t)
		writeFile(t, p.docker, c.content)
		writeFile(t, p.run, authsJSON("host.example.com", "fallback"))
		found := p.find(t, "host.example.com", "x")
		require.Equal(t, "fallback", found.credential.Username, name)
		if c.fault == "" {
			require.Empty(t, found.faults, name)
			continue
		}
		require.Len(t, found.faults, 1, name)
		require.ErrorContains(t, found.faults[0], p.docker, name)
		require.ErrorContains(t, found.faults[0], c.fault, name)
	}

	p := newLoginPlaces(t)
	require.NoError(t, os.MkdirAll(p.docker, 0o755))
	require.NoError(t, os.RemoveAll(filepath.Dir(p.run)))
	writeFile(t, filepath.Dir(p.run), "no directory")
	writeFile(t, p.config, authsJSON("host.example.com", "late"))
	found := p.find(t, "host.example.com", "x")
	require.Equal(t, "late", found.credential.Username)
	require.Len(t, found.faults, 1)
	require.ErrorContains(t, found.faults[0], p.docker)

	if runtime.GOOS != "windows" && os.Getuid() != 0 {
		p := newLoginPlaces(t)
		writeFile(t, p.docker, authsJSON("host.example.com", "hidden"))
		require.NoError(t, os.Chmod(p.docker, 0))
		require.Len(t, p.find(t, "host.example.com", "x").faults, 1)
	}
}

// TestLookupsEndWithTheirContext is no fault to pass over.
func TestLookupsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	p := newLoginPlaces(t)
	writeFile(t, p.docker, `{"credsStore":"is-not-there"}`)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := newLoginSources(func(name string) string { return p.environment[name] }).find(ctx, "host.example.com", "x")
	require.ErrorIs(t, err, context.Canceled)
}

// TestPlacesOfLogins are known without a home, which a container may lack.
func TestPlacesOfLogins(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the paths of others")
	}
	for want, environment := range map[string]map[string]string{
		"/h/.docker/config.json /r/containers/auth.json /h/.config/containers/auth.json": {"HOME": "/h", "XDG_RUNTIME_DIR": "/r"},
		"/d/config.json /a":             {"HOME": "/h", "DOCKER_CONFIG": "/d", "REGISTRY_AUTH_FILE": "/a", "XDG_RUNTIME_DIR": "/r"},
		"/r/containers/auth.json":       {"XDG_RUNTIME_DIR": "/r"},
		"/a":                            {"REGISTRY_AUTH_FILE": "/a"},
		"/h/.docker/config.json /a b/c": {"HOME": "/h", "REGISTRY_AUTH_FILE": "/a b/c"},
	} {
		places := newLoginSources(func(name string) string { return environment[name] })
		require.Equal(t, want, strings.Join(places, " "))
	}
}

// TestOnlyTheHostOfASessionGetsACredential asks for another.
func TestOnlyTheHostOfASessionGetsACredential(t *testing.T) {
	t.Parallel()
	asked := 0
	s := &session{named: "docker.io", host: "registry-1.docker.io", repository: "a/x", lookup: func(_ context.Context, host, repository string) (auth.Credential, error) {
		asked++
		require.Equal(t, "docker.io", host)
		require.Equal(t, "a/x", repository)
		return auth.Credential{Username: "ann", Password: "secret"}, nil
	}}
	for _, host := range []string{"elsewhere.example.com", "docker.io.example.com", ""} {
		credential, err := s.credential(context.Background(), host)
		require.NoError(t, err)
		require.Empty(t, credential)
	}
	require.Zero(t, asked)
	credential, err := s.credential(context.Background(), "registry-1.docker.io")
	require.NoError(t, err)
	require.Equal(t, "ann", credential.Username)
}
