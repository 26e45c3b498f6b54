// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import "errors"

// Errors of a layout, to use with [errors.Is].
var (
	// ErrNotLayout says that a directory is neither an OCI layout nor empty, is
	// a layout of another version, or has an index.json that is no index.
	ErrNotLayout = errors.New("not an OCI layout")
	// ErrFull says that the index.json of a layout can take no more.
	ErrFull = errors.New("OCI layout is full")
	// ErrInUse says that a manifest references the content to be deleted.
	ErrInUse = errors.New("in use")
)
