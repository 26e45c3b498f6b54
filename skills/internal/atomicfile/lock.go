// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// lockPoll is how often a lock that another process holds is asked for.
const lockPoll = 5 * time.Millisecond

// ErrNoLocks says that an open file can't be locked, since the system or the
// file system has no such locks.
var ErrNoLocks = fmt.Errorf("file locks: %w", errors.ErrUnsupported)

// FileLock takes the lock of an open file, or of an open directory, unless
// another holds it. Closing the file gives it back. tryLock is that of this
// system.
type FileLock func(*os.File) (held bool, err error)

// LockBoth takes the lock of a directory in this process and then that of the
// file which open returns for it. Goroutines wait for one another without
// polling, and also where there are no file locks.
func LockBoth(ctx context.Context, path string, open func(string) (*os.File, error), try FileLock) (unlock func(), err error) {
	release, err := processLocks.lock(ctx, path)
	if err != nil {
		return nil, err
	}
	file, err := open(path)
	if err == nil {
		if err = waitForLock(ctx, file, try); err == nil {
			return func() { file.Close(); release() }, nil
		}
		file.Close()
	}
	release()
	return nil, err
}

func waitForLock(ctx context.Context, file *os.File, try FileLock) error {
	for {
		held, err := try(file)
		if held || errors.Is(err, ErrNoLocks) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// processLocks are the locks of directories in this process.
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
func (k *keyedLocks) lock(ctx context.Context, path string) (unlock func(), err error) {
	key := realPath(path)
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
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path
}
