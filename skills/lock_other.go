// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package skills

import "os"

// renamesLocked says that a file can be renamed while its lock is held.
const renamesLocked = true

// openLayoutLock opens the directory of a layout, which must be there.
func openLayoutLock(path string) (*os.File, error) { return os.Open(path) }

// tryLock is the [fileLock] of systems whose files have none.
func tryLock(*os.File) (held bool, err error) { return false, errNoLocks }
