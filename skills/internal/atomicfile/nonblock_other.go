// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package atomicfile

// Elsewhere no open of a file waits for another process.
const OpenNonblock = 0
