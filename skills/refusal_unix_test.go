// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package skills_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

func TestSpecialFilesRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]func(t *testing.T, path string){
		"a fifo":   func(t *testing.T, path string) { require.NoError(t, syscall.Mkfifo(path, 0o644)) },
		"a socket": listen,
		"a device": func(t *testing.T, path string) {
			if os.Getuid() != 0 {
				t.Skip("only root makes devices")
			}
			if err := syscall.Mknod(path, syscall.S_IFCHR|0o644, 1<<8|3); err != nil { // /dev/null
				t.Skip("no devices here:", err)
			}
		},
	}
	for kind, put := range cases {
		for _, name := range []string{"x", "SKILL.md"} {
			t.Run(kind+" as "+name, func(t *testing.T) {
				t.Parallel()
				dir := tree(t, smallSkill())
				path := filepath.Join(dir, name)
				require.NoError(t, os.RemoveAll(path))
				put(t, path)
				requireRefused(t, dir, skills.PackageOptions{}, skills.ErrInvalidSkillFile, name, kind)
			})
		}
	}
}

func listen(t *testing.T, path string) {
	// A socket's path is short: bind in a short directory and move.
	short, err := os.MkdirTemp("", "")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(short) })
	l, err := net.Listen("unix", filepath.Join(short, "s"))
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	require.NoError(t, os.Rename(filepath.Join(short, "s"), path))
}

// TestUnreadableFile needs a user that permissions hold back.
func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	dir := tree(t, smallSkill())
	require.NoError(t, os.Chmod(filepath.Join(dir, "references/one.md"), 0))
	requireRefused(t, dir, skills.PackageOptions{}, skills.ErrInvalidSkillFile, "references/one.md", "permission")
}

// TestSwappedLinkNeverLeadsOut swaps a directory for a link that leads out, and
// a file for a fifo, while it is packed. Whatever packing answers, what lies
// outside must not be in the layer, and nothing may hang. The file outside has
// the size and the time of the one inside, so that only its content tells.
func TestSwappedLinkNeverLeadsOut(t *testing.T) {
	t.Parallel()
	neverLeadsOut(t, 200)
}

// TestSwappedLinkNeverLeadsOutBounded swaps more often: who wins does not depend
// on the race detector.
func TestSwappedLinkNeverLeadsOutBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	rounds := 1000
	if testing.Short() {
		rounds = 100
	}
	neverLeadsOut(t, rounds)
}

// neverLeadsOut packs so many times, and until the race was lost once.
func neverLeadsOut(t *testing.T, rounds int) {
	t.Helper()
	outside := t.TempDir()
	dir := tree(t, smallSkill())
	references := filepath.Join(dir, "references")
	secret := strings.Repeat("x", len(smallSkill()["references/one.md"]))
	require.NoError(t, os.WriteFile(filepath.Join(outside, "one.md"), []byte(secret), 0o644))
	for _, place := range []string{outside, references} {
		require.NoError(t, os.Chtimes(filepath.Join(place, "one.md"), unix(1), unix(1)))
	}
	// A directory or a file that is away for a moment may be missing.
	legal := map[digest.Digest]bool{}
	for _, away := range [][]string{nil, {"references/one.md"}, {"scripts/run.sh"}, {"references/one.md", "scripts/run.sh"}} {
		files := smallSkill()
		for _, name := range away {
			delete(files, name)
		}
		_, result := packDir(t, tree(t, files), skills.PackageOptions{})
		legal[result.IndexDigest] = true
	}
	parked := filepath.Join(t.TempDir(), "parked")
	linked := filepath.Join(t.TempDir(), "linked")
	require.NoError(t, os.Symlink(outside, linked))
	script := filepath.Join(dir, "scripts", "run.sh")
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o644))
	parkedScript := filepath.Join(t.TempDir(), "script")

	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			require.NoError(t, os.Rename(references, parked))
			require.NoError(t, os.Rename(linked, references))
			require.NoError(t, os.Rename(references, linked))
			require.NoError(t, os.Rename(parked, references))
			require.NoError(t, os.Rename(script, parkedScript))
			require.NoError(t, os.Rename(fifo, script))
			require.NoError(t, os.Rename(script, fifo))
			require.NoError(t, os.Rename(parkedScript, script))
		}
	})
	end := sync.OnceFunc(func() {
		close(stop)
		wg.Wait()
	})
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	packed, refused := 0, 0
	for packed+refused < rounds || refused == 0 {
		result, err := skills.NewPackager(memory.New()).Package(ctx, dir, skills.PackageOptions{})
		if err != nil {
			require.NoError(t, ctx.Err(), "the race was never lost, or something hangs")
			require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
			refused++
			continue
		}
		packed++
		require.Contains(t, legal, result.IndexDigest)
	}
	end()
	t.Logf("%d packed, %d refused", packed, refused)
}
