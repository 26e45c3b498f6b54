// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"syscall"
)

// FreshDir is a new directory whose files are synced while others are written.
type FreshDir struct {
	path string
	root *os.Root
	dirs map[string]bool // with slashes
	pool syncPool

	// How files and directories are synced; tests watch it.
	syncFile func(*os.File) error
	syncDir  func(path string) error
}

func openFresh(dir string) (*FreshDir, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &FreshDir{path: dir, root: root, dirs: map[string]bool{".": true}, syncFile: syncFile, syncDir: SyncDir}, nil
}

// Write writes a file, named with slashes, that must not exist, and its directories.
func (f *FreshDir) Write(name string, mode fs.FileMode, content io.Reader) error {
	if isStage(name) {
		// The next unpack would take it for its own, and remove it.
		return ErrReservedName
	}
	if dir := path.Dir(name); !f.dirs[dir] {
		if err := f.root.MkdirAll(filepath.FromSlash(dir), 0o755); err != nil {
			return err
		}
		for ; !f.dirs[dir]; dir = path.Dir(dir) {
			f.dirs[dir] = true
		}
	}
	file, err := f.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, content); err != nil {
		file.Close()
		return err
	}
	f.pool.do(func() error {
		err := f.syncFile(file)
		if cerr := file.Close(); err == nil {
			err = cerr
		}
		return err
	})
	return nil
}

// close waits until all files are synced. If nothing else failed, it syncs the
// directories too.
func (f *FreshDir) close(whole bool) error {
	err := f.pool.wait()
	if err == nil && whole {
		for dir := range f.dirs {
			f.pool.do(func() error { return f.syncDir(filepath.Join(f.path, filepath.FromSlash(dir))) })
		}
		err = f.pool.wait()
	}
	if cerr := f.root.Close(); err == nil {
		err = cerr
	}
	return err
}

// syncers is how many files are synced at once. A file system writes down in
// one go what many wait for, so that a thousand files take a third of the time
// that they take one by one.
const syncers = 32

// syncPool syncs files and directories in the background. The zero value is
// ready for use by one goroutine.
type syncPool struct {
	slots chan struct{}
	group sync.WaitGroup
	once  sync.Once
	err   error // of the first that failed
}

// do runs a job as soon as few enough others run.
func (p *syncPool) do(job func() error) {
	if p.slots == nil {
		p.slots = make(chan struct{}, syncers)
	}
	p.slots <- struct{}{}
	p.group.Go(func() {
		defer func() { <-p.slots }()
		if err := job(); err != nil {
			p.once.Do(func() { p.err = err })
		}
	})
}

// wait waits until all jobs are done and returns the first error.
func (p *syncPool) wait() error {
	p.group.Wait()
	return p.err
}

// syncFile makes a file's content last. Some file systems can't.
func syncFile(file *os.File) error {
	err := file.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return err
}
