// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// openBelow lists the files in dir that this process has open. Other tests have others.
func openBelow(t *testing.T, dir string) (names []string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	entries, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	for _, e := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(name, dir) {
			names = append(names, name)
		}
	}
	return names
}

// TestCloseLeavesNoFileOpen, and nothing unfinished, whatever was done before.
func TestCloseLeavesNoFileOpen(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	srv := registrytest.New(t, registrytest.Options{Store: store})
	repo := newRepo(t, srv, "demo/app", "", "")
	src, desc := pack(t, "v1", "hello")
	_, err = oras.Copy(ctx, src, "v1", repo, "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	_, err = oras.Copy(ctx, repo, "v1", memory.New(), "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	id, err := store.StartUpload(ctx, "demo/app", digest.SHA256)
	require.NoError(t, err)
	_, err = store.AppendUpload(ctx, "demo/app", id, 0, strings.NewReader("unfinished"))
	require.NoError(t, err)
	require.NoError(t, srv.Close())
	require.NoError(t, registrytest.CheckStore(ctx, store), "a server does not close what it was given")

	if runtime.GOOS == "linux" {
		require.Len(t, openBelow(t, dir), 2)
	}
	require.NoError(t, store.Close())
	require.NoError(t, store.Close(), "again")
	if runtime.GOOS == "linux" {
		require.Empty(t, openBelow(t, dir))
	}
	require.NoDirExists(t, filepath.Join(dir, ".uploads"))
	_, err = store.AppendUpload(ctx, "demo/app", id, -1, strings.NewReader("more"))
	require.Error(t, err)
	_, err = store.StartUpload(ctx, "demo/app", digest.SHA256)
	require.ErrorIs(t, err, os.ErrClosed)
	_, _, err = store.OpenBlob(ctx, "demo/app", desc.Digest)
	require.ErrorIs(t, err, os.ErrClosed)

	again, err := layout.Open(dir)
	require.NoError(t, err)
	defer again.Close()
	require.NoError(t, registrytest.CheckStore(ctx, again))
	dgst, err := again.ResolveTag(ctx, "demo/app", "v1")
	require.NoError(t, err)
	require.Equal(t, desc.Digest, dgst)
}
