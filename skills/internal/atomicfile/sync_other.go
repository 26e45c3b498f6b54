// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package atomicfile

// SyncDir does nothing where directories can't be synced.
func SyncDir(string) error { return nil }
