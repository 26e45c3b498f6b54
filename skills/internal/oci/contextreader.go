// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"io"
)

// ContextReader returns a reader of r that ends with the error of ctx, for
// stores that do not look at it while they read. One that can be read again
// stays so: a remote repository may have to send it twice.
func ContextReader(ctx context.Context, r io.Reader) io.Reader {
	read := contextRead{ctx, r}
	if at, ok := r.(io.ReaderAt); ok {
		return contextReadAt{read, at}
	}
	return read
}

type contextRead struct {
	ctx context.Context
	r   io.Reader
}

func (c contextRead) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Close does nothing: whoever opened the reader closes it.
func (contextRead) Close() error { return nil }

type contextReadAt struct {
	contextRead
	at io.ReaderAt
}

func (c contextReadAt) ReadAt(p []byte, off int64) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.at.ReadAt(p, off)
}

type ReaderFunc func(p []byte) (int, error)

func (f ReaderFunc) Read(p []byte) (int, error) { return f(p) }
