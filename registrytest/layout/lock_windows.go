// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"errors"
	"math"
	"os"
	"path"

	"golang.org/x/sys/windows"
)

// removesLocked says that a directory can be removed whose lock is held.
const removesLocked = false

// lockName names the file to lock for the lock of a directory: a file in it,
// since a directory can't be locked. Package skills locks the same file.
func lockName(dir string) string { return path.Join(dir, ".skillcask-lock") }

// openLock opens the file to lock.
func (l *layouts) openLock(dir string) (*os.File, error) {
	return l.root.OpenFile(lockName(dir), os.O_RDWR|os.O_CREATE, 0o666)
}

// flock is the [fileLock] of LockFileEx. It locks a byte that no file has.
func flock(f *os.File) (held bool, err error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	at := windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
	err = windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &at)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return false, nil
	case errors.Is(err, windows.ERROR_NOT_SUPPORTED), errors.Is(err, windows.ERROR_INVALID_FUNCTION):
		return false, errNoLocks
	}
	return false, err
}
