// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package deflate

// owned does nothing without the race detector.
func owned([]byte) {}
