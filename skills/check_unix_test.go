// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package skills_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
)

// TestCheckOpensNoSpecialFile must not wait for a writer.
func TestCheckOpensNoSpecialFile(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	src, reference, dir := installed(t, smallSkill())
	for _, name := range []string{"fifo", "references/one.md"} {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, name)))
		require.NoError(t, syscall.Mkfifo(filepath.Join(dir, name), 0o644))
	}
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "scripts")))
	listen(t, filepath.Join(dir, "scripts"))
	got, err := skills.Check(ctx, src, reference, dir, skills.CheckOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"extra fifo", "type references/one.md", "type scripts", "missing scripts/run.sh"}, kinds(got))
	require.Equal(t, "it is a fifo; the artifact has a file", got.Differences[1].Detail)
	require.Equal(t, "it is a socket; the artifact has a directory", got.Differences[2].Detail)
}

// TestCheckOfWhatCannotBeRead does not call it the same, nor a difference.
func TestCheckOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	src, reference, dir := installed(t, smallSkill())
	require.NoError(t, os.Chmod(filepath.Join(dir, "references/one.md"), 0))
	_, err := skills.Check(context.Background(), src, reference, dir, skills.CheckOptions{})
	require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
	require.ErrorContains(t, err, "references/one.md: it can't be read: permission denied")
}
