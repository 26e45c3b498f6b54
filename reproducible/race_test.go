// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package reproducible_test

// raceEnabled says whether the race detector is on.
const raceEnabled = true
