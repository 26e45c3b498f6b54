// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"context"
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

// Stress lets n workers work on the servers, which have one content, and
// compares what each server has afterwards with what it should have.
func Stress(t *testing.T, n int, length time.Duration, servers ...*registrytest.Server) {
	t.Helper()
	seed := uint64(Number(t, "REGISTRYTEST_SEED", 1))
	transport := &http.Transport{MaxIdleConnsPerHost: n}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var group errgroup.Group
	workers := make([]*Worker, n)
	for i := range n {
		repo, name := "stress/shared", fmt.Sprintf("w%d", i)
		if i%2 == 0 {
			repo = "stress/" + name
		}
		// Two that differ in their repositories only use the same server.
		url := servers[i/2%len(servers)].URL
		w := NewWorker(&http.Client{Transport: transport}, url, repo, name, seed+uint64(i))
		for _, srv := range servers {
			w.reads = append(w.reads, srv.URL)
		}
		workers[i] = w
		group.Go(func() error {
			for ctx.Err() == nil {
				// Not ctx: the step under way is to be finished.
				if err := w.Step(t.Context()); err != nil {
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
			w.Verify(t, srv.Store)
		}
		pushes += w.n
	}
	t.Logf("seed %d: %d pushes in %s", seed, pushes, length)
}

// Number reads a number from the environment.
func Number(t *testing.T, key string, otherwise int) int {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, key)
	return n
}

// Duration reads a duration from the environment.
func Duration(t *testing.T, key string, otherwise time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, key)
	return d
}
