// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package atomicfile

import "os"

// RenamesLocked says that a file can be renamed while its lock is held.
const RenamesLocked = true

// OpenLayoutLock opens the directory of a layout, which must be there.
func OpenLayoutLock(path string) (*os.File, error) { return os.Open(path) }

// TryLock is the [FileLock] of systems whose files have none.
func TryLock(*os.File) (held bool, err error) { return false, ErrNoLocks }
