// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"io/fs"
	"strconv"
	"syscall"
)

// ownedByUser is true: whose a file is does not matter where no directory is
// everybody's.
func ownedByUser(fs.FileInfo) bool { return true }

// fileNumber returns when a file was made, in units of 100 ns, which stays when
// it is renamed.
func fileNumber(info fs.FileInfo) string {
	data, ok := info.Sys().(*syscall.Win32FileAttributeData)
	if !ok {
		return ""
	}
	return strconv.FormatInt(data.CreationTime.Nanoseconds()/100, 10)
}
