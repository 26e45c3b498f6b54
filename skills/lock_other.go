// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package skills

import "context"

// lockDir does nothing where the standard library has no flock.
func lockDir(context.Context, string) (unlock func(), err error) {
	return func() {}, nil
}
