// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package grammar

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

var errRange = errors.New("no byte of this range is in the content")

// ParseRange reads a Range header (RFC 9110, section 14.2) for content of the
// given size in bytes. A header of another unit, of more than one range, or none
// at all is ignored, as the RFC allows: partial is false. A range that is
// reversed or begins behind the end is an error, to be answered with 416.
func ParseRange(header string, size int64) (start, length int64, partial bool, err error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return 0, size, false, nil
	}
	first, last, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok {
		return 0, 0, false, errRange
	}
	if first == "" { // the last n bytes
		n, ok := parsePosition(last)
		if !ok || n == 0 || size == 0 {
			return 0, 0, false, errRange
		}
		n = min(n, size)
		return size - n, n, true, nil
	}
	start, ok = parsePosition(first)
	if !ok || start >= size {
		return 0, 0, false, errRange
	}
	end := size - 1
	if last != "" {
		n, ok := parsePosition(last)
		if !ok || n < start {
			return 0, 0, false, errRange
		}
		end = min(n, end)
	}
	return start, end - start + 1, true, nil
}

// ParseContentRange reads the Content-Range of a chunk, which in this
// specification is "<first>-<last>" ("Pushing a blob in chunks").
func ParseContentRange(header string) (start, length int64, ok bool) {
	first, last, ok := strings.Cut(header, "-")
	if !ok {
		return 0, 0, false
	}
	start, ok1 := ParseDecimal(first)
	end, ok2 := ParseDecimal(last)
	if !ok1 || !ok2 || end < start || end == math.MaxInt64 {
		return 0, 0, false
	}
	return start, end - start + 1, true
}

// ParseDecimal takes digits only, no sign, and nothing beyond an int64.
func ParseDecimal(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return 0, false
	}
	return int64(n), true
}

// parsePosition is ParseDecimal for a Range: a number behind all content means
// its end, however large it is (RFC 9110, section 14.1.2).
func parsePosition(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return int64(n), true // of what is out of range, the largest
}
