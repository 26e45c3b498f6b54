// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"github.com/skillcask/skillcask/reproducible"
)

// Archive a directory. For one on disk, fsys is root.FS() of an os.OpenRoot.
func ExampleFilesFS() {
	fsys := fstest.MapFS{
		"README.md": {Data: []byte("# Hello\n")},
		"run.sh":    {Data: []byte("#!/bin/sh\necho hello\n")},
	}
	files, err := reproducible.FilesFS(fsys)
	if err != nil {
		log.Fatal(err)
	}
	var out bytes.Buffer
	zw := reproducible.NewGzipWriter(&out)
	size, err := reproducible.WriteTar(context.Background(), zw, files, time.Unix(0, 0))
	if cerr := zw.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(files), "files,", size, "bytes before compression")
	// Output: 2 files, 3072 bytes before compression
}

// Write a stranger's archive to a new directory, within limits.
func ExampleExtract() {
	work, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(work)
	var archive bytes.Buffer
	zw := reproducible.NewGzipWriter(&archive)
	_, err = reproducible.WriteTar(context.Background(), zw, []reproducible.File{exampleFile("docs/guide.md", "# Guide\n")}, time.Unix(0, 0))
	if cerr := zw.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		log.Fatal(err)
	}

	zr, err := reproducible.NewGzipReader(&archive)
	if err != nil {
		log.Fatal(err)
	}
	dir := filepath.Join(work, "out")
	if err := reproducible.Extract(context.Background(), reproducible.NewReader(zr, reproducible.Limits{Files: 100, Bytes: 10 << 20}), dir); err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "docs", "guide.md"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", text)
	// Output: # Guide
}
