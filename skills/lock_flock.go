// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package skills

import (
	"os"
	"syscall"
)

// renamesLocked says that a file can be renamed while its lock is held.
const renamesLocked = true

// openLayoutLock opens what is locked to change a layout: the directory itself,
// which package registrytest locks too, and other programs may.
func openLayoutLock(path string) (*os.File, error) { return os.Open(path) }

// tryLock is the [fileLock] of flock(2).
func tryLock(file *os.File) (held bool, err error) {
	for {
		switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
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
