// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNextRunMendsWhatAKilledOneLeft begins with what a process leaves that is
// killed at any of its steps. The next run, beside the destination or to it,
// leaves there the old or the new version, and nothing else.
func TestNextRunMendsWhatAKilledOneLeft(t *testing.T) {
	t.Parallel()
	if errors.Is(tryLockIn(t), ErrNoLocks) {
		t.Skip("no locks here")
	}
	const dead = stagePrefix + "DEAD"
	beside := func(part string, files map[string]string) map[string]string { return under(dead+"/"+part, files) }
	moving := func(part string, files map[string]string) map[string]string {
		return under("out/"+movingName+"/"+part, files)
	}
	before, after := version("old"), version("new")
	for _, c := range []struct {
		name string
		has  map[string]string
		want map[string]string // at the destination
		to   bool              // the next run is to the destination, and not beside
	}{
		{name: "before the lock", has: map[string]string{dead + "/": ""}},
		{name: "while it wrote, beside what is replaced", has: union(under("out", before), beside("new", pick(after, "a"))), want: before},
		{name: "while it wrote, with nothing there", has: beside("new", pick(after, "a"))},
		{name: "after the directories were exchanged", has: union(under("out", after), beside("new", before)), want: after},
		{name: "between two renames", has: union(beside("old/out", before), beside("new", after)), want: after},
		{name: "between two renames, and the new is gone", has: beside("old/out", before), want: before},
		{name: "after two renames", has: union(under("out", after), beside("old/out", before)), want: after},

		{name: "while it wrote, in an empty directory", to: true, has: under("out", beside("new", pick(after, "a")))},
		{name: "while it wrote, in what is replaced", to: true, has: under("out", union(before, beside("new", pick(after, "a")))), want: before},
		{name: "before it moved in", to: true, has: moving("new", after), want: after},
		{name: "while it moved in", to: true, has: union(under("out", pick(after, "a", "d")), moving("new", pick(after, "c", "S", ".e"))), want: after},
		{name: "after it moved in", to: true, has: union(under("out", after), map[string]string{"out/" + movingName + "/new/": ""}), want: after},
		{name: "before it moved out", to: true, has: union(under("out", before), moving("new", after), map[string]string{"out/" + movingName + "/old/": ""}), want: after},
		{name: "while it moved out", to: true, has: union(under("out", pick(before, "a")), moving("new", after), moving("old", pick(before, "c", "d", "S", ".e"))), want: after},
		{name: "after it moved out", to: true, has: union(moving("new", after), moving("gone", before)), want: after},
		{name: "while it moved in what replaces", to: true, has: union(under("out", pick(after, "a")), moving("new", pick(after, "c", "d", "S", ".e")), moving("gone", before)), want: after},
		{name: "while it removed", to: true, has: union(under("out", after), under("out", beside("gone", pick(before, "a")))), want: after},
		{name: "while it removed what it could not rename", to: true, has: union(under("out", after), moving("gone", pick(before, "a"))), want: after},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			put(t, parent, c.has)
			lockStages(t, parent)
			next, dest := "next", filepath.Join(parent, "next")
			if c.to {
				next, dest = "out", filepath.Join(parent, "out")
			}
			third := version("third")
			err := unpackFiles(t.Context(), dest, false, third)
			want := union(under("out", c.want), under(next, third))
			if c.to && c.want != nil {
				require.ErrorIs(t, err, ErrHoldsSkill)
				want = under("out", c.want)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, want, contents(t, parent))
			if c.to {
				require.NoError(t, unpackFiles(t.Context(), dest, true, third))
				require.Equal(t, under("out", third), contents(t, parent))
			}
		})
	}
}

// tryLockIn says whether a file can be locked here.
func tryLockIn(t *testing.T) error {
	file, err := os.Create(filepath.Join(t.TempDir(), "x"))
	require.NoError(t, err)
	defer file.Close()
	_, err = TryLock(file)
	return err
}

