// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/internal/testkit"
)

// TestStress lets 64 workers push, pull, mount, tag and delete at once, for the
// time that REGISTRYTEST_STRESS says (default 1.5s), by the schedule of the seed
// REGISTRYTEST_SEED. Half of them have a repository of their own, the others
// share one.
func TestStress(t *testing.T) {
	t.Parallel()
	length := testkit.Duration(t, "REGISTRYTEST_STRESS", 1500*time.Millisecond)
	for name, open := range map[string]func(*testing.T) registrytest.Store{
		"memory": func(*testing.T) registrytest.Store { return registrytest.NewMemory() },
		"layout": openLayout,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Store: open(t), CheckStore: true, RecordLimit: 50})
			testkit.Stress(t, 64, length, srv)
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
					w := testkit.NewWorker(srv.Client(), srv.URL, "same", "w", 7)
					for range 5 {
						if err := w.PushBlob(t.Context()); err != nil {
							return err
						}
					}
					return w.PushManifest(t.Context())
				})
			}
			require.NoError(t, group.Wait())
		})
	}
}
