// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !(darwin || linux)

package atomicfile

import (
	"errors"
	"path/filepath"
)

// exchangeDirs fails where no system call lets two directories swap names.
func exchangeDirs(_, _ string) error { return errors.ErrUnsupported }

// isMountPoint reports whether something is mounted at dir.
func isMountPoint(dir string) bool { return otherDevice(dir, filepath.Dir(dir)) }
