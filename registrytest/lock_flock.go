// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package registrytest

import (
	"os"
	"syscall"
)

// tryLock takes the lock of an open file or directory unless another has it.
// Closing the file gives it back.
func tryLock(f *os.File) (held bool, err error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			return true, nil
		case syscall.EWOULDBLOCK:
			return false, nil
		case syscall.EINTR:
		case syscall.ENOTSUP, syscall.ENOLCK: // some network file systems
			return true, nil
		default:
			return false, err
		}
	}
}
