// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// readSkillMD finds, reads and judges SKILL.md.
func (s *scanner) readSkillMD(withBody bool) {
	s.findSkillMD()
	if s.skillMD == nil {
		return
	}
	for _, f := range s.files {
		s.listed = append(s.listed, f.name)
	}
	f, err := s.source.Open(s.skillMD.name, s.skillMD.info)
	if err != nil {
		s.reportUnreadable(s.skillMD.name, err)
		return
	}
	defer f.Close()
	var r io.Reader = f
	if withBody {
		// Advice looks at the beginning too; the file is read once.
		if s.begins, err = io.ReadAll(io.LimitReader(f, maxHeadBytes)); err != nil {
			s.reportUnreadable(s.skillMD.name, err)
			return
		}
		r = io.MultiReader(bytes.NewReader(s.begins), f)
	}
	text, wrong, err := readSkillText(r, withBody)
	if err != nil {
		s.reportUnreadable(s.skillMD.name, err)
		return
	}
	// Findings are about the file as it is called.
	s.found.skillMD = s.skillMD.name
	defer func() { s.found.skillMD = "" }()
	if wrong != nil {
		s.found.add(*wrong)
		return
	}
	s.text, s.head = text, text.head
	s.meta = s.found.parseText(text)
	s.checkDirectory()
}

// parseText reads the front matter of a SKILL.md, and adds the findings about it.
func (f *findings) parseText(text *skillText) *frontmatter {
	if text.mark {
		f.add(Diagnostic{Rule: "byte-order-mark", File: SkillFileName, Line: 1, Column: 1,
			Message: "the file begins with a byte order mark", Hint: "save it as UTF-8 without one"})
	}
	f.checkToolHiveText(text)
	return parseFrontmatter(text.block, f)
}

// ParseSkillMD reads the front matter of a SKILL.md, and returns the findings of
// [ProfileOCI] about it, sorted by place. It reads little more than the front matter,
// which may have [MaxFrontmatterBytes]. If the fences are wrong the front matter is nil
// and there is one finding. The error is that of r.
func ParseSkillMD(r io.Reader) (*Frontmatter, []Diagnostic, error) {
	text, wrong, err := readSkillText(r, false)
	if err != nil {
		return nil, nil, err
	}
	found := findings{profile: ProfileOCI}
	if wrong != nil {
		found.add(*wrong)
		return nil, found.sorted(), nil
	}
	fm := found.parseText(text)
	return &fm.Frontmatter, found.sorted(), nil
}

// fallbackName is what the reference library takes if there is no SKILL.md.
const fallbackName = "skill.md"

// findSkillMD looks for SKILL.md among the files.
func (s *scanner) findSkillMD() {
	var other *scannedFile
	for i, f := range s.files {
		switch {
		case f.name == SkillFileName:
			s.skillMD = &s.files[i]
			return
		case strings.EqualFold(f.name, SkillFileName):
			other = &s.files[i]
		}
	}
	if s.found.profile == ProfileAgentSkills {
		for i, f := range s.files {
			if f.name == fallbackName {
				s.skillMD = &s.files[i]
				return
			}
		}
	} else if s.found.refuses(SkillFileName) {
		return // it is there, but a symbolic link or a device
	}
	hint := "add one at its root"
	if other != nil {
		hint = fmt.Sprintf("rename %s to %s", other.name, SkillFileName)
	}
	s.report("skill-md-missing", ".", fmt.Sprintf("%s has no file %s", s.source.Label, SkillFileName), hint)
}

// onlySkillMD judges SKILL.md after a walk that ended at a limit: how many
// other files there are must not hide what is wrong with it.
func (s *scanner) onlySkillMD(withBody bool) {
	s.files = nil
	for _, name := range []string{SkillFileName, fallbackName} {
		if s.files != nil {
			break
		}
		info, err := fs.Lstat(s.source.FS, name)
		switch {
		case err == nil && info.Mode().IsRegular():
			s.files = []scannedFile{{name, info}}
		case name == fallbackName || errors.Is(err, fs.ErrNotExist):
		case err != nil:
			s.reportUnreadable(name, err)
		case !info.IsDir():
			s.reportKind(name, info.Mode())
		}
	}
	s.readSkillMD(withBody)
}

// checkDirectory compares the name with the directory's.
func (s *scanner) checkDirectory() {
	dir, name := s.source.Name, s.meta.Name
	if s.found.profile == ProfileAgentSkills {
		dir = norm.NFKC.String(dir)
	}
	at, ok := s.meta.places["name"]
	if dir == "" || name == "" || name == dir || !ok {
		return
	}
	form := "the name %q differs from the directory's, %q"
	if norm.NFC.String(withoutHidden(name)) == norm.NFC.String(withoutHidden(dir)) {
		form = "the name %+q differs from the directory's, %+q, though both look the same"
	}
	s.found.add(Diagnostic{Rule: "name-directory", File: SkillFileName, Line: at.line, Column: at.column,
		Message: fmt.Sprintf(form, oci.Excerpt(name), oci.Excerpt(dir)), Hint: "rename the directory, or write its name here"})
}
