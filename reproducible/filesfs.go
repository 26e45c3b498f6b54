// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"fmt"
	"io"
	"io/fs"
)

// FilesFS returns all regular files of fsys, for [WriteTar]. Directories are not
// part of the format, so an empty one gets lost. The content decides what is
// executable; who wants the file system's modes sets them in the result.
//
// The FS of an [os.Root] does not follow links out of the directory, even if one
// takes the place of a file while the archive is written.
//
// Errors wrap [ErrFileType] for a link or a special file, and name the file, or are
// those of fsys. A name that archives can't have is an error of WriteTar. What is
// no longer a regular file when its turn comes is [ErrFileChanged] there.
func FilesFS(fsys fs.FS) ([]File, error) {
	var files []File
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s: %w", name, ErrFileType)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files = append(files, File{
			Name: name,
			Size: info.Size(),
			Open: func() (io.ReadCloser, error) { return openRegular(fsys, name) },
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return files, nil
}

// openRegular opens what was a regular file.
func openRegular(fsys fs.FS, name string) (io.ReadCloser, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: it is no regular file any more", ErrFileChanged)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
