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
	Name    string // the name refused
	Rule    string // which rule, a stable identifier such as "name-backslash"
	Problem string // what is wrong
	Want    string // what would be right
}

// Error names the file, what is wrong and what would be right.
func (e *NameError) Error() string {
	return fmt.Sprintf("%v %q: %s; %s", ErrName, e.Name, e.Problem, e.Want)
}

// Unwrap returns [ErrName].
func (e *NameError) Unwrap() error { return ErrName }

// CheckName reports whether name can be the path of a file in an archive that
// means the same on every operating system. Such a name is a
// relative path with "/" between its segments. It is valid UTF-8 of at most
// 4,096 bytes, in at most 100 segments of at most 255 bytes each. No segment is
// empty, "." or "..", ends with a dot or a space, or is a name that Windows
// reserves for a device, and none holds a control character, a backslash or a
// colon. The error is a [*NameError].
//
// Names with < > " | ? * pass, although Windows makes no file of such a name:
// they mislead nobody, and format 1 has written them.
func CheckName(name string) error {
	refuse := func(rule, problem, want string) error {
		return &NameError{Name: name, Rule: rule, Problem: problem, Want: want}
	}
	depth := strings.Count(name, "/") + 1
	switch {
	case name == "":
		return refuse("name-empty", "the name is empty", "a name has at least one character")
	case !utf8.ValidString(name):
		return refuse("name-utf8", "the name is not UTF-8", "rename it in UTF-8")
	case len(name) > maxNameBytes:
		return refuse("name-length", fmt.Sprintf("the path has %d bytes", len(name)), fmt.Sprintf("at most %d are allowed", maxNameBytes))
	case depth > maxSegments:
		return refuse("name-depth", fmt.Sprintf("the path has %d segments", depth), fmt.Sprintf("at most %d are allowed; nest less", maxSegments))
	}
	for _, r := range name {
		switch {
		case r == '\\':
			return refuse("name-backslash", "the name holds a backslash, which Windows takes for a separator", `separate segments by "/" or use another character`)
		case r == ':':
			return refuse("name-colon", "the name holds a colon, which on Windows ends a drive or begins a stream", "use another character")
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return refuse("name-control", fmt.Sprintf("the name holds the control character %U", r), "take it out")
		}
	}
	for segment := range strings.SplitSeq(name, "/") {
		switch {
		case segment == "":
			return refuse("name-segment", "the path is absolute or has an empty segment", `no "/" stands at either end and no two together`)
		case segment == "." || segment == "..":
			return refuse("name-segment", fmt.Sprintf("the path has a segment %q", segment), "write the path without it")
		case len(segment) > maxSegmentBytes:
			return refuse("name-length", fmt.Sprintf("a segment of the path has %d bytes", len(segment)), fmt.Sprintf("at most %d are allowed", maxSegmentBytes))
		case strings.HasSuffix(segment, "."):
			return refuse("name-trailing", fmt.Sprintf("%q ends with a dot, which Windows drops", segment), "end it with another character")
		case strings.HasSuffix(segment, " "):
			return refuse("name-trailing", fmt.Sprintf("%q ends with a space, which Windows drops", segment), "end it with another character")
		case isWindowsDevice(segment):
			return refuse("name-device", fmt.Sprintf("%q is a device on Windows", segment), "rename it")
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
	root nameNode
}

// nameNode is a file or a directory. Names share their directories' nodes, so
// that long names cost what is new in them.
type nameNode struct {
	path     string // as it was first spelt
	file     bool
	children map[string]*nameNode // by folded segment
}

// Add checks name as [CheckName] does and adds it. It refuses, with a
// [*NameError], a name already added, one that differs from an added name or
// from one of its directories only by case or by the form of its accents
// (Unicode's full case folding and canonical equivalence), and a file that is
// also a directory.
func (s *NameSet) Add(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	node := &s.root
	for start := 0; start < len(name); {
		end, file := len(name), true
		if i := strings.IndexByte(name[start:], '/'); i >= 0 {
			end, file = start+i, false
		}
		child, err := node.child(name, name[:end], name[start:end], file)
		if err != nil {
			return err
		}
		node, start = child, end+1
	}
	return nil
}

// child returns the node below n for path, which is name or a directory that it
// lies in and ends with segment.
func (n *nameNode) child(name, path, segment string, file bool) (*nameNode, error) {
	folded := foldName(segment)
	old, ok := n.children[folded]
	switch {
	case !ok:
		if n.children == nil {
			n.children = make(map[string]*nameNode)
		}
		old = &nameNode{path: path, file: file}
		n.children[folded] = old
	case old.path != path:
		if e := readEquivalence(); e.decompose(old.path) == e.decompose(path) {
			return nil, &NameError{name, "normalization-twin",
				fmt.Sprintf("%+q and %+q look the same and are one name on macOS", old.path, path), "rename one or remove it"}
		}
		return nil, &NameError{name, "case-fold-twin",
			fmt.Sprintf("%q and %q are one name where case does not count", old.path, path), "rename one"}
	case file && old.file:
		return nil, &NameError{name, "name-twice", "the name appears twice", "keep one"}
	case file != old.file:
		return nil, &NameError{name, "file-and-directory", fmt.Sprintf("%q is both a file and a directory", path), "rename one"}
	}
	return old, nil
}
