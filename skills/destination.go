// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// destination is a directory that is written whole or not at all.
type destination struct {
	path  string // absolute, links resolved if it exists
	force bool
}

// newDestination checks that dest can be written.
func newDestination(dest string, force bool) (*destination, error) {
	if dest == "" {
		return nil, fmt.Errorf("%w: the name is empty; name a directory", ErrDestinationExists)
	}
	abs, err := filepath.Abs(dest)
	if err != nil {
		return nil, err
	}
	// A link stays; what it leads to is replaced.
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		abs = resolved
	} else if _, lerr := os.Lstat(abs); lerr == nil {
		return nil, fmt.Errorf("%w: %s is a link that leads nowhere; remove it", ErrDestinationExists, dest)
	}
	if filepath.Dir(abs) == abs {
		return nil, fmt.Errorf("%w: %s is a root directory; name a directory inside it", ErrDestinationExists, dest)
	}
	d := &destination{path: abs, force: force}
	return d, d.check()
}

// contains reports whether path is dir or lies below it, links resolved. Neither
// needs to exist.
func contains(dir, path string) bool {
	dir, path = resolve(dir), resolve(path)
	info, err := os.Stat(dir)
	for {
		if path == dir {
			return true
		}
		// A directory may have two names: by case, by a mount.
		if there, perr := os.Stat(path); err == nil && perr == nil && os.SameFile(info, there) {
			return true
		}
		up := filepath.Dir(path)
		if up == path {
			return false
		}
		path = up
	}
}

// resolve returns path without links, as far as it exists.
func resolve(path string) string {
	// What exists is resolved first: Abs takes "link/.." for ".".
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	for up, below := path, ""; ; up, below = filepath.Dir(up), filepath.Join(filepath.Base(up), below) {
		if resolved, err := filepath.EvalSymlinks(up); err == nil {
			return filepath.Join(resolved, below)
		}
		if up == filepath.Dir(up) {
			return path
		}
	}
}

// state says what stands at the destination.
type state int

const (
	stateAbsent state = iota
	stateEmpty
	stateInUse
)

func (d *destination) state() (state, error) {
	info, err := os.Lstat(d.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return stateAbsent, nil
	case err != nil:
		return stateInUse, err
	case !info.IsDir():
		return stateInUse, fmt.Errorf("%w: %s is %s; name a directory", ErrDestinationExists, d.path, fileKind(info.Mode()))
	}
	dir, err := os.Open(d.path)
	if err != nil {
		return stateInUse, err
	}
	defer dir.Close()
	if _, err := dir.Readdirnames(1); errors.Is(err, io.EOF) {
		return stateEmpty, nil
	}
	return stateInUse, nil
}

// check returns an error if the destination is in use and must not be replaced.
func (d *destination) check() error {
	state, err := d.state()
	if err != nil || state != stateInUse {
		return err
	}
	if !d.force {
		return d.inUse()
	}
	for _, dir := range []func() (string, error){os.Getwd, os.UserHomeDir} {
		if path, err := dir(); err == nil && contains(d.path, path) {
			return fmt.Errorf("%w: %s is or holds the working directory or the home directory, which are not replaced; name another", ErrDestinationExists, d.path)
		}
	}
	return nil
}

func (d *destination) inUse() error {
	return fmt.Errorf("%w: %s is not empty; name a new directory or have it replaced (--force, UnpackOptions.Force)", ErrDestinationExists, d.path)
}

// replace lets write fill a new directory and puts it in the destination's
// place.
func (d *destination) replace(ctx context.Context, write func(root *os.Root) error) (err error) {
	parent := filepath.Dir(d.path)
	made, err := makeDirs(parent)
	defer func() {
		for i := len(made) - 1; err != nil && i >= 0; i-- {
			os.Remove(made[i]) // stays if somebody put something in
		}
	}()
	if err != nil {
		return err
	}
	// The holder keeps others out while the new directory, inside, is written
	// with the mode that the umask gives.
	holder, err := os.MkdirTemp(parent, tempPrefix+"*")
	if err != nil {
		return err
	}
	keep := false
	defer func() {
		if !keep {
			removeAll(holder)
		}
	}()
	fresh := filepath.Join(holder, "new")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(fresh)
	if err != nil {
		return err
	}
	err = write(root)
	if cerr := root.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = d.check() // it may have been put to use meanwhile
	}
	if err != nil {
		return err
	}
	state, err := d.state()
	switch {
	case err != nil:
		return err
	case state == stateInUse:
		keep, err = d.swap(fresh, filepath.Join(holder, "old"))
		return err
	case state == stateEmpty:
		return d.fill(ctx, fresh)
	}
	return d.inUseOr(os.Rename(fresh, d.path))
}

// fill moves the entries of fresh into the destination, which is empty and may
// be where somebody works or something is mounted.
func (d *destination) fill(ctx context.Context, fresh string) error {
	unlock, err := lockDir(ctx, d.path)
	if err != nil {
		return err
	}
	defer unlock()
	if state, err := d.state(); err != nil {
		return err
	} else if state != stateEmpty {
		return d.inUse() // by another that unpacks
	}
	entries, err := os.ReadDir(fresh)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		from, to := filepath.Join(fresh, entry.Name()), filepath.Join(d.path, entry.Name())
		if err = os.Rename(from, to); err != nil {
			if errors.Is(err, syscall.EXDEV) {
				err = fmt.Errorf("%w; something is mounted at %s: name a directory inside it", err, d.path)
			}
			for _, moved := range entries[:i] {
				_ = os.Rename(filepath.Join(d.path, moved.Name()), filepath.Join(fresh, moved.Name()))
			}
			return err
		}
	}
	return nil
}

// swap puts fresh in place of a directory that is in use. It reports whether
// old has to be kept, since what stood there could not be put back.
func (d *destination) swap(fresh, old string) (keep bool, err error) {
	if err := os.Rename(d.path, old); err != nil {
		return false, err
	}
	err = os.Rename(fresh, d.path)
	if err == nil {
		return false, nil
	}
	if berr := os.Rename(old, d.path); berr != nil {
		return true, fmt.Errorf("%w; what stood at %s is now at %s: %w", err, d.path, old, berr)
	}
	return false, d.inUseOr(err)
}

// inUseOr tells that another process was faster from other errors of a rename.
func (d *destination) inUseOr(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return d.inUse()
	}
	return err
}

// makeDirs makes a directory and those that it lies in, and returns those that
// it made, even if it fails.
func makeDirs(dir string) (made []string, err error) {
	if _, err := os.Stat(dir); err == nil {
		return nil, nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if made, err = makeDirs(parent); err != nil {
			return made, err
		}
	}
	err = os.Mkdir(dir, 0o755)
	switch {
	case err == nil:
		made = append(made, dir)
	case errors.Is(err, fs.ErrExist): // another was faster
		err = nil
	}
	return made, err
}

// removeAll removes a directory, one with directories that are not writable
// too. What can't be removed stays: what was asked for is done by then.
func removeAll(dir string) {
	if os.RemoveAll(dir) == nil {
		return
	}
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	_ = os.RemoveAll(dir)
}
