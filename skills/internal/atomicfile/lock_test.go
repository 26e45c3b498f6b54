// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestALockIsWaitedForAsLongAsTheContextLets, where there are file locks and
// where there are none, and nothing is left of it.
func TestALockIsWaitedForAsLongAsTheContextLets(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]FileLock{"file locks": TryLock, "none": func(*os.File) (bool, error) { return false, ErrNoLocks }} {
		path := t.TempDir()
		lock := func(ctx context.Context) (func(), error) {
			return LockBoth(ctx, path, OpenLayoutLock, try)
		}
		unlock, err := lock(t.Context())
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := lock(ctx)
			ended <- err
		}()
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled, name)
		unlock()
		again, err := lock(t.Context())
		require.NoError(t, err, name)
		again()
		processLocks.mu.Lock()
		require.NotContains(t, processLocks.held, realPath(path), name)
		processLocks.mu.Unlock()
	}
	_, err := LockBoth(t.Context(), filepath.Join(t.TempDir(), "absent"), OpenLayoutLock, TryLock)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
