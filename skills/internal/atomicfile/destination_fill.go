// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// fill moves the entries of a stage that lies in the destination into it, and
// those that are there out of it if replaces. For that the stage takes the name
// movingName, which only one can have: from then on what it holds is put in
// place, by the next process if this one is killed.
func (d *destination) fill(ctx context.Context, s *stage, replaces bool) error {
	// Before it has that name, it must say what is to be done.
	var err error
	if replaces {
		err = os.Mkdir(s.path(stageOld), 0o700)
	} else {
		err = os.Remove(s.path(stageOld))
	}
	if err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.recover(ctx); err != nil {
		return err
	}
	err = s.rename(filepath.Join(d.path, movingName))
	if errors.Is(err, errStageBusy) {
		return d.recover(ctx) // another does it
	}
	if err != nil {
		return err
	}
	now, err := d.checkNow()
	if err == nil && (now == stateInUse) != replaces {
		err = errChanged
	}
	if err == nil {
		err = d.move(s, true)
	}
	if !s.keep {
		_ = s.rename(filepath.Join(d.path, stagePrefix+rand.Text()))
	}
	return err
}

// recover completes a replacement that a killed process began: moving entries into the
// destination. It waits for one that lives.
func (d *destination) recover(ctx context.Context) error {
	s := stage{dir: filepath.Join(d.path, movingName)}
	for {
		info, err := os.Lstat(s.dir)
		if err != nil {
			return nil
		}
		if !info.IsDir() || !ownedByUser(info) {
			return d.stuck(errors.New("it is not this user's"))
		}
		s.lock, err = lockStage(s.dir, 0)
		switch {
		case err == nil:
			return d.finish(&s)
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, errStageBusy):
		default:
			return d.stuck(err)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func (d *destination) finish(s *stage) error {
	if err := d.move(s, false); err != nil {
		s.unlock() // for the next that tries
		return d.stuck(err)
	}
	_ = s.rename(filepath.Join(d.path, stagePrefix+rand.Text()))
	s.close()
	return nil
}

// stuck says that the directory is half written, and nothing can be done.
func (d *destination) stuck(err error) error {
	return fmt.Errorf("%w: %s holds %s, from which another process moves files or moved them until it was killed: %w; if none does, empty the directory",
		ErrDestinationExists, d.path, movingName, err)
}

// move moves what is there to "old", renames that to "gone", and moves what is
// in "new" to the destination. Each step can be the first: what was done before
// is not done again. If undo, what fails is undone.
func (d *destination) move(s *stage, undo bool) error {
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return err
	}
	defer root.Close()
	in := func(name string) string { return filepath.Join(filepath.Base(s.dir), name) }
	// back moves entries to where they were, after err.
	back := func(err error, names []string, from, to string) error {
		if !undo {
			return err
		}
		if _, berr := moveAll(root, names, from, to, false); berr != nil {
			s.keep = true // recover tries again
			err = errors.Join(err, berr)
		}
		return err
	}
	if _, oerr := root.Lstat(in(stageOld)); oerr == nil {
		names, err := entriesOf(root, ".")
		if err != nil {
			return err
		}
		moved, err := moveAll(root, names, ".", in(stageOld), true)
		if err == nil {
			err = root.Rename(in(stageOld), in(stageGone))
		}
		if err != nil {
			return back(err, moved, in(stageOld), ".")
		}
	}
	names, err := entriesOf(root, in(stageNew))
	if err != nil {
		return err
	}
	moved, err := moveAll(root, names, in(stageNew), ".", false)
	if err != nil {
		err = back(err, moved, ".", in(stageNew))
		if gone, gerr := entriesOf(root, in(stageGone)); gerr == nil {
			err = back(err, gone, in(stageGone), ".")
		}
		return err
	}
	return SyncDir(d.path)
}

// entriesOf returns the names of the entries of a directory but for stages. One
// that is not there has none.
func entriesOf(root *os.Root, name string) ([]string, error) {
	dir, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	return slices.DeleteFunc(names, isStage), err
}

// moveAll moves entries of one directory to another and returns those that it
// moved. It replaces nothing. One that can't be moved since it comes from another
// layer of an overlayfs is removed if drop.
func moveAll(root *os.Root, names []string, from, to string, drop bool) (moved []string, err error) {
	for _, name := range names {
		target := filepath.Join(to, name)
		if _, err := root.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
			return moved, fmt.Errorf("%w: %s is in the way", fs.ErrExist, filepath.Join(root.Name(), target))
		}
		err := root.Rename(filepath.Join(from, name), target)
		if drop && errors.Is(err, syscall.EXDEV) {
			if err = root.RemoveAll(filepath.Join(from, name)); err == nil {
				continue
			}
		}
		if err != nil {
			return moved, err
		}
		moved = append(moved, name)
	}
	return moved, nil
}
