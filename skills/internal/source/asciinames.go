// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"
)

// ASCIINames is a file system whose names are in ASCII where it lies, so that every tool
// shows them alike: each byte beyond ASCII is written as % and two hexadecimal digits.
// No name may have a % that stands for itself.
type ASCIINames struct{ fs.FS }

// Open implements [fs.FS].
func (a ASCIINames) Open(name string) (fs.File, error) {
	file, err := a.FS.Open(asciiName(name))
	if err != nil {
		return nil, err
	}
	named := namedFile{file, path.Base(name)}
	if dir, ok := file.(fs.ReadDirFile); ok {
		return namedDir{named, dir}, nil
	}
	return named, nil
}

type namedFile struct {
	fs.File
	name string
}

func (f namedFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return namedInfo{info, f.name}, err
}

type namedDir struct {
	namedFile
	dir fs.ReadDirFile
}

func (d namedDir) ReadDir(n int) ([]fs.DirEntry, error) {
	entries, err := d.dir.ReadDir(n)
	for i, entry := range entries {
		name, err := url.PathUnescape(entry.Name())
		if err != nil {
			return nil, &fs.PathError{Op: "readdir", Path: entry.Name(), Err: err}
		}
		entries[i] = namedEntry{entry, name}
	}
	return entries, err
}

type namedEntry struct {
	fs.DirEntry
	name string
}

func (e namedEntry) Name() string { return e.name }

func (e namedEntry) Info() (fs.FileInfo, error) {
	info, err := e.DirEntry.Info()
	return namedInfo{info, e.name}, err
}

type namedInfo struct {
	fs.FileInfo
	name string
}

func (i namedInfo) Name() string { return i.name }

func asciiName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if name[i] < 0x80 {
			b.WriteByte(name[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", name[i])
		}
	}
	return b.String()
}
