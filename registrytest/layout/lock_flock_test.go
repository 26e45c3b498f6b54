// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package layout_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// TestALayoutIsChangedUnderItsLock: who locks the directory of a repository, as
// other programs do, is waited for.
func TestALayoutIsChangedUnderItsLock(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	seed(t, store)
	m := imageManifest("x")
	require.NoError(t, store.PutManifest(ctx, "demo/app", m, "v1"))

	lock, err := os.Open(filepath.Join(dir, "demo/app"))
	require.NoError(t, err)
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	for name, change := range map[string]func(context.Context) error{
		"put":             func(ctx context.Context) error { return store.PutManifest(ctx, "demo/app", m, "v2") },
		"delete":          func(ctx context.Context) error { return store.DeleteManifest(ctx, "demo/app", m.Digest) },
		"delete a tag":    func(ctx context.Context) error { return store.DeleteTag(ctx, "demo/app", "v1") },
		"delete the blob": func(ctx context.Context) error { return store.DeleteBlob(ctx, "demo/app", seedDigest) },
	} {
		short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		require.ErrorIs(t, change(short), context.DeadlineExceeded, name)
		cancel()
	}
	tags, err := store.ListTags(ctx, "demo/app")
	require.NoError(t, err, "reading needs no lock")
	require.Equal(t, []string{"v1"}, tags)
	require.NoError(t, lock.Close())
	require.NoError(t, store.PutManifest(ctx, "demo/app", m, "v2"))
}

// TestStoresMakeTheSameRepository: it is made once, and the loser of the race
// adds to it.
func TestStoresMakeTheSameRepository(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	stores := make([]registrytest.Store, 4)
	for i := range stores {
		var err error
		stores[i], err = layout.Open(dir)
		require.NoError(t, err)
	}
	for n := range 20 {
		repo := fmt.Sprintf("demo/r%d", n)
		var group errgroup.Group
		for i, store := range stores {
			group.Go(func() error { return store.PutManifest(ctx, repo, imageManifest(fmt.Sprint(i)), fmt.Sprintf("v%d", i)) })
		}
		require.NoError(t, group.Wait())
		for _, store := range stores {
			tags, err := store.ListTags(ctx, repo)
			require.NoError(t, err)
			require.Equal(t, []string{"v0", "v1", "v2", "v3"}, tags)
		}
	}
	fresh, err := layout.Open(dir)
	require.NoError(t, err)
	for _, store := range append(stores, fresh) {
		repos, err := store.ListRepositories(ctx)
		require.NoError(t, err)
		require.Len(t, repos, 20)
	}
}
