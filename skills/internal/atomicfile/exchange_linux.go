// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// exchangeDirs lets two directories of one file system swap names in one step.
func exchangeDirs(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}

// isMountPoint reports whether something is mounted at dir.
func isMountPoint(dir string) bool {
	var stat unix.Statx_t
	const nofollow = unix.AT_SYMLINK_NOFOLLOW
	if unix.Statx(unix.AT_FDCWD, dir, nofollow, 0, &stat) == nil && stat.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return stat.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
	}
	return otherDevice(dir, filepath.Dir(dir)) // before Linux 5.8
}
