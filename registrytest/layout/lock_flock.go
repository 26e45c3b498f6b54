// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package layout

import (
	"os"
	"syscall"
)

// removesLocked says that a directory can be removed whose lock is held.
const removesLocked = true

// lockName names the file to lock for the lock of a directory: the directory.
func lockName(dir string) string { return dir }

// openLock opens the file to lock.
func (l *layouts) openLock(dir string) (*os.File, error) { return l.open(dir) }

// flock is the [fileLock] of flock(2).
func flock(f *os.File) (held bool, err error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			return true, nil
		case syscall.EWOULDBLOCK:
			return false, nil
		case syscall.EINTR:
		case syscall.ENOTSUP, syscall.ENOLCK, syscall.ENOSYS: // some network file systems
			return false, errNoLocks
		default:
			return false, err
		}
	}
}
