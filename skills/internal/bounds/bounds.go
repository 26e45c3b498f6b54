// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package bounds does arithmetic on limits. They are whatever a caller likes, up to the
// largest number, so that arithmetic on them saturates.
package bounds

import "math"

// Add returns a + b for numbers of 0 or more.
func Add(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// Mul returns a * b for a of 0 or more and b of 1 or more.
func Mul(a, b int64) int64 {
	if a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}

// extraPerFile bounds the directories of a skill, and what is left out of it, to so
// many for each file that the limit allows.
const extraPerFile = 10

// Extra returns how many directories a skill of at most so many files can have, and
// how many entries that are left out.
func Extra(files int) int {
	return int(min(Mul(int64(files), extraPerFile), math.MaxInt))
}
