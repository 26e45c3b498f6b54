// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
)

// open opens a file or a directory for reading. Where something else lies, a
// fifo say, it does not wait for anyone.
func (l *layouts) open(name string) (*os.File, error) {
	return l.root.OpenFile(name, os.O_RDONLY|openNonblock, 0)
}

// openRegular opens a file that must be a regular one.
func (l *layouts) openRegular(name string) (*os.File, fs.FileInfo, error) {
	f, err := l.open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: %w", name, errNotRegular)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

var errNotRegular = errors.New("it is not a regular file")

// readDir lists a directory, in no order.
func (l *layouts) readDir(name string) ([]fs.DirEntry, error) {
	d, err := l.open(name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.ReadDir(-1)
}

// makeRoot is [os.MkdirAll], and makes the names last.
func makeRoot(dir string) error {
	var parents []string // of the missing directories
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		parents = append(parents, filepath.Dir(at))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil || !syncsDirs {
		return err
	}
	for _, parent := range parents {
		d, err := os.Open(parent)
		if errors.Is(err, fs.ErrPermission) {
			continue // one that may be written, but not read
		}
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// sync makes the names in a directory last.
func (l *layouts) sync(dir string) error {
	if !syncsDirs {
		return nil
	}
	d, err := l.open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// syncsDirs says that directories can be synced.
const syncsDirs = runtime.GOOS != "windows"

// mkdirAll makes a directory and its parents, and makes their names last. Of
// those that are there another may have made one just now, and be about to do so.
func (l *layouts) mkdirAll(dir string) error {
	if dir == "." {
		return nil
	}
	if _, ok := l.lasting.Load(dir); ok {
		if _, err := l.root.Stat(dir); err == nil {
			return nil
		}
	}
	parent := path.Dir(dir)
	if err := l.mkdirAll(parent); err != nil {
		return err
	}
	if err := l.root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := l.sync(parent); err != nil {
		return err
	}
	l.lasting.Store(dir, true)
	return nil
}

// replace writes a file completely, or leaves the one that was there. When it
// returns no error the file lasts.
func (l *layouts) replace(name string, content []byte) (fs.FileInfo, error) {
	f, tmp, err := l.temporary()
	if err != nil {
		return nil, err
	}
	var info fs.FileInfo
	if _, err = f.Write(content); err == nil {
		info, err = f.Stat()
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = l.publish(tmp, name)
	}
	if err != nil {
		_ = l.root.Remove(tmp)
	}
	return info, err
}

// publish gives a file that was synced its name.
func (l *layouts) publish(tmp, name string) error {
	if err := l.mkdirAll(path.Dir(name)); err != nil {
		return err
	}
	if err := l.root.Rename(tmp, name); err != nil {
		return err
	}
	return l.sync(path.Dir(name))
}

// remove deletes a file for good.
func (l *layouts) remove(name string) error {
	if err := l.root.Remove(name); err != nil {
		return err
	}
	return l.sync(path.Dir(name))
}

// removeIfThere deletes a file for good, if it is there.
func (l *layouts) removeIfThere(name string) error {
	if err := l.remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
