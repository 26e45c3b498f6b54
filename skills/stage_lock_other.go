// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package skills

import (
	"io/fs"
	"os"
)

// tryLock fails where the standard library has no locks: nothing is swept there.
func tryLock(*os.File) error { return errNoLocks }

func ownedByUser(fs.FileInfo) bool { return false }
