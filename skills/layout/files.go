// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/skills/internal/atomicfile"
)

// tempDir is where a layout has the files that are about to be renamed. It is
// there only as long as one of them is. Each is locked by who writes it, so that
// one whose lock can be taken has lost its writer.
const tempDir = atomicfile.TempPrefix + "tmp"

// Ages of temporary files. They matter only where the lock does not tell.
const (
	// forsakenAge is when a file is without a writer where there are no locks.
	forsakenAge = 24 * time.Hour
	// settledAge is longer than a file is without its lock and not yet renamed,
	// where a file that is renamed must be closed.
	settledAge = time.Minute
)

// replaceFile writes a file of the layout whole or not at all. Until it is whole
// and synced, what stood there stays. Afterwards its name is synced too.
func (s *Store) replaceFile(ctx context.Context, name string, content io.Reader) (err error) {
	file, err := s.createTemp(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
		file.Close() // gives the lock back
		os.Remove(filepath.Dir(file.Name()))
	}()
	_, err = io.Copy(file, content)
	if err == nil {
		err = file.Sync()
	}
	if err == nil && !atomicfile.RenamesLocked {
		err = file.Close()
	}
	if err != nil {
		return err
	}
	if info, serr := os.Lstat(name); serr == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory; remove it", name)
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(name))
}

// createTemp makes a temporary file, with the mode that the umask gives, and
// locks it.
func (s *Store) createTemp(ctx context.Context) (*os.File, error) {
	dir := filepath.Join(s.path, tempDir)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := makeTempDir(dir); err != nil {
			return nil, err
		}
		name := filepath.Join(dir, atomicfile.TempPrefix+rand.Text())
		file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			continue // another has removed the directory, which was empty
		}
		if err != nil {
			return nil, err
		}
		if owned, err := s.own(file); owned || err != nil {
			return file, err
		}
		file.Close() // another took it for one without a writer
	}
}

// own locks a file and reports whether it is still there then.
func (s *Store) own(file *os.File) (bool, error) {
	held, err := s.tryLock(file)
	if err != nil && !errors.Is(err, atomicfile.ErrNoLocks) {
		os.Remove(file.Name())
		file.Close()
		return false, err
	}
	return (held || err != nil) && isNameOf(file.Name(), file), nil
}

// isNameOf reports whether name is still that of the open file.
func isNameOf(name string, file *os.File) bool {
	there, err := os.Lstat(name)
	if err != nil {
		return false
	}
	opened, err := file.Stat()
	return err == nil && os.SameFile(there, opened)
}

// makeTempDir makes the directory of temporary files. Through a link they would
// lie elsewhere.
func makeTempDir(dir string) error {
	err := os.Mkdir(dir, 0o777)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a directory; remove it", dir)
	}
	return nil
}

// sweep removes temporary files that nobody will rename any more: those in the
// directory for them, and once also those that earlier versions left beside what
// they wrote. What can't be removed does no harm.
func (s *Store) sweep() {
	s.sweepDir(tempDir, func(string) bool { return true })
	_ = os.Remove(filepath.Join(s.path, tempDir)) // if it is empty
	s.sweepOnce.Do(func() {
		s.sweepDir(".", func(name string) bool { return len(name) == len(atomicfile.TempPrefix+rand.Text()) })
		blobs := filepath.Join(s.path, ocispec.ImageBlobsDir)
		if info, err := os.Lstat(blobs); err != nil || !info.IsDir() {
			return // a link may lead anywhere
		}
		algorithms, err := os.ReadDir(blobs)
		if err != nil {
			return
		}
		for _, algorithm := range algorithms {
			s.sweepDir(filepath.Join(ocispec.ImageBlobsDir, algorithm.Name()), func(string) bool { return true })
		}
	})
}

// sweepDir sweeps a directory of the layout.
func (s *Store) sweepDir(name string, isTemp func(string) bool) {
	path := filepath.Join(s.path, name)
	if info, err := os.Lstat(path); name != "." && (err != nil || !info.IsDir()) {
		return // a link may lead anywhere
	}
	dir, err := os.Open(path)
	if err != nil {
		return
	}
	defer dir.Close()
	for {
		names, err := dir.Readdirnames(1000) // there may be very many blobs
		for _, name := range names {
			if strings.HasPrefix(name, atomicfile.TempPrefix) && isTemp(name) {
				s.removeForsaken(filepath.Join(path, name))
			}
		}
		if err != nil {
			return
		}
	}
}

// removeForsaken removes a file whose writer is gone.
func (s *Store) removeForsaken(name string) {
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	file, err := os.OpenFile(name, os.O_RDWR|atomicfile.OpenNonblock, 0) // some file systems lock only what is open to write
	if err != nil {
		return
	}
	defer file.Close()
	held, err := s.tryLock(file)
	age := time.Since(info.ModTime())
	switch {
	case errors.Is(err, atomicfile.ErrNoLocks):
		if age < forsakenAge {
			return
		}
	case err != nil, !held, !atomicfile.RenamesLocked && age < settledAge:
		return
	}
	if !isNameOf(name, file) {
		return
	}
	if !atomicfile.RenamesLocked {
		file.Close() // or it can't be removed
	}
	_ = os.Remove(name)
}
