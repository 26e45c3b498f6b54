// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"io/fs"
	"math"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/bounds"
	"github.com/skillcask/skillcask/skills/internal/source"
)

func TestLimitsStopAtTheLargestNumber(t *testing.T) {
	t.Parallel()
	largest := reproducible.Limits{Files: math.MaxInt, Bytes: math.MaxInt64}
	for _, limits := range []reproducible.Limits{largest, {Files: 1, Bytes: math.MaxInt64}, {Files: math.MaxInt, Bytes: 1}, {Files: 1, Bytes: math.MaxInt64 - 2<<20}} {
		require.Positive(t, maxLayerBytes(limits))
		require.GreaterOrEqual(t, maxLayerBytes(limits), limits.Bytes)
		require.GreaterOrEqual(t, bounds.Extra(limits.Files), limits.Files)
	}
	require.Equal(t, int64(math.MaxInt64), maxLayerBytes(largest))
	require.Equal(t, math.MaxInt, bounds.Extra(largest.Files))
	require.Equal(t, int64(1000+1+2*8192+1<<20), maxLayerBytes(reproducible.Limits{Files: 2, Bytes: 1000}))
	require.Equal(t, 20, bounds.Extra(reproducible.Limits{Files: 2}.Files))

	// By no directory is 10 times the largest number exceeded.
	files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, "a/b": {}, ".c": {}}
	report, err := ValidateFS(context.Background(), files, ValidateOptions{MaxFiles: math.MaxInt, MaxBytes: math.MaxInt64})
	require.NoError(t, err)
	require.Empty(t, report.Diagnostics)
	require.Len(t, report.Dropped, 1)
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
