// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/internal/testkit"
	"github.com/skillcask/skillcask/registrytest/layout"
)

const envServeLayout = "REGISTRYTEST_SERVE_LAYOUT"

// serveForKill serves a layout for ever if the environment says so: TestKill
// starts the test's own program in this way.
func serveForKill() bool {
	dir := os.Getenv(envServeLayout)
	if dir == "" {
		return false
	}
	store, err := layout.Open(dir)
	if err == nil {
		var l net.Listener
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
			fmt.Println(l.Addr())
			err = http.Serve(l, registrytest.NewHandler(registrytest.Options{Store: store}))
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
	return true
}

// TestKill kills two processes that serve one layout at random moments while
// others push to them and delete, REGISTRYTEST_KILL_ROUNDS times (default 5).
// What was acknowledged has to be there when the layout is opened again.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := testkit.Number(t, "REGISTRYTEST_KILL_ROUNDS", 5)
	seed := uint64(testkit.Number(t, "REGISTRYTEST_SEED", 1))
	rnd := rand.New(rand.NewPCG(seed, 2))
	dir := t.TempDir()
	pushes := 0
	for round := range rounds {
		children := make([]*child, 2)
		if !hasLocks {
			children = children[:1]
		}
		for i := range children {
			children[i] = startChild(t, dir)
		}
		for _, c := range children {
			c.killAfter(time.Duration(20+rnd.IntN(150)) * time.Millisecond)
		}
		pushes += killRound(t, dir, round, seed, children)
	}
	store, err := layout.Open(dir)
	require.NoError(t, err)
	require.NoError(t, registrytest.CheckStore(t.Context(), store))
	t.Logf("seed %d: %d pushes in %d rounds", seed, pushes, rounds)
}

// child is a process that serves a layout.
type child struct {
	cmd   *exec.Cmd
	url   string
	timer *time.Timer
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envServeLayout+"="+dir, "GORACE=halt_on_error=1")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &child{cmd: cmd}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	c.url = "http://" + strings.TrimSpace(addr)
	return c
}

func (c *child) killAfter(d time.Duration) {
	c.timer = time.AfterFunc(d, func() { _ = c.cmd.Process.Kill() })
}

func killRound(t *testing.T, dir string, round int, seed uint64, children []*child) (pushes int) {
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	defer transport.CloseIdleConnections()
	workers := make([]*testkit.Worker, 8)
	ended := make([]error, len(workers))
	var group sync.WaitGroup
	for i := range workers {
		name := fmt.Sprintf("r%d-w%d", round, i)
		repo := "kill/shared"
		if i%2 == 0 {
			repo = "kill/" + name
		}
		w := testkit.NewWorker(&http.Client{Transport: transport}, children[i/2%len(children)].url, repo, name, seed+uint64(100*round+i))
		workers[i] = w
		group.Go(func() {
			for ended[i] == nil {
				ended[i] = w.Step(t.Context())
			}
		})
	}
	for _, c := range children {
		_ = c.cmd.Wait()
		c.timer.Stop()
		if hasLocks { // on Windows a kill is an exit too
			require.False(t, c.cmd.ProcessState.Exited(), "it ended by itself: %v", c.cmd.ProcessState)
		}
	}
	group.Wait()
	for _, err := range ended {
		require.ErrorIs(t, err, testkit.ErrNoAnswer)
	}

	requireIndexes(t, dir)
	store, err := layout.Open(dir)
	require.NoError(t, err)
	require.NoDirExists(t, filepath.Join(dir, ".uploads"), "both are dead")
	for _, w := range workers {
		w.Verify(t, store)
		pushes += w.Pushes()
	}
	return pushes
}

// requireIndexes reads every index.json as a stranger would.
func requireIndexes(t *testing.T, dir string) {
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != ocispec.ImageIndexFile {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var index ocispec.Index
		require.NoError(t, json.Unmarshal(b, &index), "%s: %q", path, b)
		require.Equal(t, 2, index.SchemaVersion)
		for _, desc := range index.Manifests {
			info, err := os.Stat(filepath.Join(filepath.Dir(path), "blobs", desc.Digest.Algorithm().String(), desc.Digest.Encoded()))
			require.NoError(t, err)
			require.Equal(t, desc.Size, info.Size())
		}
		return nil
	}))
}
