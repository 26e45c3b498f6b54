// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix && !windows

package atomicfile

import "io/fs"

// ownedByUser is true: where there are no locks nothing is swept anyway.
func ownedByUser(fs.FileInfo) bool { return true }

// fileNumber is not known here.
func fileNumber(fs.FileInfo) string { return "" }
