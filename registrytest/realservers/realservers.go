// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

// Package realservers starts registries of other projects for the integration tests
// of this module. It can't be internal, for tests of two directories use it; so
// it exists with the build tag integration only.
package realservers

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Options say how a server is reached. The zero value is plain HTTP that lets
// everybody in.
type Options struct {
	Certificate, Key string       // files; if given, the server speaks TLS
	Client           *http.Client // trusts the certificate
	Htpasswd         string       // file; if given, the server asks for a password
}

// Servers start a registry each, which ends with the test, and return its host
// and port. Without its program the test ends as [Missing] says.
var Servers = map[string]func(t testing.TB, opts Options) (host string){
	"zot":           startZot,
	"distribution2": startDistribution2,
	"distribution3": startDistribution3,
}

// Program returns the path of a program: what the variable env says, if env is
// not empty, else name in PATH. get says where it comes from.
func Program(t testing.TB, name, env, get string) string {
	t.Helper()
	if env != "" && os.Getenv(env) != "" {
		name = os.Getenv(env)
	}
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		Missing(t, fmt.Sprintf("%s is not installed; %s", name, get))
	}
	return path
}

// Missing skips the test, or fails it with CI=true, where nothing may be
// missing.
func Missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func startZot(t testing.TB, opts Options) string {
	const get = "get it from https://github.com/project-zot/zot/releases and put it in PATH, or its path in SKILLCASK_ZOT"
	if _, err := exec.LookPath("zot"); err != nil && os.Getenv("SKILLCASK_ZOT") == "" {
		// No package registry has it, so that CI may lack it.
		t.Skip("zot is not installed, its tests are left out; " + get)
	}
	path := Program(t, "zot", "SKILLCASK_ZOT", get)
	return start(t, opts, func(dir, port string) *exec.Cmd {
		more := ""
		if opts.Htpasswd != "" {
			more += fmt.Sprintf(`,"auth":{"htpasswd":{"path":%q}}`, opts.Htpasswd)
		}
		if opts.Certificate != "" {
			more += fmt.Sprintf(`,"tls":{"cert":%q,"key":%q}`, opts.Certificate, opts.Key)
		}
		return exec.Command(path, "serve", write(t, filepath.Join(dir, "config.json"),
			fmt.Sprintf(`{"distSpecVersion":"1.1.1","storage":{"rootDirectory":%q,"gc":false},
			"http":{"address":"127.0.0.1","port":%q%s},"log":{"level":"error"}}`, filepath.Join(dir, "data"), port, more)))
	})
}

func startDistribution2(t testing.TB, opts Options) string {
	return startDistribution(t, opts, Program(t, "docker-registry", "SKILLCASK_DISTRIBUTION",
		"apt-get install docker-registry, or put the path of distribution 2.8 in SKILLCASK_DISTRIBUTION"))
}

func startDistribution3(t testing.TB, opts Options) string {
	return startDistribution(t, opts, Program(t, "registry", "SKILLCASK_DISTRIBUTION3",
		"go install github.com/distribution/distribution/v3/cmd/registry@v3.1.2, or put its path in SKILLCASK_DISTRIBUTION3"))
}

func startDistribution(t testing.TB, opts Options, path string) string {
	return start(t, opts, func(dir, port string) *exec.Cmd {
		config := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"+
			"storage: {filesystem: {rootdirectory: %q}, delete: {enabled: true}}\n", filepath.Join(dir, "data"))
		if opts.Htpasswd != "" {
			config += fmt.Sprintf("auth: {htpasswd: {realm: test, path: %q}}\n", opts.Htpasswd)
		}
		config += fmt.Sprintf("http:\n  addr: 127.0.0.1:%s\n", port)
		if opts.Certificate != "" {
			config += fmt.Sprintf("  tls: {certificate: %q, key: %q}\n", opts.Certificate, opts.Key)
		}
		cmd := exec.Command(path, "serve", write(t, filepath.Join(dir, "config.yml"), config))
		// Version 3 sends traces unless told not to.
		cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
		return cmd
	})
}

// start starts what command returns and waits until it answers.
func start(t testing.TB, opts Options, command func(dir, port string) *exec.Cmd) string {
	t.Helper()
	var log bytes.Buffer
	for range 5 { // between freePort and the start another may take the port
		port := freePort(t)
		host := "127.0.0.1:" + port
		cmd := command(t.TempDir(), port)
		log.Reset()
		cmd.Stdout, cmd.Stderr = &log, &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
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
		if answers(opts, host, ended) {
			t.Cleanup(func() {
				if stop(); t.Failed() {
					t.Logf("the end of the log of %s:\n%s", filepath.Base(cmd.Path), tail(log.String(), 2000))
				}
			})
			return host
		}
		stop()
	}
	t.Fatalf("the server does not start:\n%s", tail(log.String(), 2000))
	return ""
}

// answers waits until the server answers, or has ended.
func answers(opts Options, host string, ended <-chan struct{}) bool {
	client, url := opts.Client, "http://"+host+"/v2/"
	if client == nil {
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		client = &http.Client{Transport: transport}
	}
	if opts.Certificate != "" {
		url = "https://" + host + "/v2/"
	}
	deadline := time.After(30 * time.Second)
	for {
		response, err := client.Get(url)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK || response.StatusCode == http.StatusUnauthorized {
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

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func write(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
