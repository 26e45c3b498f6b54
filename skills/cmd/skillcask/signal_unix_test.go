// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// TestInterrupt interrupts commands that wait for a registry which never
// answers. They must end at once and leave nothing.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	program := build(t)
	const sample = "../../testdata/skills/http-status"

	cases := []struct {
		name  string
		stall registrytest.Operation
		args  func(ref, work string) []string
	}{
		{"push", registrytest.OpUploadPut, func(ref, _ string) []string { return []string{"push", sample, ref} }},
		{"pull", registrytest.OpBlobGet, func(ref, work string) []string {
			return []string{"pull", ref, "--layout", filepath.Join(work, "layout")}
		}},
		{"unpack", registrytest.OpBlobGet, func(ref, work string) []string { return []string{"unpack", ref, filepath.Join(work, "out")} }},
		{"inspect", registrytest.OpManifestGet, func(ref, _ string) []string { return []string{"inspect", ref} }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			srv := registrytest.New(t)
			ref := srv.Host() + "/a/http-status:1.0"
			registry, err := skills.NewRegistry()
			require.NoError(t, err)
			if c.name != "push" {
				_, err = registry.PushDir(ctx, sample, ref, skills.PackageOptions{})
				require.NoError(t, err)
			}
			fault := registrytest.Fault{Match: registrytest.Match{Operation: c.stall}, Count: -1, Effect: registrytest.Stall}
			if c.name != "push" {
				fault.At = 100 // in the middle of an answer
			}
			srv.Inject(fault)
			srv.ResetRequests()

			work, tmp := t.TempDir(), t.TempDir()
			cmd := exec.Command(program, c.args(ref, work)...)
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Start())
			require.Eventually(t, func() bool {
				for _, r := range srv.Requests() {
					if r.Fault != "" {
						return true
					}
				}
				return false
			}, 20*time.Second, 5*time.Millisecond, "the request that stalls never came")
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case err := <-ended:
				var exit *exec.ExitError
				require.ErrorAs(t, err, &exit)
				require.Equal(t, 1, exit.ExitCode(), "%s", stderr.String())
			case <-time.After(20 * time.Second):
				_ = cmd.Process.Signal(syscall.SIGKILL)
				t.Fatal("it went on")
			}
			require.Empty(t, stdout.String())
			require.Equal(t, "skillcask: interrupted; nothing was left half written\n", stderr.String())
			require.Empty(t, files(t, tmp))
			require.Empty(t, files(t, filepath.Join(work, "out")))
			require.NoFileExists(t, filepath.Join(work, "layout", "index.json"))
			if c.name == "push" {
				repository, tag, err := registry.Repository(ref)
				require.NoError(t, err)
				_, err = repository.Resolve(ctx, tag)
				require.Error(t, err)
			}
		})
	}
}

// build builds the command.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "skillcask")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// files returns what lies in dir, which need not exist.
func files(t *testing.T, dir string) []os.DirEntry {
	entries, err := os.ReadDir(dir)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	return entries
}
