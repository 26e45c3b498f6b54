// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package skills

import (
	"os"
	"syscall"
)

// lockDir keeps other processes from locking the directory until unlock is
// called.
func lockDir(path string) (unlock func(), err error) {
	dir, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	for {
		// Closing the file gives the lock back.
		switch err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err {
		case nil:
			return func() { dir.Close() }, nil
		case syscall.EINTR:
		case syscall.ENOTSUP, syscall.ENOLCK: // some network file systems
			return func() { dir.Close() }, nil
		default:
			dir.Close()
			return nil, err
		}
	}
}
