// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// lockPoll is how often a lock that another holds is asked for.
const lockPoll = time.Millisecond

// forsakenAge is the age from which unfinished files have no owner, where no lock
// shows it.
const forsakenAge = 24 * time.Hour

// fileLock takes the lock of an open file or directory unless another has it.
// Closing the file gives it back. flock is that of this system.
type fileLock func(*os.File) (held bool, err error)

// errNoLocks says that the system or the file system has no such locks.
var errNoLocks = fmt.Errorf("file locks: %w", errors.ErrUnsupported)

// lock keeps others from changing the layout in a directory until unlock is
// called. It waits for one who has the lock as long as ctx lets it. The lock is
// that of flock(2) on the directory itself, which other programs can take too,
// or that of a file in it on Windows. Elsewhere it is one of this process.
func (l *layouts) lock(ctx context.Context, dir string) (unlock func(), err error) {
	release, err := processLocks.lock(ctx, l.lockKey(dir))
	if err != nil {
		return nil, err
	}
	f, err := l.openLock(dir)
	if err == nil {
		if err = l.waitForLock(ctx, f); err == nil {
			return func() { f.Close(); release() }, nil
		}
		f.Close()
	}
	release()
	return nil, err
}

func (l *layouts) waitForLock(ctx context.Context, f *os.File) error {
	for {
		held, err := l.tryLock(f)
		if held || errors.Is(err, errNoLocks) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// lock keeps others, here and in other processes, from changing the repository,
// and learns what they have changed before.
func (r *repository) lock(ctx context.Context) (unlock func(), err error) {
	r.mu.Lock()
	release, err := r.l.lock(ctx, r.dir)
	if err != nil {
		r.mu.Unlock()
		return nil, err
	}
	unlock = func() {
		release()
		r.mu.Unlock()
	}
	if _, err := r.reload(); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// scratch is the directory of a store's unfinished files. The store holds its
// lock until it is closed or the process ends: thereby others know that it lives.
type scratch struct {
	mu  sync.Mutex
	dir string
	f   *os.File
}

// temporary makes a new file that is no content yet.
func (l *layouts) temporary() (*os.File, string, error) {
	l.scratch.mu.Lock()
	defer l.scratch.mu.Unlock()
	for {
		if l.scratch.f == nil {
			if err := l.makeScratch(); err != nil {
				return nil, "", err
			}
		}
		name := path.Join(l.scratch.dir, grammar.NewUUID())
		f, err := l.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if !errors.Is(err, fs.ErrNotExist) {
			return f, name, err
		}
		l.scratch.f.Close() // somebody has removed it
		l.scratch.f = nil
	}
}

// makeScratch makes a directory and locks it. Between the two, another store
// that opens may take it for a dead one's and remove it.
func (l *layouts) makeScratch() error {
	for {
		if err := l.root.Mkdir(uploadsDir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		dir := path.Join(uploadsDir, grammar.NewUUID())
		err := l.root.Mkdir(dir, 0o755)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		f, held, err := l.claim(dir)
		if errors.Is(err, errNoLocks) {
			held, err = true, nil
		}
		if err != nil {
			return err
		}
		if held {
			l.scratch.dir, l.scratch.f = dir, f
			return nil
		}
	}
}

// closeScratch removes the store's unfinished files and gives its lock back.
func (l *layouts) closeScratch() {
	l.scratch.mu.Lock()
	defer l.scratch.mu.Unlock()
	if l.scratch.f == nil {
		return
	}
	l.removeScratch(l.scratch.dir, l.scratch.f)
	l.scratch.f = nil
	_ = l.root.Remove(uploadsDir) // if it is empty
}

// removeScratch removes a directory whose lock is f.
func (l *layouts) removeScratch(dir string, f *os.File) {
	if !removesLocked {
		f.Close()
	}
	_ = l.root.RemoveAll(dir)
	f.Close()
}

// claim locks a directory, unless another has it or it is gone. With errNoLocks
// it returns the file nevertheless.
func (l *layouts) claim(dir string) (f *os.File, held bool, err error) {
	f, err = l.openLock(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	held, err = l.tryLock(f)
	if errors.Is(err, errNoLocks) {
		return f, false, err
	}
	if held {
		var locked, there fs.FileInfo
		if locked, err = f.Stat(); err == nil {
			there, err = l.root.Lstat(lockName(dir))
			held = err == nil && os.SameFile(locked, there)
			if errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
	}
	if !held || err != nil {
		f.Close()
		return nil, false, err
	}
	return f, true, nil
}

// sweep removes unfinished files of stores that live no more. What can't be
// removed does no harm.
func (l *layouts) sweep() {
	entries, err := l.readDir(uploadsDir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !grammar.ValidUUID(e.Name()) {
			continue // no store made it
		}
		name := path.Join(uploadsDir, e.Name())
		if !e.IsDir() {
			_ = l.root.Remove(name)
			continue
		}
		f, held, err := l.claim(name)
		if f == nil {
			continue
		}
		if errors.Is(err, errNoLocks) {
			info, err := e.Info()
			held = err == nil && time.Since(info.ModTime()) > forsakenAge
		}
		if held {
			l.removeScratch(name, f)
			continue
		}
		f.Close()
	}
	_ = l.root.Remove(uploadsDir) // if it is empty
}
