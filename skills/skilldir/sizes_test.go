// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"io/fs"
	"math"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// TestTheLargestLimits are no error.
func TestTheLargestLimits(t *testing.T) {
	t.Parallel()
	// By no directory is 10 times the largest number exceeded.
	files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, "a/b": {}, ".c": {}}
	report, err := ValidateFS(context.Background(), files, ValidateOptions{MaxFiles: math.MaxInt, MaxBytes: math.MaxInt64})
	require.NoError(t, err)
	require.Empty(t, report.Diagnostics)
	require.Len(t, report.Excluded, 1)
}

// sizedInfo says that a file has any size.
type sizedInfo struct {
	fs.FileInfo
	size int64
}

func (s sizedInfo) Size() int64 { return s.size }

func TestSizesAddUpToTheLargestNumber(t *testing.T) {
	t.Parallel()
	for _, sizes := range [][]int64{{math.MaxInt64, 1}, {1, math.MaxInt64}, {-1, math.MaxInt64, math.MaxInt64}} {
		s := &scanner{scanned: &scanned{source: source.FS(fstest.MapFS{})}, limits: reproducible.Limits{Files: 10, Bytes: math.MaxInt64 - 1}}
		for _, size := range sizes {
			s.files = append(s.files, scannedFile{"a", sizedInfo{size: size}})
		}
		s.checkSize()
		require.ErrorIs(t, s.found.err(), ErrSkillTooLarge)
	}
}
