// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// TempPrefix begins the names of files and directories that are about to be
// renamed, and of what else is no content.
const TempPrefix = ".skillcask-"

// OpenRegular opens a file for reading if it is a regular one. Anything else
// is an error, at once: opening a fifo must not wait for a writer.
func OpenRegular(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|OpenNonblock, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it is %s, not a regular file", FileKind(info.Mode()))
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// ErrTooLong says that a file has more bytes than are read of such a one.
var ErrTooLong = errors.New("too long")

// ReadRegular reads a regular file of at most limit bytes.
func ReadRegular(name string, limit int64) ([]byte, error) {
	file, err := OpenRegular(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%w: it has more than %d bytes", ErrTooLong, limit)
	}
	return data, err
}

// MkdirSynced makes a directory and those that it lies in, and syncs the names
// of what it made.
func MkdirSynced(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := MkdirSynced(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(parent)
}
