// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on names, in bytes and in segments.
const (
	maxNameBytes    = 4096
	maxSegmentBytes = 255
	maxSegments     = 100
)

// ErrName is wrapped by every refusal of a file's name.
var ErrName = errors.New("invalid file name")

// NameError says why a name can't stand in an archive. It wraps [ErrName].
type NameError struct {
	Name string // the name refused
	Rule string // which rule, a stable identifier such as "name-backslash"
	Want string // what would be right
}

// Error names the file, the rule and what would be right.
func (e *NameError) Error() string {
	return fmt.Sprintf("%v %q: %s", ErrName, e.Name, e.Want)
}

// Unwrap returns [ErrName].
func (e *NameError) Unwrap() error { return ErrName }

// CheckName reports whether name can be the path of a file in an archive that
// unpacks to the same tree on every operating system. Such a name is a
// relative path with "/" between its segments. It is valid UTF-8 of at most
// 4,096 bytes, in at most 100 segments of at most 255 bytes each. No segment is
// empty, "." or "..", ends with a dot or a space, or is a name that Windows
// reserves for a device, and none holds a control character, a backslash or a
// colon. The error is a [*NameError].
func CheckName(name string) error {
	refuse := func(rule, want string) error {
		return &NameError{Name: name, Rule: rule, Want: want}
	}
	switch {
	case name == "":
		return refuse("name-empty", "a name has at least one character")
	case !utf8.ValidString(name):
		return refuse("name-utf8", "names are valid UTF-8")
	case len(name) > maxNameBytes:
		return refuse("name-length", fmt.Sprintf("a path has at most %d bytes, this one has %d", maxNameBytes, len(name)))
	case strings.Count(name, "/") >= maxSegments:
		return refuse("name-depth", fmt.Sprintf("a path has at most %d segments, this one has %d", maxSegments, strings.Count(name, "/")+1))
	}
	for _, r := range name {
		switch {
		case r == '\\':
			return refuse("name-backslash", `segments are separated by "/"; a backslash is a separator on Windows`)
		case r == ':':
			return refuse("name-colon", "a colon names a drive or a stream on Windows; use another character")
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return refuse("name-control", fmt.Sprintf("names hold no control character, this one holds %U", r))
		}
	}
	for segment := range strings.SplitSeq(name, "/") {
		switch {
		case segment == "":
			return refuse("name-segment", `a name is relative and has no empty segment: no "/" at either end, no "//"`)
		case segment == "." || segment == "..":
			return refuse("name-segment", `no segment is "." or ".."`)
		case len(segment) > maxSegmentBytes:
			return refuse("name-length", fmt.Sprintf("a segment has at most %d bytes, this one has %d", maxSegmentBytes, len(segment)))
		case strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " "):
			return refuse("name-trailing", "Windows drops a dot or a space at the end of a name; end it with another character")
		case isWindowsDevice(segment):
			return refuse("name-device", fmt.Sprintf("%q is a device on Windows; rename it", segment))
		}
	}
	return nil
}

// isWindowsDevice reports whether Windows takes segment for a device, whatever
// its case and extension.
func isWindowsDevice(segment string) bool {
	stem, _, _ := strings.Cut(segment, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	digit, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		digit, ok = strings.CutPrefix(stem, "LPT")
	}
	// Windows counts the superscripts of Latin-1 as digits here.
	return ok && utf8.RuneCountInString(digit) == 1 && strings.Contains("0123456789¹²³", digit)
}

// NameSet collects the names of one archive and refuses a name that would fall
// together with an earlier one on some file system. The zero value is ready to
// use.
type NameSet struct {
	seen map[string]seenName // by folded path, directories included
}

type seenName struct {
	name string
	file bool
}

// Add checks name as [CheckName] does and adds it. It refuses, with a
// [*NameError], a name already added, one that differs from an added name or
// from one of its directories by case only, and a file that is also a
// directory.
func (s *NameSet) Add(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if s.seen == nil {
		s.seen = make(map[string]seenName)
	}
	for end, r := range name {
		if r == '/' {
			if err := s.add(name, name[:end], false); err != nil {
				return err
			}
		}
	}
	return s.add(name, name, true)
}

// add adds path, which is name or a directory that it lies in.
func (s *NameSet) add(name, path string, file bool) error {
	folded := foldCase(path)
	old, ok := s.seen[folded]
	switch {
	case !ok:
		s.seen[folded] = seenName{path, file}
	case old.name != path:
		return &NameError{name, "case-fold-twin", fmt.Sprintf("%q and %q are one name where case does not count; rename one", old.name, path)}
	case file && old.file:
		return &NameError{name, "name-twice", "the name appears twice; keep one"}
	case file != old.file:
		return &NameError{name, "name-file-and-directory", fmt.Sprintf("%q is both a file and a directory; rename one", path)}
	}
	return nil
}

// foldCase maps all runes of an orbit under Unicode simple case folding to the
// least of them.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}
