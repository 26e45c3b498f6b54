// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// TestADamagedManifestIsMended: what is not whole counts as absent, and is
// written again by a push or removed by a deletion, in the store that wrote it
// and in one that finds it so.
func TestADamagedManifestIsMended(t *testing.T) {
	t.Parallel()
	m := imageManifest("x")
	for name, damage := range map[string]func(file string) error{
		"gone":      os.Remove,
		"empty":     func(file string) error { return os.Truncate(file, 0) },
		"cut short": func(file string) error { return os.Truncate(file, int64(len(m.Content)-1)) },
		"changed": func(file string) error {
			m := append([]byte(nil), m.Content...)
			m[9] ^= 1
			return os.WriteFile(file, m, 0o644)
		},
	} {
		for _, reopened := range []bool{false, true} {
			dir, ctx := t.TempDir(), t.Context()
			store, err := layout.Open(dir)
			require.NoError(t, err)
			seed(t, store)
			harm := func() {
				require.NoError(t, damage(blobFile(dir, m.Digest)), name)
				if reopened {
					store, err = layout.Open(dir)
					require.NoError(t, err)
				}
				_, err = store.GetManifest(ctx, "demo/app", m.Digest)
				require.ErrorIs(t, err, registrytest.ErrManifestUnknown, name)
			}
			require.NoError(t, store.PutManifest(ctx, "demo/app", m, "v1"))
			for _, tags := range [][]string{{"v1"}, {"v2"}, nil} {
				harm()
				require.NoError(t, store.PutManifest(ctx, "demo/app", m, tags...))
				got, err := store.GetManifest(ctx, "demo/app", m.Digest)
				require.NoError(t, err, name)
				require.Equal(t, m.Content, got.Content)
				require.NoError(t, registrytest.CheckStore(ctx, store))
			}
			harm()
			require.NoError(t, store.DeleteManifest(ctx, "demo/app", m.Digest), name)
			tags, err := store.ListTags(ctx, "demo/app")
			require.NoError(t, err)
			require.Empty(t, tags)
			require.NoFileExists(t, blobFile(dir, m.Digest))
			require.ErrorIs(t, store.DeleteManifest(ctx, "demo/app", m.Digest), registrytest.ErrManifestUnknown)
		}
	}
}

// TestADamagedReferrerIsForgotten: its content no longer tells its subject.
func TestADamagedReferrerIsForgotten(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	m := referrerManifest("x")
	require.NoError(t, store.PutManifest(ctx, "demo/app", m))
	require.NoError(t, os.Truncate(blobFile(dir, m.Digest), 0))
	require.NoError(t, store.DeleteManifest(ctx, "demo/app", m.Digest))
	list, err := store.ListReferrers(ctx, "demo/app", seedDigest)
	require.NoError(t, err)
	require.Empty(t, list)
}

// TestADamagedBlobIsMended by an upload, and by a mount where the size tells.
func TestADamagedBlobIsMended(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	seed(t, store)
	putBlob(t, store, "demo/other", seedText)
	for _, mend := range []func(){
		func() { seed(t, store) },
		func() { require.NoError(t, store.MountBlob(ctx, "demo/app", "demo/other", seedDigest)) },
	} {
		require.NoError(t, os.Remove(blobFile(dir, seedDigest))) // perhaps the other is the same file
		write(t, blobFile(dir, seedDigest), seedText[1:])
		mend()
		require.NoError(t, registrytest.CheckStore(ctx, store))
	}
	require.NoError(t, store.MountBlob(ctx, "demo/app", "demo/app", seedDigest), "from itself")
	seed(t, store)
	other := filepath.Join(dir, "demo/other/blobs/sha256", seedDigest.Encoded())
	write(t, other, seedText[1:])
	require.ErrorIs(t, store.MountBlob(ctx, "demo/app", "demo/other", seedDigest), registrytest.ErrBlobUnknown)
	require.NoError(t, os.Remove(other))
	require.NoError(t, registrytest.CheckStore(ctx, store))
	require.Empty(t, regular(t, filepath.Join(dir, ".uploads")))
}
