// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"fmt"

	"github.com/skillcask/skillcask/skills/internal/atomicfile"
)

// locked calls change with the content of index.json while nobody else changes it.
func (s *Store) locked(ctx context.Context, change func(*indexFile) error) error {
	unlock, err := atomicfile.LockBoth(ctx, s.path, atomicfile.OpenLayoutLock, s.tryLock)
	if err != nil {
		return fmt.Errorf("lock OCI layout %s: %w", s.path, err)
	}
	defer unlock()
	index, err := s.readIndex()
	if err != nil {
		return err
	}
	return change(index)
}
