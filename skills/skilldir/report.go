// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/bounds"
	"github.com/skillcask/skillcask/skills/internal/oci"
)

// report adds a finding about a whole file.
func (s *scanner) report(rule, file, message, hint string) {
	s.found.add(Diagnostic{Rule: rule, File: file, Message: message, Hint: hint})
}

// reportFull adds the finding that there is too much of something. It is the
// only one of such a walk: what else it met depends on the order in which the
// file system lists.
func (s *scanner) reportFull(message, hint string) error {
	s.found.clear()
	s.report("file-count", ".", s.source.Label+" has "+message, hint)
	return errFull
}

// ignoreFile names the file that leaves others out, for hints.
func (s *scanner) ignoreFile() string {
	if s.exact {
		return ignoreFileName + ", without ExactFiles (--exact)"
	}
	return ignoreFileName
}

// reportKind reports an entry that is no regular file.
func (s *scanner) reportKind(name string, mode fs.FileMode) {
	rule, mend := "special-file", "remove it"
	if mode&fs.ModeSymlink != 0 {
		rule, mend = "symlink", "replace it by a copy of what it leads to"
	}
	if name != SkillFileName && name != ignoreFileName { // these can't be left out
		mend += ", or name it in " + s.ignoreFile()
	}
	s.report(rule, name, "it is "+atomicfile.FileKind(mode), "a skill holds regular files only: "+mend)
}

// reportUnreadable refuses a file or directory that can't be read or that changes.
func (s *scanner) reportUnreadable(name string, err error) {
	if errors.Is(err, reproducible.ErrFileChanged) {
		s.report("file-changed", name, err.Error(), "run this when nothing writes to the directory")
		return
	}
	s.report("file-unreadable", name, fmt.Sprintf("it can't be read: %v", atomicfile.WithoutPath(err)), "make it readable, or leave it out with a "+s.ignoreFile())
}

// reportName refuses a file for what reproducible says of its name.
func (s *scanner) reportName(name string, err error) {
	var nerr *reproducible.NameError
	if !errors.As(err, &nerr) {
		s.reportUnreadable(name, errors.New("its name is invalid"))
		return
	}
	rule, ok := nameRules[nerr.Rule]
	if !ok {
		rule = nerr.Rule
	}
	s.report(rule, name, fmt.Sprintf("the file name %s is not portable: %s", quoteName(name), nerr.Problem), nerr.Want)
}

// nameRules are the rules that package reproducible calls otherwise than this
// one, which has rules about the skill's name too.
var nameRules = map[string]string{
	"name-empty":     "file-name-segment",
	"name-utf8":      "file-name-utf8",
	"name-length":    "file-name-length",
	"name-depth":     "tree-depth",
	"name-backslash": "file-name-backslash",
	"name-colon":     "file-name-colon",
	"name-control":   "file-name-control",
	"name-segment":   "file-name-segment",
	"name-trailing":  "file-name-trailing",
	"name-device":    "file-name-device",
	"name-twice":     "file-name-twice",
}

// quoteName quotes a file's name, shortened.
func quoteName(name string) string {
	const most = 100
	if len(name) > most {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(name[:most], ""))
	}
	return fmt.Sprintf("%q", name)
}

// checkSize adds up what the files say of their sizes; none is read.
func (s *scanner) checkSize() {
	var total int64
	var largest scannedFile
	for _, f := range s.files {
		size := max(0, f.info.Size())
		total = bounds.Add(total, size)
		if largest.info == nil || size > largest.info.Size() {
			largest = f
		}
	}
	if s.large = total > s.limits.Bytes; s.large {
		s.report("skill-size", largest.name,
			fmt.Sprintf("the files of the skill have %d bytes in all, this one %d bytes of them", total, largest.info.Size()),
			fmt.Sprintf("at most %d bytes are allowed; leave some files out with a %s or raise the limit", s.limits.Bytes, s.ignoreFile()))
	}
}

// checkLabels looks whether registries take the image configuration.
func (s *scanner) checkLabels() {
	// The rest of the configuration and the manifest is small; packing checks
	// the exact size of each.
	const rest = 64 << 10
	size := rest
	fm := s.meta
	for _, value := range []string{fm.Name, fm.Description, fm.Version, fm.License, fm.Compatibility,
		oci.JSONText(s.listed), oci.JSONText(fm.AllowedTools), oci.JSONText(fm.Metadata)} {
		size += len(oci.JSONText(value))
	}
	if size > oci.MaxMetadataBytes {
		s.report("labels-size", ".", fmt.Sprintf("the names of the %d files and the metadata would make an image configuration of more than %d bytes", len(s.listed), oci.MaxMetadataBytes),
			fmt.Sprintf("use fewer or shorter file names, or less metadata in %s", SkillFileName))
	}
}
