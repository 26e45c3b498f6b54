// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package skills

// moreMemory is how many times as much is allocated as usual. The race detector
// makes pools forget what is in them.
const moreMemory = 1
