// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

const interruptedSample = "../../testdata/skills/http-status"

// stalled returns a registry that never answers one kind of request in full, and
// a reference to a skill in it.
func stalled(t *testing.T, operation registrytest.Operation, at int64) (srv *registrytest.Server, ref string) {
	t.Helper()
	srv = registrytest.New(t)
	ref = srv.Host() + "/a/http-status:1.0"
	if at > 0 { // in the middle of an answer
		registry, err := skills.NewRegistry()
		require.NoError(t, err)
		_, err = registry.PushDir(context.Background(), interruptedSample, ref, skills.PackageOptions{})
		require.NoError(t, err)
	}
	srv.Inject(registrytest.Fault{Match: registrytest.Match{Operation: operation}, Count: -1, Effect: registrytest.Stall, At: at})
	srv.ResetRequests()
	return srv, ref
}

// waitForStall waits until a request has stalled.
func waitForStall(t *testing.T, srv *registrytest.Server) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, r := range srv.Requests() {
			if r.Fault != "" {
				return true
			}
		}
		return false
	}, 20*time.Second, 5*time.Millisecond, "the request that stalls never came")
}

// wait waits for a process that must end by itself, and returns how it did.
func wait(t *testing.T, cmd *exec.Cmd) syscall.WaitStatus {
	t.Helper()
	hung := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer hung.Stop()
	err := cmd.Wait()
	if err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// skipIgnored: what is ignored when the tests start is so in all that they start.
func skipIgnored(t *testing.T, sig os.Signal) {
	t.Helper()
	if signal.Ignored(sig) {
		t.Skipf("%s is ignored here", sig)
	}
}

// TestInterrupt interrupts commands that wait for a registry which never
// answers. They must end at once, by the signal, and leave nothing.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	program := build(t)
	pull := func(ref, work string) []string {
		return []string{"pull", ref, "--layout", filepath.Join(work, "layout")}
	}
	unpack := func(ref, work string) []string { return []string{"unpack", ref, filepath.Join(work, "out")} }
	for _, c := range []struct {
		name   string
		signal syscall.Signal
		stall  registrytest.Operation
		at     int64
		args   func(ref, work string) []string
	}{
		{"push", syscall.SIGINT, registrytest.OpUploadPut, 0, func(ref, _ string) []string { return []string{"push", interruptedSample, ref} }},
		{"pull", syscall.SIGINT, registrytest.OpBlobGet, 100, pull},
		{"unpack", syscall.SIGINT, registrytest.OpBlobGet, 100, unpack},
		{"inspect", syscall.SIGINT, registrytest.OpManifestGet, 100, func(ref, _ string) []string { return []string{"inspect", ref} }},
		{"pull ended by SIGTERM", syscall.SIGTERM, registrytest.OpBlobGet, 100, pull},
		{"pull hung up on", syscall.SIGHUP, registrytest.OpBlobGet, 100, pull},
		{"unpack hung up on", syscall.SIGHUP, registrytest.OpBlobGet, 100, unpack},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			skipIgnored(t, c.signal)
			srv, ref := stalled(t, c.stall, c.at)
			work, tmp := t.TempDir(), t.TempDir()
			cmd := exec.Command(program, append(c.args(ref, work), "--json")...)
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Start())
			waitForStall(t, srv)
			require.NoError(t, cmd.Process.Signal(c.signal))
			status := wait(t, cmd)
			require.True(t, status.Signaled(), "it ended with %d: %s", status.ExitStatus(), stderr.String())
			require.Equal(t, c.signal, status.Signal())
			var failure errorJSON
			require.NoError(t, json.Unmarshal(stdout.Bytes(), &failure))
			require.Equal(t, failureJSON{"interrupted; nothing was left half written", "signal", 128 + int(c.signal)}, failure.Error)
			require.Equal(t, "skillcask: interrupted; nothing was left half written\n", stderr.String())
			require.Empty(t, files(t, tmp))
			require.NoFileExists(t, filepath.Join(work, "layout", "index.json"))
			require.NoError(t, os.RemoveAll(filepath.Join(work, "layout")))
			require.Empty(t, files(t, work), "no staging directory either")
			if c.at == 0 {
				registry, err := skills.NewRegistry()
				require.NoError(t, err)
				repository, tag, err := registry.Repository(ref)
				require.NoError(t, err)
				_, err = repository.Resolve(context.Background(), tag)
				require.Error(t, err)
			}
		})
	}
}

// TestInterruptEndsALoop: a shell goes on with the next round unless the program
// was ended by the signal.
func TestInterruptEndsALoop(t *testing.T) {
	t.Parallel()
	skipIgnored(t, syscall.SIGINT)
	bash, err := exec.LookPath("bash") // dash ends with the signal, whatever the program does
	if err != nil {
		t.Skip("there is no bash")
	}
	srv, ref := stalled(t, registrytest.OpManifestGet, 100)
	loop := exec.Command(bash, "-c", `for i in 1 2 3; do echo "$i"; "$0" inspect "$1"; done; echo end`, build(t), ref)
	loop.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a terminal has it
	var stdout bytes.Buffer
	loop.Stdout = &stdout
	require.NoError(t, loop.Start())
	waitForStall(t, srv)
	require.NoError(t, syscall.Kill(-loop.Process.Pid, syscall.SIGINT))
	status := wait(t, loop)
	require.Equal(t, "1\n", stdout.String())
	require.True(t, status.Signaled())
	require.Equal(t, syscall.SIGINT, status.Signal())
}

// TestShellSeesTheSignal: $? is 128 and its number.
func TestShellSeesTheSignal(t *testing.T) {
	t.Parallel()
	srv, ref := stalled(t, registrytest.OpManifestGet, 100)
	shell := exec.Command("sh", "-c", `"$0" inspect "$1" & echo $!; wait $!; echo $?`, build(t), ref)
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	shell.Stdout = write
	require.NoError(t, shell.Start())
	require.NoError(t, write.Close())
	waitForStall(t, srv)
	var pid, status int
	_, err = fmt.Fscanln(read, &pid)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGTERM))
	_, err = fmt.Fscanln(read, &status)
	require.NoError(t, err)
	require.Equal(t, 143, status)
	require.Zero(t, wait(t, shell).ExitStatus())
}

// TestIgnoredHangUp: what nohup has set stays.
func TestIgnoredHangUp(t *testing.T) {
	t.Parallel()
	srv, ref := stalled(t, registrytest.OpManifestGet, 100)
	cmd := exec.Command("sh", "-c", `trap "" HUP; exec "$0" inspect "$1"`, build(t), ref)
	require.NoError(t, cmd.Start())
	waitForStall(t, srv)
	if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)); err == nil {
		require.Regexp(t, `(?m)^SigIgn:\s[0-9a-f]*[13579bdf]$`, string(state), "bit 0 is for SIGHUP")
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGHUP))
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM)) // a signal of a higher number comes later
	status := wait(t, cmd)
	require.True(t, status.Signaled())
	require.Equal(t, syscall.SIGTERM, status.Signal())
}

// files returns what lies in dir, which need not exist.
func files(t *testing.T, dir string) []os.DirEntry {
	entries, err := os.ReadDir(dir)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	return entries
}
