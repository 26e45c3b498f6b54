// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package skills_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

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
	opts serverOptions
	// shared says that others may use the registry, so that it may hold
	// anything before the test.
	shared bool
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
		s := &server{opts: opts}
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
	return &server{host: host, shared: true}
}

func writeFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func (s *server) url() string {
	if s.opts.authority != nil {
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

// registry returns our client for the server, and how many requests it sent
// that write.
func (s *server) registry(t *testing.T, credential auth.Credential) (*skills.Registry, *atomic.Int64) {
	t.Helper()
	client := s.client(t)
	counter := &writeCounter{next: client.Transport}
	client.Transport = counter
	opts := []skills.RegistryOption{skills.WithHTTPClient(client)}
	if !s.shared {
		store := credentials.NewMemoryStore()
		if credential != auth.EmptyCredential {
			require.NoError(t, store.Put(t.Context(), s.host, credential))
		}
		opts = append(opts, skills.WithCredentialStore(store))
	}
	if s.opts.authority != nil {
		opts = append(opts, skills.WithPlainHTTP(false)) // it is a loopback address
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
