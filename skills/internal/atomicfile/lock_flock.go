// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package atomicfile

import (
	"os"
	"syscall"
)

// RenamesLocked says that a file can be renamed while its lock is held.
const RenamesLocked = true

// OpenLayoutLock opens what is locked to change a layout: the directory itself,
// which package registrytest locks too, and other programs may.
func OpenLayoutLock(path string) (*os.File, error) { return os.Open(path) }

// TryLock is the [FileLock] of flock(2).
func TryLock(file *os.File) (held bool, err error) {
	for {
		switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			return true, nil
		case syscall.EWOULDBLOCK:
			return false, nil
		case syscall.EINTR:
		case syscall.ENOTSUP, syscall.ENOLCK, syscall.ENOSYS: // some network file systems
			return false, ErrNoLocks
		default:
			return false, err
		}
	}
}
