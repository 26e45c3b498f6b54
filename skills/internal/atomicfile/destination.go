// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

var (
	// ErrDestinationExists says that the directory is in use.
	ErrDestinationExists = errors.New("destination exists")
	// ErrHoldsSkill says, together with ErrDestinationExists, that force would
	// Replace the directory.
	ErrHoldsSkill = errors.New("holds a skill")
	// ErrInvalidDestination says that the name can't be that of a destination,
	// whatever stands there.
	ErrInvalidDestination = errors.New("invalid destination")

	// ErrReservedName says that a file can't have the name of a stage.
	ErrReservedName = fmt.Errorf("names that begin with %s are for what is being unpacked; pack it under another", stagePrefix)
)

// destination is a directory that appears complete or not at all.
type destination struct {
	path  string // absolute, links resolved if it exists
	force bool
	// marker is the file that a directory must have at its root to be replaced.
	marker string
	// layout is where the OCI layout lies that is read, if one is: it must not
	// be replaced.
	layout string

	// What differs by system: exchangeDirs and isMountPoint.
	exchange func(a, b string) error
	mounted  func(dir string) bool
}

// NewDestination checks that dest can be the name of a destination. It looks at
// no more than the name. With force a directory in use is replaced if marker is
// the name of a file at its root.
func NewDestination(dest, marker string, force bool) (*destination, error) {
	switch {
	case dest == "":
		return nil, fmt.Errorf("%w: the name is empty; name a directory", ErrInvalidDestination)
	case strings.ContainsRune(dest, 0):
		return nil, fmt.Errorf("%w: %q: a name has no NUL; name a directory", ErrInvalidDestination, dest)
	}
	abs, err := filepath.Abs(dest)
	if err != nil {
		return nil, err
	}
	// A link stays; what it leads to is replaced.
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		abs = resolved
	} else if info, lerr := os.Lstat(abs); lerr == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil, fmt.Errorf("%w: %s is a link that leads nowhere; remove it", ErrDestinationExists, dest)
	}
	if filepath.Dir(abs) == abs {
		return nil, fmt.Errorf("%w: %s is a root directory; name a directory inside it", ErrInvalidDestination, dest)
	}
	for part := abs; filepath.Dir(part) != part; part = filepath.Dir(part) {
		if isStage(filepath.Base(part)) {
			return nil, fmt.Errorf("%w: %s: names that begin with %s are for directories that are removed; name another", ErrInvalidDestination, dest, stagePrefix)
		}
	}
	return &destination{path: abs, force: force, marker: marker, exchange: exchangeDirs, mounted: isMountPoint}, nil
}

// Avoid keeps the destination clear of the OCI layout that is read.
func (d *destination) Avoid(layout string) error {
	if Contains(layout, d.path) {
		return fmt.Errorf("%w: %s lies in the OCI layout that is unpacked; name a directory outside of it", ErrInvalidDestination, d.path)
	}
	d.layout = layout
	return nil
}

// Contains reports whether path is dir or lies below it, links resolved. Neither
// needs to exist.
func Contains(dir, path string) bool {
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
	stateEmpty        // but for stages
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
		return stateInUse, fmt.Errorf("%w: %s is %s; name a directory", ErrDestinationExists, d.path, FileKind(info.Mode()))
	}
	dir, err := os.Open(d.path)
	if err != nil {
		return stateInUse, err
	}
	defer dir.Close()
	for {
		names, err := dir.Readdirnames(64)
		for _, name := range names {
			if !isStage(name) {
				return stateInUse, nil
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return stateEmpty, nil
		case err != nil:
			return stateInUse, err
		}
	}
}

// check is checkNow for a destination into which others may be moving entries:
// it does not take for content what it sees of that.
func (d *destination) check(ctx context.Context) (state, error) {
	for try := 1; ; try++ {
		before, quiet := d.quiet()
		state, err := d.checkNow()
		if err == nil || try == maxTries {
			return state, err
		}
		if after, still := d.quiet(); quiet && still && before.Equal(after) {
			return state, err
		}
		if err := d.recover(ctx); err != nil {
			return state, err
		}
		if err := pause(ctx); err != nil {
			return state, err
		}
	}
}

// quiet reports whether no stage lies in the destination, and when it was last
// written to.
func (d *destination) quiet() (changed time.Time, quiet bool) {
	info, err := os.Lstat(d.path)
	if err != nil || !info.IsDir() {
		return time.Time{}, true
	}
	names, err := dirNames(d.path)
	return info.ModTime(), err != nil || !slices.ContainsFunc(names, isStage)
}

// checkNow returns what stands at the destination, or an error if that is in use
// and must not be replaced.
func (d *destination) checkNow() (state, error) {
	state, err := d.state()
	if err != nil || state != stateInUse {
		return state, err
	}
	if err := d.replaceable(); err != nil {
		return state, err
	}
	if !d.force {
		return state, fmt.Errorf("%w: %s %w; name another directory or have it replaced", ErrDestinationExists, d.path, ErrHoldsSkill)
	}
	return state, nil
}

// replaceable returns an error if the destination, which is in use, is not
// replaced whatever is asked for.
func (d *destination) replaceable() error {
	info, err := os.Lstat(filepath.Join(d.path, d.marker))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%w: %s is not empty and has no %s, and only the directory of a skill is replaced; name the skill's own, such as %s",
			ErrDestinationExists, d.path, d.marker, filepath.Join(d.path, "NAME"))
	case err != nil:
		return err
	}
	for _, dir := range []func() (string, error){os.Getwd, os.UserHomeDir} {
		if path, err := dir(); err == nil && Contains(d.path, path) {
			return fmt.Errorf("%w: %s is or holds the working directory or the home directory, which are not replaced; name another", ErrDestinationExists, d.path)
		}
	}
	if d.layout != "" && Contains(d.path, d.layout) {
		return fmt.Errorf("%w: %s holds the OCI layout that is unpacked, which is not replaced; name another directory", ErrDestinationExists, d.path)
	}
	return nil
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
