// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package skills

import "testing"

// RaceEnabled says whether the race detector is on: everything takes many times
// longer, and pools forget what is in them.
const RaceEnabled = true

// SkipUnderRace leaves out a test that does much work in one goroutine: make
// test runs it without the race detector.
func SkipUnderRace(t testing.TB) {
	t.Skip("much work in one goroutine: run it without the race detector")
}
