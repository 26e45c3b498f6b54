// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

// SpoolMemory is how much of a layer stays in memory in these tests, so that
// one which does not is quick to make.
const SpoolMemory = 128 << 10

func init() { spoolMemory = SpoolMemory }
