// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package layout

import "os"

// removesLocked says that a directory can be removed whose lock is held.
const removesLocked = true

// lockName names the file that would be locked.
func lockName(dir string) string { return dir }

// openLock opens the file that would be locked.
func (l *layouts) openLock(dir string) (*os.File, error) { return l.open(dir) }

// flock is the [fileLock] of systems whose files have none.
func flock(*os.File) (held bool, err error) { return false, errNoLocks }
