// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package skills_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIntegrationCommand runs the skillcask program as a person would, over
// plain HTTP, and over TLS with a password from Docker's file and from Podman's.
func TestIntegrationCommand(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "skillcask")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, "./cmd/skillcask").CombinedOutput()
	require.NoError(t, err, "%s", out)

	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, serverOptions{})
			c := &command{path: binary, dir: t.TempDir()}
			if s.shared {
				c.flags = []string{fmt.Sprintf("--plain-http=%t", !s.tls)}
				c.env = []string{"REGISTRY_AUTH_FILE=" + s.authFile(t, t.TempDir()), "SSL_CERT_FILE=" + os.Getenv("SSL_CERT_FILE")}
			}
			testCommand(t, c, s, samples(t)...)
		})
	}
	for _, name := range []string{"zot", "distribution2"} {
		t.Run(name+" with a password", func(t *testing.T) {
			t.Parallel()
			s := servers[name](t, serverOptions{authority: newAuthority(t), password: true})
			testCommandPasswords(t, binary, s)
		})
	}
}

func testCommandPasswords(t *testing.T, binary string, s *server) {
	dir := t.TempDir()
	trust := []string{"SSL_CERT_FILE=" + s.opts.authority.file(t, dir)}
	login := func(name, password string) string {
		account := base64.StdEncoding.EncodeToString([]byte(integrationUser + ":" + password))
		file := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, s.host, account)
		sub := filepath.Join(dir, name)
		require.NoError(t, os.Mkdir(sub, 0o700))
		return writeFile(t, sub, "config.json", file)
	}
	right, wrong := login("right", integrationPassword), login("wrong", "battery staple")
	for name, env := range map[string]string{
		"docker": "DOCKER_CONFIG=" + filepath.Dir(right),
		"podman": "REGISTRY_AUTH_FILE=" + right,
	} {
		t.Run(name, func(t *testing.T) {
			testCommand(t, &command{path: binary, dir: t.TempDir(), env: append(trust, env), flags: overTLS}, s, "csv-report")
		})
	}

	skill, err := filepath.Abs(filepath.Join(sampleDir, "csv-report"))
	require.NoError(t, err)
	ref := s.ref(t, "refused", "csv-report")
	for name, env := range map[string][]string{
		"no login":             trust,
		"wrong docker login":   append(trust, "DOCKER_CONFIG="+filepath.Dir(wrong)),
		"wrong podman login":   append(trust, "REGISTRY_AUTH_FILE="+wrong),
		"untrusted authority":  nil,
		"plain HTTP to TLS":    trust,
		"no such skill, right": append(trust, "DOCKER_CONFIG="+filepath.Dir(right)),
	} {
		t.Run(name, func(t *testing.T) {
			c := &command{path: binary, dir: t.TempDir(), env: env, flags: overTLS}
			if name == "plain HTTP to TLS" {
				c.flags = nil
			}
			verb := []string{"push", skill, ref}
			want := "log in to " + s.host + " with docker login or podman login"
			switch name {
			case "untrusted authority":
				want = "certificate"
			case "plain HTTP to TLS":
				want = "TLS"
			case "no such skill, right":
				verb = []string{"pull", ref, "--layout", "layout"}
				want = "not found"
			}
			stderr := c.fails(t, verb...)
			require.Contains(t, stderr, ref)
			require.Contains(t, stderr, want)
			require.NotContains(t, stderr, "battery staple")
			require.NoFileExists(t, filepath.Join(c.dir, "layout", "index.json"))
		})
	}
}

// testCommand takes samples through each verb.
func testCommand(t *testing.T, c *command, s *server, names ...string) {
	for _, name := range names {
		skill, err := filepath.Abs(filepath.Join(sampleDir, name))
		require.NoError(t, err)
		ref, copied := s.ref(t, "command", name), s.ref(t, "copied", name)

		digest := c.digest(t, "pack", skill, "--layout", "packed", "--tag", name)
		require.Equal(t, digest, c.digest(t, "push", skill, ref))
		require.Equal(t, digest, c.digest(t, "push", "oci:packed:"+name, copied))
		require.Equal(t, digest, c.digest(t, "push", "oci:packed@"+digest, copied))
		require.Equal(t, digest, c.digest(t, "pull", copied, "--layout", "pulled"))
		require.Equal(t, digest, c.digest(t, "pull", strings.TrimSuffix(ref, ":1.0.0")+"@"+digest, "--layout", "pulled", "--tag", name))

		var first string
		for i, src := range []string{ref, copied, "oci:pulled:" + copied, "oci:pulled:" + name, "oci:pulled@" + digest} {
			var inspected struct {
				Digest string
				Skill  struct{ Name string }
				Files  []struct{ Name, Mode string }
			}
			stdout := c.succeeds(t, "inspect", "--files", "--json", src)
			require.NoError(t, json.Unmarshal([]byte(stdout), &inspected))
			require.Equal(t, digest, inspected.Digest)
			require.Equal(t, name, inspected.Skill.Name)
			require.NotEmpty(t, inspected.Files)
			if i == 0 {
				first = stdout
			}
			require.Equal(t, first, stdout)

			require.Equal(t, "identical: "+digest, c.succeeds(t, "verify", src, skill))
			dest := fmt.Sprintf("unpacked-%s-%d", name, i)
			require.Contains(t, c.succeeds(t, "unpack", src, dest), dest)
			require.Equal(t, digest, c.digest(t, "pack", dest, "--layout", "packed"), "the files came back as they were")
		}
	}
}

// command is the skillcask program, in surroundings of its own.
type command struct {
	path  string
	dir   string
	env   []string
	flags []string
}

// overTLS is for loopback addresses, which are spoken to without by default.
var overTLS = []string{"--plain-http=false"}

func (c *command) run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.path, append(slices.Clone(c.flags), args...)...)
	cmd.Dir = c.dir
	cmd.Env = append([]string{"HOME=" + c.dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + c.dir}, c.env...)
	var out, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	err = cmd.Run()
	return strings.TrimSuffix(out.String(), "\n"), diagnostics.String(), err
}

func (c *command) succeeds(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, err := c.run(t, args...)
	require.NoError(t, err, "%s", stderr)
	return stdout
}

// digest runs a verb that prints a digest alone.
func (c *command) digest(t *testing.T, args ...string) string {
	t.Helper()
	stdout := c.succeeds(t, args...)
	require.Regexp(t, `^sha256:[0-9a-f]{64}$`, stdout)
	return stdout
}

// fails runs a verb that ends with status 3 and one line on standard error,
// which it returns.
func (c *command) fails(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, err := c.run(t, args...)
	var exit *exec.ExitError
	require.True(t, errors.As(err, &exit), "%v", err)
	require.Equal(t, 3, exit.ExitCode(), "%s", stderr)
	require.Empty(t, stdout)
	require.Regexp(t, `^skillcask: [^\n]+\n$`, stderr)
	return stderr
}
