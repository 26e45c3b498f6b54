// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package testkit has what the tests of both packages need. Only tests import it.
package testkit

import (
	"strings"
	"testing"
)

// SkipUnderRace leaves out a test that does much work in one goroutine, in which
// the race detector can find nothing. Its name has "Bounded" in it: make test runs
// those without the race detector.
func SkipUnderRace(t testing.TB) {
	t.Helper()
	if !strings.HasSuffix(t.Name(), "Bounded") && !strings.HasPrefix(t.Name(), "Fuzz") {
		t.Fatal("the name of a test that is left out under the race detector must end in Bounded")
	}
	if RaceEnabled {
		t.Skip("much work in one goroutine: run it without the race detector")
	}
}
