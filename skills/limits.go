// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"math"

	"github.com/skillcask/skillcask/reproducible"
)

// Limits bound the files of a skill wherever one is read or written. The zero
// value of each field is its default, the limit of ToolHive.
type Limits struct {
	// MaxFiles is how many files a skill may have. Default: 1,000.
	MaxFiles int
	// MaxBytes is how many bytes they may have in all. Default: 95 MiB.
	MaxBytes int64
}

// archive returns the limits as package reproducible has them.
func (l Limits) archive() reproducible.Limits {
	return reproducible.Limits{Files: l.MaxFiles, Bytes: l.MaxBytes}
}

// Limits are whatever a caller likes, up to the largest number. Arithmetic on
// them saturates.

// plus returns a + b for numbers of 0 or more.
func plus(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// times returns a * b for a of 0 or more and b of 1 or more.
func times(a, b int64) int64 {
	if a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}

// maxLayerBytes is how long a layer within limits can be: stored, not
// compressed.
func maxLayerBytes(limits reproducible.Limits) int64 {
	content := plus(limits.Bytes, limits.Bytes/1000)
	return plus(content, plus(times(int64(limits.Files), 8<<10), 1<<20))
}

// perFile bounds the directories of a skill, and what is left out of it, to so
// many for each file that the limit allows.
const perFile = 10

// maxOthers is how many directories a skill within limits can have, and how
// much that is left out.
func maxOthers(limits reproducible.Limits) int {
	return int(min(times(int64(limits.Files), perFile), math.MaxInt))
}
