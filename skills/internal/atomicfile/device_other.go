// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package atomicfile

// otherDevice is not known here.
func otherDevice(_, _ string) bool { return false }
