// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package skills

// syncDir does nothing where directories can't be synced.
func syncDir(string) error { return nil }
