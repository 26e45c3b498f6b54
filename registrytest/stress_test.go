// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/skillcask/skillcask/registrytest"
)

// TestStress lets 64 workers push, pull, mount, tag and delete at once, for the
// time that REGISTRYTEST_STRESS says (default 1.5s), by the schedule of the seed
// REGISTRYTEST_SEED. Half of them have a repository of their own, the others
// share one.
func TestStress(t *testing.T) {
	t.Parallel()
	length := duration(t, "REGISTRYTEST_STRESS", 1500*time.Millisecond)
	for name, open := range map[string]func(*testing.T) registrytest.Store{
		"memory": func(*testing.T) registrytest.Store { return registrytest.NewMemory() },
		"layout": openLayout,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Store: open(t), CheckStore: true, RecordLimit: 50})
			stress(t, 64, length, srv)
		})
	}
}

// stress lets n workers work on the servers, which have one content, and
// compares what each server has afterwards with what it should have.
func stress(t *testing.T, n int, length time.Duration, servers ...*registrytest.Server) {
	t.Helper()
	seed := uint64(number(t, "REGISTRYTEST_SEED", 1))
	transport := &http.Transport{MaxIdleConnsPerHost: n}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var group errgroup.Group
	workers := make([]*worker, n)
	for i := range n {
		repo, name := "stress/shared", fmt.Sprintf("w%d", i)
		if i%2 == 0 {
			repo = "stress/" + name
		}
		// Two that differ in their repositories only use the same server.
		url := servers[i/2%len(servers)].URL
		w := newWorker(&http.Client{Transport: transport}, url, repo, name, seed+uint64(i))
		for _, srv := range servers {
			w.reads = append(w.reads, srv.URL)
		}
		workers[i] = w
		group.Go(func() error {
			for ctx.Err() == nil {
				// Not ctx: the step under way is to be finished.
				if err := w.step(t.Context()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	pushes := 0
	for _, w := range workers {
		for _, srv := range servers {
			w.verify(t, srv.Store)
		}
		pushes += w.n
	}
	t.Logf("seed %d: %d pushes in %s", seed, pushes, length)
}

// TestStoresShareADirectory lets workers use two registries with a store each on
// one directory. Each has to see what was done through the other.
func TestStoresShareADirectory(t *testing.T) {
	t.Parallel()
	if !hasLocks {
		t.Skip("there is no flock")
	}
	dir := t.TempDir()
	servers := make([]*registrytest.Server, 2)
	for i := range servers {
		store, err := registrytest.OpenLayout(dir)
		require.NoError(t, err)
		servers[i] = registrytest.New(t, registrytest.Options{Store: store, CheckStore: true, RecordLimit: 50})
	}
	stress(t, 16, duration(t, "REGISTRYTEST_STRESS", 800*time.Millisecond), servers...)
	store, err := registrytest.OpenLayout(dir)
	require.NoError(t, err)
	require.NoError(t, registrytest.CheckStore(t.Context(), store))
	requireIndexes(t, dir)
}

// TestManyPushTheSame lets all push the same content to one repository.
func TestManyPushTheSame(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]registrytest.Store{"memory": registrytest.NewMemory(), "layout": openLayout(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Store: store, CheckStore: true, Strict: true})
			var group errgroup.Group
			for range 16 {
				group.Go(func() error {
					w := newWorker(srv.Client(), srv.URL, "same", "w", 7)
					for range 5 {
						if err := errors.Join(w.pushBlob(t.Context())); err != nil {
							return err
						}
					}
					if len(w.layers) == 0 {
						return errors.New("the seed makes no layer")
					}
					return w.pushManifest(t.Context())
				})
			}
			require.NoError(t, group.Wait())
		})
	}
}

// number reads a number from the environment.
func number(t *testing.T, key string, otherwise int) int {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, key)
	return n
}

// duration reads a duration from the environment.
func duration(t *testing.T, key string, otherwise time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, key)
	return d
}
