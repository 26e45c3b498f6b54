// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package atomicfile

import (
	"os"
	"syscall"
)

// otherDevice reports whether two files are known to lie on different file
// systems.
func otherDevice(a, b string) bool {
	device := func(name string) (dev uint64, ok bool) {
		info, err := os.Lstat(name)
		if err != nil {
			return 0, false
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return 0, false
		}
		return uint64(stat.Dev), true
	}
	first, ok := device(a)
	second, too := device(b)
	return ok && too && first != second
}
