// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"io"
	"io/fs"
	"sync/atomic"
	"testing/fstest"
)

// ChangingFS spoils a file when it is opened for the last time.
type ChangingFS struct {
	fstest.MapFS
	Name  string
	Opens atomic.Int64
	After int64
	Spoil func(fstest.MapFS)
	Inner func(fs.File) fs.File
}

func (c *ChangingFS) Open(name string) (fs.File, error) {
	if name == c.Name && c.Opens.Add(1) > c.After {
		if c.Spoil != nil {
			c.Spoil(c.MapFS)
		}
		f, err := c.MapFS.Open(name)
		if err == nil && c.Inner != nil {
			f = c.Inner(f)
		}
		return f, err
	}
	return c.MapFS.Open(name)
}

// LyingFile has other content than its size says.
type LyingFile struct {
	fs.File
	R io.Reader
}

func (f *LyingFile) Read(p []byte) (int, error) { return f.R.Read(p) }
