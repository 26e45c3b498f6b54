// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Extract writes the files of an archive to the directory dir, which must not exist
// and appears with all of them or not at all; its parent must exist. Files get the
// modes of their entries, and directories 0777, as far as the umask lets them.
// Nothing is synced to disk. A process that is killed may leave a directory beside
// dir whose name begins with ".extract-".
//
// Errors are those of [Reader.Next], [fs.ErrExist] if there is something at dir,
// that of ctx, and those of the file system.
func Extract(ctx context.Context, archive *Reader, dir string) (err error) {
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s: %w", dir, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	aside, err := os.MkdirTemp(filepath.Dir(dir), ".extract-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	staged := filepath.Join(aside, "files") // with the mode that the umask gives
	if err := os.Mkdir(staged, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(staged)
	if err != nil {
		return err
	}
	err = extractAll(ctx, archive, root)
	if cerr := root.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(staged, dir)
}

func extractAll(ctx context.Context, archive *Reader, root *os.Root) error {
	buf := make([]byte, 64<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		entry, err := archive.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := extractFile(ctx, archive, root, entry, buf); err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
	}
}

func extractFile(ctx context.Context, archive *Reader, root *os.Root, entry Entry, buf []byte) (err error) {
	if err := root.MkdirAll(path.Dir(entry.Name), 0o777); err != nil {
		return err
	}
	file, err := root.OpenFile(entry.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, entry.Mode)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := file.Close(); err == nil {
			err = cerr
		}
	}()
	for {
		n, ended, err := readAtLeast(ctx, archive, buf, 1)
		if err != nil {
			return err
		}
		if _, err := file.Write(buf[:n]); err != nil {
			return err
		}
		if ended {
			return nil
		}
	}
}
