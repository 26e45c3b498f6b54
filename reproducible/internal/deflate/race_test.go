// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package deflate

import "flag"

// raceEnabled says that everything takes many times longer.
const raceEnabled = true

// skipSlow leaves what is slow, the second encoder above all, to runs without
// the race detector.
func skipSlow() {
	flag.Parse()
	if flag.Lookup("test.skip").Value.String() == "" {
		_ = flag.Set("test.skip", "^(TestSecondEncoder|TestWorstGrowth|TestNoWorstCase)$")
	}
}
