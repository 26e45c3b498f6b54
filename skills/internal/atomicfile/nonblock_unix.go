// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package atomicfile

import "syscall"

const OpenNonblock = syscall.O_NONBLOCK
