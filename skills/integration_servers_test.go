// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package skills_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
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
	"github.com/skillcask/skillcask/skills"
)

// program returns the path of a program: what the variable env says, if env is
// not empty, else name in PATH. Without the program the test is skipped, or
// fails where nothing may be missing.
func program(t *testing.T, name, env, get string) string {
	t.Helper()
	if env != "" && os.Getenv(env) != "" {
		name = os.Getenv(env)
	}
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		missing(t, fmt.Sprintf("%s is not installed; %s", name, get))
	}
	return path
}

// missing ends the test.
func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

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
	"zot":           startZot,
	"distribution2": startDistribution2,
	"distribution3": startDistribution3,
	"registrytest":  startRegistrytest,
	"given":         givenServer,
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

func startZot(t *testing.T, opts serverOptions) *server {
	path := program(t, "zot", "SKILLCASK_ZOT",
		"get it from https://github.com/project-zot/zot/releases and put it in PATH, or its path in SKILLCASK_ZOT")
	return startServer(t, opts, func(dir, port string) *exec.Cmd {
		more := ""
		if opts.password {
			more += fmt.Sprintf(`,"auth":{"htpasswd":{"path":%q}}`, writeFile(t, dir, "htpasswd", integrationHtpasswd))
		}
		if opts.authority != nil {
			cert, key := opts.authority.issue(t, dir)
			more += fmt.Sprintf(`,"tls":{"cert":%q,"key":%q}`, cert, key)
		}
		config := fmt.Sprintf(`{"distSpecVersion":"1.1.1","storage":{"rootDirectory":%q,"gc":false},
			"http":{"address":"127.0.0.1","port":%q%s},"log":{"level":"error"}}`, filepath.Join(dir, "data"), port, more)
		return exec.Command(path, "serve", writeFile(t, dir, "config.json", config))
	})
}

func startDistribution2(t *testing.T, opts serverOptions) *server {
	return startDistribution(t, opts, program(t, "docker-registry", "SKILLCASK_DISTRIBUTION",
		"apt-get install docker-registry, or put the path of distribution 2.8 in SKILLCASK_DISTRIBUTION"))
}

func startDistribution3(t *testing.T, opts serverOptions) *server {
	path, err := exec.LookPath("registry")
	if err != nil {
		t.Skip("registry is not in PATH (optional); go install github.com/distribution/distribution/v3/cmd/registry@v3.1.2")
	}
	return startDistribution(t, opts, path)
}

func startDistribution(t *testing.T, opts serverOptions, path string) *server {
	return startServer(t, opts, func(dir, port string) *exec.Cmd {
		config := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"+
			"storage: {filesystem: {rootdirectory: %q}, delete: {enabled: true}}\n", filepath.Join(dir, "data"))
		if opts.password {
			config += fmt.Sprintf("auth: {htpasswd: {realm: test, path: %q}}\n", writeFile(t, dir, "htpasswd", integrationHtpasswd))
		}
		config += fmt.Sprintf("http:\n  addr: 127.0.0.1:%s\n", port)
		if opts.authority != nil {
			cert, key := opts.authority.issue(t, dir)
			config += fmt.Sprintf("  tls: {certificate: %q, key: %q}\n", cert, key)
		}
		cmd := exec.Command(path, "serve", writeFile(t, dir, "config.yml", config))
		// Version 3 sends traces unless told not to.
		cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
		return cmd
	})
}

// startServer starts what command returns and waits until it answers. The
// server ends with the test.
func startServer(t *testing.T, opts serverOptions, command func(dir, port string) *exec.Cmd) *server {
	t.Helper()
	var logged string
	for range 5 { // between freePort and the start another may take the port
		s := &server{host: "127.0.0.1:" + freePort(t), tls: opts.authority != nil, opts: opts}
		_, port, _ := net.SplitHostPort(s.host)
		cmd := command(t.TempDir(), port)
		var log bytes.Buffer
		cmd.Stdout, cmd.Stderr = &log, &log
		require.NoError(t, cmd.Start())
		ended := make(chan struct{})
		go func() {
			_ = cmd.Wait()
			close(ended)
		}()
		stop := func() {
			_ = cmd.Process.Kill()
			<-ended
		}
		t.Cleanup(stop)
		if s.answers(t, ended) {
			t.Cleanup(func() {
				if stop(); t.Failed() {
					t.Logf("the end of the log of %s:\n%s", filepath.Base(cmd.Path), tail(log.String(), 2000))
				}
			})
			return s
		}
		stop()
		logged = log.String()
	}
	t.Fatalf("the server does not start:\n%s", tail(logged, 2000))
	return nil
}

// answers waits until the server answers, or has ended.
func (s *server) answers(t *testing.T, ended <-chan struct{}) bool {
	client := s.client(t)
	deadline := time.After(30 * time.Second)
	for {
		response, err := client.Get(s.url() + "/v2/")
		if err == nil {
			response.Body.Close()
			if isRegistry(response) {
				return true
			}
		}
		select {
		case <-ended:
			return false
		case <-deadline:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

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
