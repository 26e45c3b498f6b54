// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"errors"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// RenamesLocked says that a file can be renamed while its lock is held.
const RenamesLocked = false

// OpenLayoutLock opens what is locked to change a layout: a file in it, since a
// directory can't be locked. Package registrytest locks the same file.
func OpenLayoutLock(path string) (*os.File, error) {
	return os.OpenFile(filepath.Join(path, TempPrefix+"lock"), os.O_RDWR|os.O_CREATE, 0o666)
}

// TryLock is the [FileLock] of LockFileEx. It locks a byte that no file has, so
// that the content can be read and written.
func TryLock(file *os.File) (held bool, err error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	at := windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
	err = windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &at)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return false, nil
	case errors.Is(err, windows.ERROR_NOT_SUPPORTED), errors.Is(err, windows.ERROR_INVALID_FUNCTION):
		return false, ErrNoLocks
	}
	return false, err
}
