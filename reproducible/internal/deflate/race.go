// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package deflate

// raceEnabled says that the race detector is on.
const raceEnabled = true
