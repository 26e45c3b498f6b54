// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package skills_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/realservers"
	"github.com/skillcask/skillcask/skills"
)

// program returns the path of a program, or ends a test that lacks it.
var program = realservers.Program

// The account that servers with a password know.
const (
	integrationUser     = "maintainer"
	integrationPassword = "correct horse"
	// integrationHtpasswd was made by htpasswd -nbB from these.
	integrationHtpasswd = "maintainer:$2y$05$7tOb4j64meZtnKByEGHI2.pvgyEkUlmpF.Ci5M1.d.QhtmJ.N5r6q\n"
)

// serverOptions say how a server is reached.
type serverOptions struct {
	authority *authority // makes the server's certificate; nil: plain HTTP
	password  bool       // ask for the account above
}

// server is a registry that runs.
type server struct {
	host string // host:port
	tls  bool
	opts serverOptions
	// shared says that others may use the registry, so that it may hold
	// anything before the test. Who trusts what, and who may come in, is as this
	// machine is set up.
	shared bool
	login  auth.Credential // to a shared one
}

// servers start a registry each.
var servers = map[string]func(t *testing.T, opts serverOptions) *server{
	"zot":           startReal("zot"),
	"distribution2": startReal("distribution2"),
	"distribution3": startReal("distribution3"),
	"registrytest":  startRegistrytest,
	"given":         givenServer,
}

// startReal starts a registry of another project.
func startReal(name string) func(t *testing.T, opts serverOptions) *server {
	return func(t *testing.T, opts serverOptions) *server {
		s := &server{tls: opts.authority != nil, opts: opts}
		how := realservers.Options{Client: s.client(t)}
		dir := t.TempDir()
		if opts.password {
			how.Htpasswd = writeFile(t, dir, "htpasswd", integrationHtpasswd)
		}
		if opts.authority != nil {
			how.Certificate, how.Key = opts.authority.issue(t, dir)
		}
		s.host = realservers.Servers[name](t, how)
		return s
	}
}

// onEachServer runs test on each registry over plain HTTP, in parallel.
func onEachServer(t *testing.T, test func(t *testing.T, s *server)) {
	t.Parallel()
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, serverOptions{}))
		})
	}
}

func startRegistrytest(t *testing.T, _ serverOptions) *server {
	return &server{host: registrytest.New(t, registrytest.Options{Strict: true, CheckStore: true}).Host()}
}

func givenServer(t *testing.T, _ serverOptions) *server {
	host := os.Getenv("SKILLCASK_TEST_REGISTRY")
	if host == "" {
		t.Skip("SKILLCASK_TEST_REGISTRY is not set; set it to host:port of any registry to test with it too")
	}
	s, err := probeGiven()
	require.NoError(t, err)
	return s
}

// probeGiven finds out, once, whether the registry that is given speaks TLS, as
// it is likelier first, and what docker login knows of it.
var probeGiven = sync.OnceValues(func() (*server, error) {
	s := &server{host: os.Getenv("SKILLCASK_TEST_REGISTRY"), shared: true}
	name := s.host
	if h, _, err := net.SplitHostPort(s.host); err == nil {
		name = h
	}
	s.tls = !(name == "localhost" || net.ParseIP(name).IsLoopback())
	var failures []error
	for range 2 {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
		response, err := client.Get(s.url() + "/v2/")
		if err == nil {
			response.Body.Close()
			if !isRegistry(response) {
				err = fmt.Errorf("%s/v2/ answers %s", s.url(), response.Status)
			}
		}
		if err == nil {
			store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
			if err == nil {
				s.login, err = credentials.Credential(store)(context.Background(), s.host)
			}
			return s, err
		}
		failures = append(failures, err)
		s.tls = !s.tls
	}
	return nil, fmt.Errorf("SKILLCASK_TEST_REGISTRY=%s: %w", s.host, errors.Join(failures...))
})

// isRegistry reports whether the answer to /v2/ is a registry's.
func isRegistry(response *http.Response) bool {
	return response.StatusCode == http.StatusOK || response.StatusCode == http.StatusUnauthorized
}

func writeFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func (s *server) url() string {
	if s.tls {
		return "https://" + s.host
	}
	return "http://" + s.host
}

// ref returns a reference to a skill. Its repository ends with the skill's
// name; group keeps uses apart.
func (s *server) ref(t *testing.T, group, name string) string {
	return fmt.Sprintf("%s/%s/%s/%s:1.0.0", s.host, strings.ToLower(strings.SplitN(t.Name(), "/", 2)[0]), group, name)
}

// client returns a client that trusts the server.
func (s *server) client(t *testing.T) *http.Client {
	transport := &http.Transport{}
	if s.opts.authority != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: s.opts.authority.pool(), MinVersion: tls.VersionTLS12}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// authClient returns a client for programs without a line of ours.
func (s *server) authClient(t *testing.T) *auth.Client {
	return &auth.Client{Client: s.client(t), Credential: auth.StaticCredential(s.host, s.login), Cache: auth.NewCache()}
}

// authFile writes what the server's login is for Podman and its kin, and
// returns the file's name.
func (s *server) authFile(t *testing.T, dir string) string {
	auths := "{}"
	if s.login.Username != "" {
		account := base64.StdEncoding.EncodeToString([]byte(s.login.Username + ":" + s.login.Password))
		auths = fmt.Sprintf(`{%q:{"auth":%q}}`, s.host, account)
	}
	return writeFile(t, dir, "auth.json", `{"auths":`+auths+`}`)
}

// registry returns our client for the server, and how many requests it sent
// that write.
func (s *server) registry(t *testing.T, credential auth.Credential) (*skills.Registry, *atomic.Int64) {
	t.Helper()
	client := s.client(t)
	counter := &writeCounter{next: client.Transport}
	client.Transport = counter
	store := credentials.NewMemoryStore()
	if credential == auth.EmptyCredential {
		credential = s.login
	}
	if credential != auth.EmptyCredential {
		require.NoError(t, store.Put(t.Context(), s.host, credential))
	}
	opts := []skills.RegistryOption{skills.WithHTTPClient(client), skills.WithCredentialStore(store)}
	if s.tls || s.shared { // else it is a loopback address, of which that is the default
		opts = append(opts, skills.WithPlainHTTP(!s.tls))
	}
	registry, err := skills.NewRegistry(opts...)
	require.NoError(t, err)
	return registry, &counter.writes
}

// writeCounter counts requests that change a registry.
type writeCounter struct {
	next   http.RoundTripper
	writes atomic.Int64
}

func (c *writeCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		c.writes.Add(1)
	}
	return c.next.RoundTrip(r)
}
