// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// SourceDateEpoch is the name of the environment variable that [Epoch] reads,
// as defined on reproducible-builds.org.
const SourceDateEpoch = "SOURCE_DATE_EPOCH"

// maxEpoch is the last second of the year 9999, the latest time that RFC 3339
// can express.
const maxEpoch = 253402300799

// ErrEpoch is wrapped by every error about an epoch.
var ErrEpoch = errors.New("invalid epoch")

// Epoch returns the time that SOURCE_DATE_EPOCH asks for, in UTC. The function
// lookup finds the variable; pass [os.LookupEnv] for the process's own. A
// variable that is absent gives second 0 of 1970.
//
// A value that is present but empty, negative, later than the year 9999 or
// anything but decimal digits is an error that wraps [ErrEpoch] and names the
// variable and its value.
func Epoch(lookup func(name string) (value string, ok bool)) (time.Time, error) {
	value, ok := lookup(SourceDateEpoch)
	if !ok {
		return time.Unix(0, 0).UTC(), nil
	}
	t, err := ParseEpoch(value)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", SourceDateEpoch, err)
	}
	return t, nil
}

// ParseEpoch parses seconds since 1970-01-01T00:00:00Z, written in decimal
// digits, up to the year 9999. Errors wrap [ErrEpoch].
func ParseEpoch(value string) (time.Time, error) {
	// ParseUint takes neither a sign nor spaces, and with base 10 no underscores.
	seconds, err := strconv.ParseUint(value, 10, 64)
	if err != nil || seconds > maxEpoch {
		return time.Time{}, fmt.Errorf("%w %q: want whole seconds since 1970 in digits, from 0 to %d", ErrEpoch, value, int64(maxEpoch))
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}

// NormalizeEpoch returns t as the format stores it: in UTC, in whole seconds.
// The zero [time.Time] gives second 0 of 1970. A time with a fraction of a
// second, before 1970 or after 9999 is an error that wraps [ErrEpoch].
func NormalizeEpoch(t time.Time) (time.Time, error) {
	switch {
	case t.IsZero():
		return time.Unix(0, 0).UTC(), nil
	case t.Unix() < 0 || t.Unix() > maxEpoch:
		return time.Time{}, fmt.Errorf("%w %s: want a time from 1970 to 9999", ErrEpoch, t.UTC().Format(time.RFC3339))
	case t.Nanosecond() != 0:
		return time.Time{}, fmt.Errorf("%w %s: want whole seconds; truncate the time first", ErrEpoch, t.UTC().Format(time.RFC3339Nano))
	}
	return time.Unix(t.Unix(), 0).UTC(), nil
}
