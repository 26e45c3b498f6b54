// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/reproducible"
)

func lookup(value string, present bool) func(string) (string, bool) {
	return func(name string) (string, bool) {
		if name != "SOURCE_DATE_EPOCH" {
			return "of another variable", true
		}
		return value, present
	}
}

func TestEpochIsZeroWithoutTheVariable(t *testing.T) {
	t.Parallel()
	got, err := reproducible.Epoch(lookup("", false))
	require.NoError(t, err)
	require.Equal(t, time.Unix(0, 0).UTC(), got)
}

func TestEpochTakesDigits(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"0":                    "1970-01-01T00:00:00Z",
		"1":                    "1970-01-01T00:00:01Z",
		"0000000000000000001":  "1970-01-01T00:00:01Z",
		"1763938800":           "2025-11-23T23:00:00Z",
		"2147483648":           "2038-01-19T03:14:08Z",
		"4294967296":           "2106-02-07T06:28:16Z",
		"8589934592":           "2242-03-16T12:56:32Z",
		"253402300799":         "9999-12-31T23:59:59Z",
		"00000000253402300799": "9999-12-31T23:59:59Z",
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			got, err := reproducible.Epoch(lookup(value, true))
			require.NoError(t, err)
			require.Equal(t, want, got.Format(time.RFC3339))
			require.Equal(t, time.UTC, got.Location())
		})
	}
}

func TestEpochRefusesWhatIsNoNumberOfSeconds(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"", " ", "0 ", " 0", "0\n", "\t1", "-1", "-0", "+1", "1_0", "1,000", "1.0", "1.5", "1e3", "0x10", "0b1", "0o7",
		"now", "2026-11-23", "2026-11-23T00:00:00Z", "@0", "1s", "١", "１", "NaN", "Inf", "\x00", "0\x00", "\xff",
		"253402300800", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
		"99999999999999999999999999999999999999999999",
	} {
		t.Run(strconv.Quote(value), func(t *testing.T) {
			t.Parallel()
			got, err := reproducible.Epoch(lookup(value, true))
			require.ErrorIs(t, err, reproducible.ErrEpoch)
			require.ErrorContains(t, err, "SOURCE_DATE_EPOCH")
			require.ErrorContains(t, err, strconv.Quote(value))
			require.Zero(t, got)

			_, err = reproducible.ParseEpoch(value)
			require.ErrorIs(t, err, reproducible.ErrEpoch)
			require.NotContains(t, err.Error(), "SOURCE_DATE_EPOCH", "not every epoch comes from there")
		})
	}
}

func TestNormalizeEpoch(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*60*60)
	odd := time.FixedZone("", -(3*60*60 + 1))
	for name, test := range map[string]struct {
		in   time.Time
		want int64
		fail string // part of the message
	}{
		"the zero time":            {in: time.Time{}, want: 0},
		"the zero time elsewhere":  {in: time.Time{}.In(tokyo), want: 0},
		"second 0":                 {in: time.Unix(0, 0), want: 0},
		"a time":                   {in: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC), want: 1795395723},
		"the same in Tokyo":        {in: time.Date(2026, 11, 23, 10, 2, 3, 0, tokyo), want: 1795395723},
		"the same in an odd zone":  {in: time.Unix(1795395723, 0).In(odd), want: 1795395723},
		"the last second":          {in: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), want: 253402300799},
		"year 10000 in Tokyo only": {in: time.Unix(253402300799, 0).In(tokyo), want: 253402300799},
		"a fraction":               {in: time.Unix(5, 1), fail: "1970-01-01T00:00:05.000000001Z: want whole seconds"},
		"half a second":            {in: time.Unix(5, 5e8), fail: "1970-01-01T00:00:05.5Z"},
		"before 1970":              {in: time.Unix(-1, 0), fail: "1969-12-31T23:59:59Z"},
		"a little before 1970":     {in: time.Unix(0, -1), fail: "1969-12-31T23:59:59Z"},
		"year 1 and a second":      {in: time.Time{}.Add(time.Second), fail: "0001-01-01T00:00:01Z"},
		"year 10000":               {in: time.Unix(253402300800, 0), fail: "want a time from 1970 to 9999"},
		"a fraction too late":      {in: time.Unix(253402300799, 1), fail: "want whole seconds"},
		"far off":                  {in: time.Unix(1<<60, 0), fail: "want a time from 1970 to 9999"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := reproducible.NormalizeEpoch(test.in)
			if test.fail != "" {
				require.ErrorIs(t, err, reproducible.ErrEpoch)
				require.ErrorContains(t, err, test.fail)
				return
			}
			require.NoError(t, err)
			require.Equal(t, time.Unix(test.want, 0).UTC(), got, "equal in zone and without a monotonic clock too")
			require.Equal(t, archive(t, got, file("a", "")), archive(t, test.in, file("a", "")))
		})
	}
}

func TestWriteTarRefusesEpochsBeforeItWrites(t *testing.T) {
	t.Parallel()
	for _, epoch := range []time.Time{time.Unix(-1, 0), time.Unix(0, 1), time.Unix(253402300800, 0)} {
		n, err := reproducible.WriteTar(t.Context(), &stopWriter{}, nil, epoch)
		require.ErrorIs(t, err, reproducible.ErrEpoch)
		require.Zero(t, n)
	}
}
