// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/skillcask/skillcask/registrytest"
)

const envServeLayout = "REGISTRYTEST_SERVE_LAYOUT"

// serveForKill serves a layout for ever if the environment says so: TestKill
// starts the test's own program in this way.
func serveForKill() bool {
	dir := os.Getenv(envServeLayout)
	if dir == "" {
		return false
	}
	store, err := registrytest.OpenLayout(dir)
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

// TestKill kills a process that serves a layout at random moments while others
// push to it and delete, REGISTRYTEST_KILL_ROUNDS times (default 5). What was
// acknowledged has to be there when the layout is opened again.
func TestKill(t *testing.T) {
	rounds := number(t, "REGISTRYTEST_KILL_ROUNDS", 5)
	seed := uint64(number(t, "REGISTRYTEST_SEED", 1))
	rnd := rand.New(rand.NewPCG(seed, 2))
	dir := t.TempDir()
	pushes := 0
	for round := range rounds {
		pushes += killRound(t, dir, round, seed, time.Duration(20+rnd.IntN(150))*time.Millisecond)
	}
	store, err := registrytest.OpenLayout(dir)
	require.NoError(t, err)
	require.NoError(t, registrytest.CheckStore(t.Context(), store))
	t.Logf("seed %d: %d pushes in %d rounds", seed, pushes, rounds)
}

func killRound(t *testing.T, dir string, round int, seed uint64, after time.Duration) (pushes int) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), envServeLayout+"="+dir)
	child.Stderr = os.Stderr
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)

	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	defer transport.CloseIdleConnections()
	var group errgroup.Group
	workers := make([]*worker, 6)
	for i := range workers {
		w := newWorker(&http.Client{Transport: transport}, "http://"+strings.TrimSpace(addr),
			fmt.Sprintf("kill/r%d/w%d", round, i), seed+uint64(100*round+i))
		workers[i] = w
		group.Go(func() error {
			for {
				if err := w.step(t.Context()); err != nil {
					return err
				}
			}
		})
	}
	timer := time.AfterFunc(after, func() { _ = child.Process.Kill() })
	defer timer.Stop()
	_ = child.Wait()
	err = group.Wait()
	require.True(t, errors.Is(err, errNoAnswer), "%v", err)

	requireIndexes(t, dir)
	store, err := registrytest.OpenLayout(dir)
	require.NoError(t, err)
	for _, w := range workers {
		w.verify(t, store)
		pushes += w.n
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
