// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills/internal/atomicfile"
)

// TestWhatIsDeletedMeanwhileIsNotListed: another process deletes the content after
// it was looked at and before the layout is locked.
func TestWhatIsDeletedMeanwhileIsNotListed(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir())
	require.NoError(t, err)
	desc := pushText(t, s, "x")
	path, err := s.blobPath(desc)
	require.NoError(t, err)
	s.tryLock = func(file *os.File) (bool, error) {
		_ = os.Remove(path)
		return atomicfile.TryLock(file)
	}
	require.ErrorIs(t, s.Tag(t.Context(), desc, "1.0"), errdef.ErrNotFound)
	index, err := s.readIndex()
	require.NoError(t, err)
	require.Empty(t, index.entries)
}
