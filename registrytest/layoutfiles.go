// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"errors"
	"io/fs"
	"path"
	"runtime"
)

// sync makes the names in a directory last.
func (l *layout) sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories can't be synced there
	}
	d, err := l.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// mkdirAll makes a directory and its parents, and makes their names last.
func (l *layout) mkdirAll(dir string) error {
	if _, err := l.root.Stat(dir); err == nil {
		return nil
	}
	parent := path.Dir(dir)
	if parent != "." {
		if err := l.mkdirAll(parent); err != nil {
			return err
		}
	}
	if err := l.root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return l.sync(parent)
}

// replace writes a file as a whole, or leaves what was there. When it returns
// no error the file lasts.
func (l *layout) replace(name string, content []byte) (fs.FileInfo, error) {
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
func (l *layout) publish(tmp, name string) error {
	if err := l.mkdirAll(path.Dir(name)); err != nil {
		return err
	}
	if err := l.root.Rename(tmp, name); err != nil {
		return err
	}
	return l.sync(path.Dir(name))
}

// remove deletes a file for good.
func (l *layout) remove(name string) error {
	if err := l.root.Remove(name); err != nil {
		return err
	}
	return l.sync(path.Dir(name))
}
