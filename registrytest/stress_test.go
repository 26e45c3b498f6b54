// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/skillcask/skillcask/registrytest"
)

// TestStress lets 64 workers push, pull, tag and delete at once, for the time
// that REGISTRYTEST_STRESS says (default 1.5s), by the schedule of the seed
// REGISTRYTEST_SEED.
func TestStress(t *testing.T) {
	length := duration(t, "REGISTRYTEST_STRESS", 1500*time.Millisecond)
	seed := uint64(number(t, "REGISTRYTEST_SEED", 1))
	for name, open := range map[string]func(*testing.T) registrytest.Store{
		"memory": func(*testing.T) registrytest.Store { return registrytest.NewMemory() },
		"layout": openLayout,
	} {
		t.Run(name, func(t *testing.T) {
			srv := registrytest.New(t, registrytest.Options{Store: open(t), CheckStore: true, RecordLimit: 50})
			const n = 64
			transport := &http.Transport{MaxIdleConnsPerHost: n}
			defer transport.CloseIdleConnections()
			ctx, cancel := context.WithTimeout(t.Context(), length)
			defer cancel()
			var group errgroup.Group
			workers := make([]*worker, n)
			for i := range n {
				w := newWorker(&http.Client{Transport: transport}, srv.URL, fmt.Sprintf("stress/w%d", i), seed+uint64(i))
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
			steps := 0
			for _, w := range workers {
				w.verify(t, srv.Store)
				steps += w.n
			}
			t.Logf("seed %d: %d pushes in %s", seed, steps, length)
		})
	}
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
					w := newWorker(srv.Client(), srv.URL, "same", 7)
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
