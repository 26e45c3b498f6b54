// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProgressNeverSaysAllBeforeItIsOver draws at moments of a clock of its own.
func TestProgressNeverSaysAllBeforeItIsOver(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	type report struct {
		after       time.Duration
		done, total int64
		draws       string // without what moves the cursor, "" for nothing
	}
	bar := func(full int, rest string) string {
		return "[" + strings.Repeat("=", full) + strings.Repeat(" ", progressWidth-full) + "] " + rest
	}
	for name, c := range map[string]struct {
		awaits  string
		reports []report
	}{
		"nothing at first, and not too often": {"", []report{
			{progressDelay - 1, 10 * mib, 90 * mib, ""},
			{1, 45 * mib, 90 * mib, bar(15, " 50% of 90.0 MiB")},
			{progressInterval - 1, 60 * mib, 90 * mib, ""},
			{1, 60 * mib, 90 * mib, bar(20, " 66% of 90.0 MiB")},
		}},
		"all is read": {"", []report{
			{progressDelay, 90 * mib, 90 * mib, bar(30, " 99% of 90.0 MiB")},
		}},
		"all is sent": {"sent, waiting", []report{
			{progressDelay, 89 * mib, 90 * mib, bar(29, " 98% of 90.0 MiB")},
			{1, 90 * mib, 90 * mib, "90.0 MiB sent, waiting"}, // at once: there may be no further report
			{1, 90 * mib, 90 * mib, ""},
		}},
		"more is known to be sent": {"sent, waiting", []report{
			{progressDelay, mib, mib, "1.0 MiB sent, waiting"},
			{progressInterval, mib, 4 * mib, bar(7, " 25% of 4.0 MiB")},
			{1, 4 * mib, 4 * mib, "4.0 MiB sent, waiting"},
		}},
		"more than all": {"", []report{{progressDelay, 3, 2, bar(30, " 99% of 2 B")}}},
		"nothing of 0":  {"", []report{{progressDelay, 0, 0, ""}}},
		"the largest number": {"", []report{
			{progressDelay, math.MaxInt64 / 2, math.MaxInt64, bar(15, " 50% of 8589934592.0 GiB")},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			at := time.Unix(1, 0)
			p := progress{out: &out, begun: at, awaits: c.awaits, now: func() time.Time { return at }}
			for _, r := range c.reports {
				out.Reset()
				at = at.Add(r.after)
				p.report(r.done, r.total)
				require.Equal(t, r.draws, strings.NewReplacer("\r", "", "\x1b[K", "").Replace(out.String()))
			}
			out.Reset()
			p.clear()
			require.NotContains(t, out.String(), "%")
		})
	}
}
