// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package layout

import "syscall"

const openNonblock = syscall.O_NONBLOCK