// TestStageThatIsNotDeadStays runs beside a stage that a process owns, and
// beside what only has such a name.
func TestStageThatIsNotDeadStays(t *testing.T) {
	t.Parallel()
	if errors.Is(tryLockIn(t), ErrNoLocks) {
		t.Skip("no locks here")
	}
	parent := t.TempDir()
	outside := t.TempDir()
	put(t, outside, map[string]string{"mine": "mine"})
	put(t, parent, map[string]string{stagePrefix + "LIVE/new/x": "x", stagePrefix + "FILE": "mine"})
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Symlink(outside, filepath.Join(parent, stagePrefix+"LINK")))
	}
	lock, err := lockStage(filepath.Join(parent, stagePrefix+"LIVE"), os.O_CREATE)
	require.NoError(t, err)
	defer lock.Close()
	// A stage of this process is told by its name alone.
	own, err := newStage(parent)
	require.NoError(t, err)
	defer own.close()
	own.unlock()
	before := contents(t, parent)

	require.NoError(t, unpackFiles(t.Context(), filepath.Join(parent, "out"), false, version("new")))
	require.Equal(t, union(before, under("out", version("new"))), contents(t, parent))
	require.Equal(t, map[string]string{"mine": "mine"}, contents(t, outside))

	// In an empty destination it does not count as content.
	dest := filepath.Join(parent, "empty")
	put(t, dest, map[string]string{stagePrefix + "LIVE/new/x": "x"})
	other, err := lockStage(filepath.Join(dest, stagePrefix+"LIVE"), os.O_CREATE)
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, unpackFiles(t.Context(), dest, false, version("new")))
	require.Contains(t, contents(t, dest), stagePrefix+"LIVE/new/x")
	require.Contains(t, contents(t, dest), marker)
}

// TestDirectoryThatOnlyLooksLikeAStage unpacks where an archive or a repository
// has put what looks like the rest of a process that was killed. It moves nothing
// and removes nothing, and makes nothing where its links lead.
func TestDirectoryThatOnlyLooksLikeAStage(t *testing.T) {
	t.Parallel()
	t.Run("beside", func(t *testing.T) {
		t.Parallel()
		outside, parent := t.TempDir(), t.TempDir()
		put(t, outside, map[string]string{"a/1": "1", "b/2": "2"})
		const stage = stagePrefix + "CAME"
		put(t, parent, map[string]string{stage + "/new/x": "x", stage + "/lock": "", stage + "/lock-": ""})
		if runtime.GOOS != "windows" {
			require.NoError(t, os.Symlink(outside, filepath.Join(parent, stage, stageOld)))
			require.NoError(t, os.Symlink(filepath.Join(outside, "made"), filepath.Join(parent, stage, "lock-1")))
		}
		before := contents(t, parent)
		require.NoError(t, unpackFiles(t.Context(), filepath.Join(parent, "out"), false, version("new")))
		require.Equal(t, union(before, under("out", version("new"))), contents(t, parent))
		require.Equal(t, map[string]string{"a/1": "1", "b/2": "2"}, contents(t, outside))
	})
	t.Run("in the destination", func(t *testing.T) {
		t.Parallel()
		for _, force := range []bool{false, true} {
			dest := t.TempDir()
			put(t, dest, map[string]string{"work/1": "mine", marker: "mine", movingName + "/old/x": "x", movingName + "/new/x": "x", movingName + "/lock": ""})
			before := contents(t, dest)
			err := unpackFiles(t.Context(), dest, force, version("new"))
			require.ErrorIs(t, err, ErrDestinationExists)
			require.Equal(t, before, contents(t, dest))
		}
	})
}

