// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package layout_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// TestFifosAreNotWaitedFor: where a file or a directory should be.
func TestFifosAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	m := imageManifest("x")
	fifo := func(file string) {
		require.NoError(t, os.RemoveAll(file))
		require.NoError(t, syscall.Mkfifo(file, 0o644))
	}
	seed(t, store)
	require.NoError(t, store.PutManifest(ctx, "demo/app", m, "v1"))

	fifo(blobFile(dir, m.Digest))
	for range 2 {
		_, err = store.GetManifest(ctx, "demo/app", m.Digest)
		require.ErrorIs(t, err, registrytest.ErrManifestUnknown)
		_, _, err = store.OpenBlob(ctx, "demo/app", m.Digest)
		require.ErrorIs(t, err, registrytest.ErrBlobUnknown)
		store, err = layout.Open(dir)
		require.NoError(t, err)
	}
	require.NoError(t, store.PutManifest(ctx, "demo/app", m, "v2"), "it takes the fifo's place")
	_, err = store.GetManifest(ctx, "demo/app", m.Digest)
	require.NoError(t, err)

	fifo(filepath.Join(dir, "demo/app/index.json"))
	_, err = layout.Open(dir)
	require.ErrorContains(t, err, "index.json")
	_, err = store.ListTags(ctx, "demo/app")
	require.ErrorContains(t, err, "index.json")
	require.ErrorContains(t, store.PutManifest(ctx, "demo/app", m, "v3"), "index.json")

	fifo(filepath.Join(dir, "demo/app"))
	require.Error(t, store.PutManifest(ctx, "demo/app", m, "v3"))
	require.ErrorIs(t, store.PutManifest(ctx, "demo/app/sub", m, "v3"), registrytest.ErrNameInvalid)
	fifo(filepath.Join(dir, ".uploads"))
	_, err = layout.Open(dir)
	require.NoError(t, err)
}

// TestAFifoIsNoDirectoryOfBlobs: the others are listed.
func TestAFifoIsNoDirectoryOfBlobs(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	seed(t, store)
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "demo/app/blobs/sha512"), 0o644))
	_, err = store.ListContent(ctx, "demo/app")
	require.Error(t, err)
}
