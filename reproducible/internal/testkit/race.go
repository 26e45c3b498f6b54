// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package testkit

// RaceEnabled says whether the race detector is on.
const RaceEnabled = true
