// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/skillcask/skillcask/reproducible"
)

// exampleFile describes a file whose content is in memory.
func exampleFile(name, content string) reproducible.File {
	return reproducible.File{
		Name: name,
		Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
}

// A compressed archive has the same digest wherever and whenever it is made.
func ExampleWriteTar() {
	files := []reproducible.File{
		exampleFile("scripts/hello.sh", "#!/bin/sh\necho hello\n"), // is made executable
		exampleFile("SKILL.md", "# Hello\n"),                       // comes first
	}
	digest := sha256.New()

	zw := reproducible.NewGzipWriter(digest)
	size, err := reproducible.WriteTar(context.Background(), zw, files, time.Unix(0, 0))
	if cerr := zw.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(size, "bytes before compression")
	fmt.Printf("sha256:%x\n", digest.Sum(nil))
	// Output:
	// 3072 bytes before compression
	// sha256:8e8b342883122f23a3deac268bda478f98c38959baa6efd6d897ba6ccc946e6b
}

// Files of a directory are opened when their turn comes, one at a time.
func ExampleFile() {
	path := filepath.Join("testdata", "golden.txt")
	info, err := os.Stat(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	file := reproducible.File{
		Name: "golden.txt",
		Size: info.Size(),
		Open: func() (io.ReadCloser, error) { return os.Open(path) },
	}
	_, err = reproducible.WriteTar(context.Background(), io.Discard, []reproducible.File{file}, time.Time{})
	fmt.Println(err)

	file.Size = 10 // it had ten bytes when we looked
	_, err = reproducible.WriteTar(context.Background(), io.Discard, []reproducible.File{file}, time.Time{})
	fmt.Println(errors.Is(err, reproducible.ErrFileChanged))
	// Output:
	// <nil>
	// true
}

// Nothing that a stranger's archive holds leads out of the directory that it is
// unpacked into, and no more comes out of it than the limits allow.
func ExampleReader() {
	var archive bytes.Buffer
	zw := gzip.NewWriter(&archive)
	tw := tar.NewWriter(zw)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: "./docs/"},
		{Typeflag: tar.TypeReg, Name: "./docs/guide.md", Mode: 0o600, Size: 6},
		{Typeflag: tar.TypeReg, Name: "../.bashrc", Mode: 0o644},
	} {
		tw.WriteHeader(&h)
		io.CopyN(tw, strings.NewReader("guide\n"), h.Size)
	}
	tw.Close()
	zw.Close()

	zr, err := reproducible.NewGzipReader(&archive)
	if err != nil {
		fmt.Println(err)
		return
	}
	files := reproducible.NewReader(zr, reproducible.Limits{Files: 100, Bytes: 10 << 20})
	for {
		entry, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println("refused:", errors.Is(err, reproducible.ErrName))
			return
		}
		content, err := io.ReadAll(files) // at most entry.Size bytes
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v %s: %q\n", entry.Mode, entry.Name, content)
	}
	// Output:
	// -rw-r--r-- docs/guide.md: "guide\n"
	// refused: true
}

func ExampleEpoch() {
	// Programs pass os.LookupEnv.
	environment := map[string]string{"SOURCE_DATE_EPOCH": "1795395723"}
	lookup := func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}
	fmt.Println(reproducible.Epoch(lookup))

	environment["SOURCE_DATE_EPOCH"] = "yesterday"
	_, err := reproducible.Epoch(lookup)
	fmt.Println(err)

	delete(environment, "SOURCE_DATE_EPOCH")
	fmt.Println(reproducible.Epoch(lookup))
	// Output:
	// 2026-11-23 01:02:03 +0000 UTC <nil>
	// SOURCE_DATE_EPOCH: invalid epoch "yesterday": want whole seconds since 1970 in digits, from 0 to 253402300799
	// 1970-01-01 00:00:00 +0000 UTC <nil>
}

// The content decides what is executable, since permission bits get lost in
// zip files, on Windows and in embed.FS.
func ExampleModeOf() {
	for _, head := range []string{"#!/usr/bin/env python3\n", "\x7fELF\x02\x01\x01\x00", "# Title\n"} {
		fmt.Println(reproducible.ModeOf([]byte(head)))
	}
	// Output:
	// -rwxr-xr-x
	// -rwxr-xr-x
	// -rw-r--r--
}
