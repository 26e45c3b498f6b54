// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/skillcask/skillcask/registrytest"
)

// withoutLocks opens a store as on a system whose files can't be locked.
func withoutLocks(t *testing.T, dir string) *layouts {
	t.Helper()
	store, err := Open(dir)
	require.NoError(t, err)
	l := store.(*layouts)
	l.tryLock = func(*os.File) (bool, error) { return false, errNoLocks }
	return l
}

// TestStoresOfOneProcessNeedNoFileLocks: none of many loses a tag, whatever they
// call the directory.
func TestStoresOfOneProcessNeedNoFileLocks(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	names := []string{dir, dir + "/."}
	if alias := filepath.Join(t.TempDir(), "alias"); os.Symlink(dir, alias) == nil {
		names = append(names, alias)
	}
	const writers, each = 9, 5
	stores := make([]*layouts, writers)
	for i := range stores {
		stores[i] = withoutLocks(t, names[i%len(names)])
	}
	var group errgroup.Group
	for i, store := range stores {
		group.Go(func() error {
			for n := range each {
				content := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":[],"annotations":{"n":"%d %d"}}`, ocispec.MediaTypeImageIndex, i, n)
				m := registrytest.Manifest{MediaType: ocispec.MediaTypeImageIndex, Digest: digest.FromBytes(content), Content: content}
				if err := store.PutManifest(ctx, "demo", m, fmt.Sprintf("v%d-%d", i, n)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	tags, err := withoutLocks(t, dir).ListTags(ctx, "demo")
	require.NoError(t, err)
	require.Len(t, tags, writers*each)
}

// TestUploadsAreKeptWhereNoLockTells: only their age does there.
func TestUploadsAreKeptWhereNoLockTells(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store := withoutLocks(t, dir)
	_, err := store.StartUpload(ctx, "demo", digest.SHA256)
	require.NoError(t, err)
	other := &layouts{root: store.root, tryLock: store.tryLock}
	other.sweep()
	require.DirExists(t, filepath.Join(dir, store.scratch.dir))

	old := time.Now().Add(-forsakenAge - time.Minute)
	require.NoError(t, os.Chtimes(filepath.Join(dir, store.scratch.dir), old, old))
	other.sweep()
	require.NoDirExists(t, filepath.Join(dir, uploadsDir))
}