// TestUnpackWaitsForOneThatMoves comes while a living process moves files in.
func TestUnpackWaitsForOneThatMoves(t *testing.T) {
	t.Parallel()
	if errors.Is(tryLockIn(t), ErrNoLocks) {
		t.Skip("no locks here")
	}
	dest := t.TempDir()
	put(t, dest, under(movingName+"/new", version("new")))
	lock, err := lockStage(filepath.Join(dest, movingName), os.O_CREATE)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, unpackFiles(ctx, dest, false, version("other")), context.Canceled)
	ended := make(chan error, 1)
	go func() { ended <- unpackFiles(t.Context(), dest, false, version("other")) }()
	require.NoError(t, lock.Close()) // as if it was killed
	require.ErrorIs(t, <-ended, ErrHoldsSkill)
	require.Equal(t, version("new"), contents(t, dest))
}

// TestMoveThatFailsIsUndone finds in the way what nobody expects there, after
// some of the entries were moved.
func TestMoveThatFailsIsUndone(t *testing.T) {
	t.Parallel()
	before, after := version("old"), version("new")
	for name, c := range map[string]struct{ has, want map[string]string }{
		"out": {union(before, under(movingName+"/new", after), under(movingName+"/old", map[string]string{"d": "?"})), before},
		"in":  {union(map[string]string{"d": "?"}, under(movingName+"/new", after), under(movingName+"/gone", pick(before, "a", "S"))), union(map[string]string{"d": "?"}, pick(before, "a", "S"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dest := t.TempDir()
			put(t, dest, c.has)
			d, err := NewDestination(dest, marker, true)
			require.NoError(t, err)
			s := &stage{dir: filepath.Join(d.path, movingName)}
			require.ErrorIs(t, d.move(s, true), fs.ErrExist)
			require.False(t, s.keep)
			s.close()
			require.Equal(t, c.want, contents(t, dest))
		})
	}
}

// TestUnpackAtTheSameTime unpacks many times to one destination, on systems of
// each kind. Of those that must not replace one succeeds; of the others the last
// wins. What is there is of one version.
func TestUnpackAtTheSameTime(t *testing.T) {
	t.Parallel()
	for _, system := range systems {
		for _, force := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, force %t", system.name, force), func(t *testing.T) {
				t.Parallel()
				parent := t.TempDir()
				dest := filepath.Join(parent, "out")
				switch {
				case force:
					put(t, dest, version("old"))
				case system.empty:
					put(t, dest, map[string]string{"./": ""})
				}
				const many = 8
				var group sync.WaitGroup
				var errs [many]error
				for i := range many {
					group.Go(func() { errs[i] = system.unpack(t.Context(), dest, force, version(fmt.Sprint(i))) })
				}
				group.Wait()
				succeeded := 0
				for _, err := range errs {
					if err == nil {
						succeeded++
					} else {
						require.False(t, force, "%v", err)
						require.ErrorIs(t, err, ErrDestinationExists)
					}
				}
				if !force {
					require.Equal(t, 1, succeeded)
				}
				got := contents(t, dest)
				require.Equal(t, version(got[marker]), got)
				require.Len(t, contents(t, parent), len(got), "nothing lies beside")
			})
		}
	}
}

// system is a way in which a directory is put in place.
type system struct {
	name  string
	empty bool // the destination is there and empty, if it is not replaced
	alter func(d *destination)
}

// systems are those that this one can play.
var systems = []system{
	{name: "exchange", alter: func(*destination) {}},
	{name: "two renames", alter: func(d *destination) {
		d.exchange = func(_, _ string) error { return errors.ErrUnsupported }
	}},
	{name: "mounted", empty: true, alter: func(d *destination) { d.mounted = func(string) bool { return true } }},
}

func (s system) unpack(ctx context.Context, dest string, force bool, files map[string]string) error {
	d, err := NewDestination(dest, marker, force)
	if err != nil {
		return err
	}
	s.alter(d)
	if err := d.Prepare(ctx); err != nil {
		return err
	}
	return d.Replace(ctx, writeFiles(files))
}
