// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// exchangeDirs lets two directories of one file system swap names in one step.
func exchangeDirs(a, b string) error {
	return unix.RenamexNp(a, b, unix.RENAME_SWAP)
}

// isMountPoint reports whether something is mounted at dir.
func isMountPoint(dir string) bool { return otherDevice(dir, filepath.Dir(dir)) }
