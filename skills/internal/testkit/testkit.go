// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package testkit has what the tests of several packages need. Only tests import
// it.
package testkit

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// SkipUnderRace leaves out a test that does much work in one goroutine, in which
// the race detector can find nothing. Its name ends in "Bounded", or it is a fuzz
// target: make test runs those without the race detector.
func SkipUnderRace(t testing.TB) {
	t.Helper()
	if !strings.HasSuffix(t.Name(), "Bounded") && !strings.HasPrefix(t.Name(), "Fuzz") {
		t.Fatal("the name of a test that is left out under the race detector must end in Bounded")
	}
	if RaceEnabled {
		t.Skip("much work in one goroutine: run it without the race detector")
	}
}

// scaled returns how long something may take that takes d at most: ten times as long
// under the race detector.
func scaled(d time.Duration) time.Duration {
	if RaceEnabled {
		return 10 * d
	}
	return d
}

// Within runs f, which must take under d and allocate under most bytes; 0 is any
// number. What is allocated in all is more than what is in use at any time. A machine
// with other work to do may be slow a few times.
func Within(t testing.TB, d time.Duration, most uint64, f func()) {
	t.Helper()
	for try := 1; ; try++ {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		f()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if most > 0 {
			require.Less(t, after.TotalAlloc-before.TotalAlloc, most)
		}
		if took < scaled(d) {
			return
		}
		require.Less(t, try, 10, "slow: %v", took)
	}
}
