// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxHeadBytes bounds how much of each file advice looks at.
const maxHeadBytes = 64 << 10

// maxBinaryBytes is the size over which a binary file is worth a question.
// False positives: a skill that needs its model or its font. It is a warning.
const maxBinaryBytes = 5 << 20

// advise applies the rules whose findings are warnings.
func (s *scanner) advise(ctx context.Context) error {
	heads := map[string]headFacts{}
	if !s.large { // else nothing is read that need not be
		if err := s.adviseFiles(ctx, heads); err != nil {
			return err
		}
	}
	s.adviseJunk()
	s.adviseNames()
	s.adviseFields()
	if s.text != nil {
		return s.adviseBody(ctx, heads)
	}
	return nil
}

// adviseFiles reads the beginning of each file once.
func (s *scanner) adviseFiles(ctx context.Context, heads map[string]headFacts) error {
	buf := make([]byte, maxHeadBytes)
	for _, f := range s.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		head, ok := s.begins, true
		if s.skillMD == nil || f.name != s.skillMD.name || head == nil {
			if head, ok = s.readHead(f, buf); !ok {
				continue
			}
		}
		facts := factsOf(head)
		heads[f.name] = facts
		isSkillMD := s.skillMD != nil && f.name == s.skillMD.name
		if isSkillMD {
			s.adviseHiddenInSkillMD()
		}
		if facts.binary {
			if f.info.Size() > maxBinaryBytes {
				s.report("big-binary", f.name, fmt.Sprintf("it is a binary file of %d bytes", f.info.Size()), "let the skill fetch it when it is needed, or leave it out with a "+ignoreFileName)
			}
			continue
		}
		if !isSkillMD {
			s.adviseHiddenInFile(f.name, head)
		}
		s.adviseText(f.name, head, facts)
	}
	return nil
}

// readHead reads the beginning of a file into buf. Files that can't be read are
// refused.
func (s *scanner) readHead(f scannedFile, buf []byte) ([]byte, bool) {
	file, err := s.source.Open(f.name, f.info)
	if err == nil {
		defer file.Close()
		var n int
		n, err = io.ReadFull(file, buf)
		if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return buf[:n], true
		}
	}
	// Not every file system opens what it lists under a name that is none.
	if !s.found.refuses(f.name) && !s.misnamed[f.name] {
		s.reportUnreadable(f.name, err)
	}
	return nil, false
}

// headFacts describe the beginning of a file.
type headFacts struct {
	binary   bool // not text
	runnable bool // the system can start it: "#!" or machine code
}

func factsOf(head []byte) headFacts {
	return headFacts{
		binary:   bytes.IndexByte(head[:min(len(head), 8000)], 0) >= 0, // git's rule
		runnable: modeOf(head)&0o111 != 0,
	}
}

// junkNames are what tools leave behind. False positives: a skill whose very
// subject is one of them and that has an example directory of that name.
var junkNames = map[string]string{
	".git": "a git repository", ".hg": "a Mercurial repository", ".svn": "a Subversion directory",
	"node_modules": "a directory of installed packages", ".venv": "a virtual environment", "__pycache__": "a directory of compiled Python",
	".pytest_cache": "a cache of tests", ".mypy_cache": "a cache of types",
	".DS_Store": "a file of the macOS Finder", "__MACOSX": "a macOS archive's leftover", "Thumbs.db": "a cache of Windows", "desktop.ini": "a file of the Windows Explorer",
}

// adviseJunk reports each junk file or directory once.
func (s *scanner) adviseJunk() {
	seen := map[string]bool{}
	for _, f := range s.files {
		end := 0
		for segment := range strings.SplitSeq(f.name, "/") {
			end += len(segment)
			if what, ok := junkNames[segment]; ok {
				if name := f.name[:end]; !seen[name] {
					seen[name] = true
					s.report("junk", name, "it is "+what, fmt.Sprintf("leave it out: name it in %s", ignoreFileName))
				}
				break
			}
			end++ // the slash
		}
	}
}

// adviseNames reports names that Windows can't have. False positives: a skill
// that nobody uses there.
func (s *scanner) adviseNames() {
	for _, f := range s.files {
		if i := strings.IndexAny(f.name, `<>"|?*`); i >= 0 {
			s.report("windows-name", f.name, fmt.Sprintf("the name holds %q, which no name on Windows can hold", f.name[i]), "use another character")
		}
	}
	s.adviseHiddenNames()
}

// whenHint finds words that say when to use a skill. It takes many, so that
// what it does not find is seldom there, and some of other languages that have
// only ASCII letters. False positives: "Reviews contracts", which
// says what and lets the reader guess when; of 440 published skills 4 are such.
// False negatives: any description with "used" or "for" in it.
var whenHint = regexp.MustCompile(`(?i)\b(when|whenever|where|while|if|once|use|used|uses|using|useful|usage|invoke\w*|call|trigger\w*|activat\w*|apply|applies|before|after|during|asks?|asked|asking|wants?|needs?|needed|requires?|how to|for|wenn|falls|bei|beim|quand|lorsque?|pour|cuando|para|als|wanneer|quando|se|per|gdy|kiedy|kdy)\b`)

// adviseFields looks at the fields of the front matter.
func (s *scanner) adviseFields() {
	warnAt := func(key, rule, message, hint string) {
		at := s.meta.places[key]
		s.found.add(Diagnostic{Rule: rule, File: s.skillMD.name, Line: at.line, Column: at.column, Message: message, Hint: hint})
	}
	// Other scripts have other words; nothing is guessed about them.
	if d := s.meta.Description; strings.TrimSpace(d) != "" && isASCIIText(d) && !whenHint.MatchString(d) {
		warnAt("description", "description-when", "the description does not say when to use the skill", "agents choose by it: add, say, \"Use when the user asks for ...\"")
	}
	if name := licenseFile(s.meta.License); name != "" {
		if _, ok := s.paths().find(name); !ok {
			warnAt("license", "license-file", fmt.Sprintf("the licence names the file %s, which the skill does not have", name), "add the file, or write an SPDX identifier")
		}
	}
}

// licenseWord is a file of a licence's usual name in the text of the field.
var licenseWord = regexp.MustCompile(`\b(?:LICEN[CS]E|COPYING|NOTICE|license|licence)\.[A-Za-z]{2,4}\b|\b(?:[Ss]ee|[Ii]n|[Ff]ile)\s+(?:LICEN[CS]E|COPYING|NOTICE)(?:\.[A-Za-z]{2,4})?\b`)

// licenseFile returns the file that the field license names, or "". An
// identifier such as MIT names none: the text of the licence often stands
// elsewhere in the repository. False positives: a URL is taken out first; none
// known besides.
func licenseFile(license string) string {
	if strings.Contains(license, "://") {
		return ""
	}
	fields := strings.Fields(licenseWord.FindString(license))
	if len(fields) == 0 {
		return ""
	}
	return fields[len(fields)-1]
}

func isASCIIText(s string) bool {
	for i := range len(s) {
		// Typographic quotes and dashes are still English.
		if s[i] >= utf8.RuneSelf && s[i] != 0xe2 && s[i]&0xc0 != 0x80 {
			return false
		}
	}
	return true
}

// join returns the cleaned path of target seen from the root, and whether it
// stays inside.
func join(target string) (string, bool) {
	name := path.Clean(target)
	return name, name != ".." && !strings.HasPrefix(name, "../")
}
