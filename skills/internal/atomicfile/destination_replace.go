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
	"syscall"
	"time"
)

// Prepare ends and removes what killed processes left at the destination and
// beside it, and checks that it can be written.
func (d *destination) Prepare(ctx context.Context) error {
	sweep(filepath.Dir(d.path))
	if err := d.recover(ctx); err != nil {
		return err
	}
	sweep(d.path)
	state, err := d.check(ctx)
	if err == nil && state == stateInUse {
		err = d.holdsNoMount()
	}
	return err
}

// holdsNoMount returns an error if something is mounted below the destination,
// which to remove what is replaced would empty.
func (d *destination) holdsNoMount() error {
	return filepath.WalkDir(d.path, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != d.path && isMountPoint(path) {
			return fmt.Errorf("%w: something is mounted at %s; unmount it or name another directory", ErrDestinationExists, path)
		}
		return nil
	})
}

// Replace lets write fill a new directory and puts it in the destination's
// place, once all of it is synced.
func (d *destination) Replace(ctx context.Context, write func(fresh *FreshDir) error) (err error) {
	made, err := makeDirs(filepath.Dir(d.path))
	defer func() {
		for i := len(made) - 1; err != nil && i >= 0; i-- {
			os.Remove(made[i]) // stays if somebody put something in
		}
	}()
	if err != nil {
		return err
	}
	s, err := d.newStage()
	if err != nil {
		return err
	}
	defer s.close()
	fresh, err := openFresh(s.path(stageNew))
	if err != nil {
		return err
	}
	err = write(fresh)
	if cerr := fresh.close(err == nil); err == nil {
		err = cerr
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	if err := SyncDir(s.dir); err != nil {
		return err
	}
	if err := d.commit(ctx, s); err != nil {
		return err
	}
	for i := len(made) - 1; i >= 0; i-- {
		if err := SyncDir(filepath.Dir(made[i])); err != nil {
			return err
		}
	}
	return nil
}

// newStage makes a stage for the destination: in it, if it is there and empty or
// something is mounted at it, or if nothing can be made beside it; else beside.
func (d *destination) newStage() (*stage, error) {
	state, err := d.state()
	if err != nil {
		return nil, err
	}
	if state == stateEmpty || state == stateInUse && d.mounted(d.path) {
		return newStage(d.path)
	}
	s, err := newStage(filepath.Dir(d.path))
	if state == stateInUse && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		if inside, ierr := newStage(d.path); ierr == nil {
			return inside, nil
		}
	}
	return s, err
}

// commit puts what the stage holds in the destination's place.
func (d *destination) commit(ctx context.Context, s *stage) error {
	for try := 1; ; try++ {
		err := d.tryCommit(ctx, s)
		switch {
		case err == nil:
			return SyncDir(filepath.Dir(d.path))
		case try == maxTries, !errors.Is(err, fs.ErrExist) && !errors.Is(err, errChanged):
			return err
		}
		// Another was faster: either the next try is refused, or all is as before.
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func (d *destination) tryCommit(ctx context.Context, s *stage) error {
	if filepath.Dir(s.dir) == d.path {
		state, err := d.state()
		if err != nil {
			return err
		}
		return d.fill(ctx, s, state == stateInUse)
	}
	state, err := d.check(ctx) // it may have been put to use meanwhile
	switch {
	case err != nil:
		return err
	case state == stateInUse:
		return d.swap(ctx, s)
	}
	return os.Rename(s.path(stageNew), d.path)
}

const (
	// maxTries is how often it is tried to put a directory in place while
	// others do the same.
	maxTries = 100
	// pauseTime is how long to wait for them between two tries.
	pauseTime = 5 * time.Millisecond
)

// pause waits for pauseTime or until ctx ends.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-time.After(pauseTime):
	}
	return ctx.Err()
}

// errChanged says that the destination is not what it was a moment before.
var errChanged = errors.New("the destination changes all the time")

// swap puts what the stage holds in place of a directory that is in use: in one
// step, or else in two. A process that is killed between those leaves "old" to
// recover.
func (d *destination) swap(ctx context.Context, s *stage) error {
	err := d.exchange(s.path(stageNew), d.path)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = d.swapInTwo(s)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, serr := os.Lstat(s.path(stageNew)); serr != nil {
			return serr
		}
		return errChanged
	case errors.Is(err, syscall.EXDEV), errors.Is(err, syscall.EBUSY):
		// It can't be renamed: something is mounted at it or, with overlayfs, it
		// comes from another layer. Its entries may be.
		if rerr := s.rename(filepath.Join(d.path, filepath.Base(s.dir))); rerr != nil {
			return fmt.Errorf("%w; %s can't be replaced: name a directory inside it", err, d.path)
		}
		return d.fill(ctx, s, true)
	}
	return err
}

func (d *destination) swapInTwo(s *stage) error {
	if err := os.Mkdir(s.path(stageOld), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// The name under which it waits says where it belongs.
	old := filepath.Join(s.path(stageOld), filepath.Base(d.path))
	if err := os.Rename(d.path, old); err != nil {
		return err
	}
	err := os.Rename(s.path(stageNew), d.path)
	if err == nil {
		return nil
	}
	berr := os.Rename(old, d.path)
	if errors.Is(berr, fs.ErrExist) {
		// Another has put its own there: it replaced the old one.
		removeAll(old)
		return err
	}
	if berr != nil {
		s.keep = true
		return fmt.Errorf("%w; what stood at %s is at %s until the next unpack beside it: %w", err, d.path, old, berr)
	}
	return err
}
