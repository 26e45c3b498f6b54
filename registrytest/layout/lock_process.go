// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"path/filepath"
	"sync"
)

// processLocks are the locks of directories in this process, by their names in
// the file system. They exclude stores of one process from one another where
// files can't be locked.
var processLocks = keyedLocks{held: map[string]*keyedLock{}}

// keyedLocks has a lock for each directory that is locked or waited for.
type keyedLocks struct {
	mu   sync.Mutex
	held map[string]*keyedLock
}

type keyedLock struct {
	turn  chan struct{} // full while the lock is held
	users int           // who hold it or wait for it
}

// lock waits for the lock of a directory as long as ctx lets it.
func (k *keyedLocks) lock(ctx context.Context, key string) (unlock func(), err error) {
	k.mu.Lock()
	lock := k.held[key]
	if lock == nil {
		lock = &keyedLock{turn: make(chan struct{}, 1)}
		k.held[key] = lock
	}
	lock.users++
	k.mu.Unlock()
	leave := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if lock.users--; lock.users == 0 {
			delete(k.held, key)
		}
	}
	select {
	case lock.turn <- struct{}{}:
		return func() { <-lock.turn; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// realPath returns the one name of a directory that has many.
func realPath(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return dir
}

// lockKey names a directory of the layout in processLocks. No part of it is a
// link; see findDir.
func (l *layouts) lockKey(dir string) string {
	return filepath.Join(l.realRoot, filepath.FromSlash(dir))
}
