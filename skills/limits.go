// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/bounds"
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

// maxLayerBytes is how long a layer within limits can be: stored, not
// compressed.
func maxLayerBytes(limits reproducible.Limits) int64 {
	content := bounds.Add(limits.Bytes, limits.Bytes/1000)
	return bounds.Add(content, bounds.Add(bounds.Mul(int64(limits.Files), 8<<10), 1<<20))
}
