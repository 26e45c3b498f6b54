// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package skills

import (
	"context"
	"os"
	"syscall"
	"time"
)

// lockPoll is how often a lock that another holds is asked for.
const lockPoll = 5 * time.Millisecond

// lockDir keeps other processes from locking the directory until unlock is
// called. It waits for one that has the lock as long as ctx lets it.
func lockDir(ctx context.Context, path string) (unlock func(), err error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	for {
		// Closing the file gives the lock back.
		switch err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			return func() { dir.Close() }, nil
		case syscall.EWOULDBLOCK, syscall.EINTR:
			select {
			case <-ctx.Done():
				dir.Close()
				return nil, ctx.Err()
			case <-time.After(lockPoll):
			}
		case syscall.ENOTSUP, syscall.ENOLCK: // some network file systems
			return func() { dir.Close() }, nil
		default:
			dir.Close()
			return nil, err
		}
	}
}
