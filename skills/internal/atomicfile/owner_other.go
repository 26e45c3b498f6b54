// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package atomicfile

import "io/fs"

// ownedByUser is true: whose a file is does not matter where no directory is
// everybody's. Where there are no locks nothing is swept anyway.
func ownedByUser(fs.FileInfo) bool { return true }
