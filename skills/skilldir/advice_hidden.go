// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// maxHiddenLines bounds how many lines of one text get a finding of a rule. No
// more would be listed; the others are counted.
const maxHiddenLines = maxPerRule

// hiddenRules are the rules for text, by kind.
var hiddenRules = [hiddenKinds]string{"hidden-tag-characters", "hidden-bidi", "hidden-zero-width", "hidden-variation-selectors"}

// adviseHidden looks for text that can't be seen. False positives: a file whose
// subject such characters are, such as a test of a parser; what an editor or a
// web page left behind, which no one misses.
func (s *scanner) adviseHidden(name string, text []byte, line int) (found [hiddenKinds]bool) {
	var lines [hiddenKinds]int
	findHidden(text, line, false, func(h hidden) {
		found[h.kind] = true
		if lines[h.kind]++; lines[h.kind] > maxHiddenLines {
			s.found.count(hiddenRules[h.kind], 1)
			return
		}
		message, hint := h.describe()
		s.found.add(Diagnostic{Rule: hiddenRules[h.kind], File: name, Line: h.line, Column: h.column, Message: message, Hint: hint})
	})
	return found
}

// adviseHiddenInFile looks at the beginning of a text file.
func (s *scanner) adviseHiddenInFile(name string, head []byte) {
	s.adviseHidden(name, unbroken(head, maxHeadBytes), 1)
}

// adviseHiddenInSkillMD looks at SKILL.md, further than at other files: it is
// what a model reads first. A zero byte, which makes other files binary, does
// not change that.
func (s *scanner) adviseHiddenInSkillMD() {
	if s.text == nil {
		s.adviseHiddenInFile(s.skillMD.name, s.begins)
		return
	}
	inBlock := s.adviseHidden(s.skillMD.name, s.text.block, 2)
	s.adviseHiddenFields(inBlock)
	s.adviseHidden(s.skillMD.name, unbroken(s.text.body, maxBodyBytes), s.text.bodyLine)
}

// adviseHiddenFields looks for what the front matter writes as escapes: a
// person sees those, but not what agents and registries are given.
func (s *scanner) adviseHiddenFields(inBlock [hiddenKinds]bool) {
	fields := []struct{ key, value string }{
		{"description", s.meta.Description}, {"license", s.meta.License}, {"compatibility", s.meta.Compatibility},
		{"version", s.meta.Version}, {"allowed-tools", strings.Join(s.meta.AllowedTools, "\n")},
	}
	metadata := ""
	for _, key := range slices.Sorted(maps.Keys(s.meta.Metadata)) {
		metadata += key + "\n" + s.meta.Metadata[key] + "\n"
	}
	fields = append(fields, struct{ key, value string }{"metadata", metadata})
	for _, field := range fields {
		at, ok := s.meta.places[field.key]
		if !ok {
			continue // version may come from metadata
		}
		reported := inBlock
		findHidden([]byte(field.value), 1, false, func(h hidden) {
			if reported[h.kind] {
				return
			}
			reported[h.kind] = true
			message, hint := h.describe()
			s.found.add(Diagnostic{Rule: hiddenRules[h.kind], File: s.skillMD.name, Line: at.line, Column: at.column,
				Message: fmt.Sprintf("%s holds an escape: %s", field.key, message), Hint: hint})
		})
	}
}

// maxSequence is more bytes than an emoji has that is made of others.
const maxSequence = 64

// unbroken drops what a limit may have cut in two at the end of text: what
// follows a character decides what it is for.
func unbroken(text []byte, limit int) []byte {
	if len(text) < limit {
		return text
	}
	kept := bytes.TrimRightFunc(text, func(r rune) bool { return r == utf8.RuneError || classOf(r) != seen || isPicture(r) || isSkinTone(r) })
	return text[:max(len(kept), len(text)-maxSequence)]
}

// describe returns the message of a finding and its hint.
func (h hidden) describe() (message, hint string) {
	more := ""
	if h.count > 1 {
		more = fmt.Sprintf(" (and %d more in this line)", h.count-1)
	}
	name := characterName(h.first)
	switch h.kind {
	case hiddenTag:
		if h.spells != "" {
			more += fmt.Sprintf("; they spell %q", oci.Excerpt(h.spells))
		}
		return fmt.Sprintf("the tag character %s can't be seen, but is read by models%s", name, more), "take such characters out; only the flags of England, Scotland and Wales need them"
	case hiddenBidi:
		return fmt.Sprintf("%s can show text in another order than it is read%s", name, more), "take it out; where it is data, write it as an escape"
	case hiddenSelector:
		return fmt.Sprintf("the variation selector %s selects nothing and can't be seen%s", name, more), "take such characters out; a series of them can spell a text"
	}
	return fmt.Sprintf("%s can't be seen%s", name, more), "take it out; where it is data, write it as an escape"
}

// characterNames are those of Unicode that say more than a number.
var characterNames = map[rune]string{
	0xad: "SOFT HYPHEN", 0x34f: "COMBINING GRAPHEME JOINER", 0x61c: "ARABIC LETTER MARK", 0x3164: "HANGUL FILLER", 0x180e: "MONGOLIAN VOWEL SEPARATOR",
	0x200b: "ZERO WIDTH SPACE", 0x200c: "ZERO WIDTH NON-JOINER", 0x200d: "ZERO WIDTH JOINER", 0x200e: "LEFT-TO-RIGHT MARK", 0x200f: "RIGHT-TO-LEFT MARK",
	0x202a: "LEFT-TO-RIGHT EMBEDDING", 0x202b: "RIGHT-TO-LEFT EMBEDDING", 0x202c: "POP DIRECTIONAL FORMATTING", 0x202d: "LEFT-TO-RIGHT OVERRIDE", 0x202e: "RIGHT-TO-LEFT OVERRIDE",
	0x2060: "WORD JOINER", 0x2061: "FUNCTION APPLICATION", 0x2062: "INVISIBLE TIMES", 0x2063: "INVISIBLE SEPARATOR", 0x2064: "INVISIBLE PLUS",
	0x2066: "LEFT-TO-RIGHT ISOLATE", 0x2067: "RIGHT-TO-LEFT ISOLATE", 0x2068: "FIRST STRONG ISOLATE", 0x2069: "POP DIRECTIONAL ISOLATE", 0xfeff: "ZERO WIDTH NO-BREAK SPACE",
}

// characterName returns the number of a character and, of some, the name.
func characterName(r rune) string {
	if name := characterNames[r]; name != "" {
		return fmt.Sprintf("%U %s", r, name)
	}
	return fmt.Sprintf("%U", r)
}

// adviseHiddenNames looks for names that hold what can't be seen, and for two
// that differ by that alone. False positives: two names of which one has the
// selector that makes a symbol an emoji.
func (s *scanner) adviseHiddenNames() {
	if !s.anyHiddenName() {
		return
	}
	looks := map[string]string{} // the name for what is seen of a path
	s.eachPath(func(name, look string) {
		if _, ok := looks[look]; !ok || look == name {
			looks[look] = name
		}
	})
	s.eachPath(func(name, look string) {
		segment := path.Base(name)
		if other := looks[look]; other != name {
			s.report("file-name-hidden", name, fmt.Sprintf("the names %s and %s differ only by characters that can't be seen", quoteASCII(path.Base(other)), quoteASCII(path.Base(name))), "rename one or remove it")
			return
		}
		reported := false
		findHidden([]byte(segment), 1, true, func(h hidden) {
			if !reported {
				reported = true
				s.report("file-name-hidden", name, fmt.Sprintf("the name %s holds %s, which can't be seen", quoteASCII(segment), characterName(h.first)), "rename it")
			}
		})
	})
}

// quoteASCII quotes a segment of a path so that all of its characters can be
// told apart, shortened.
func quoteASCII(segment string) string {
	const most = 100
	if runes := []rune(segment); len(runes) > most {
		return fmt.Sprintf("%+q…", string(runes[:most]))
	}
	return fmt.Sprintf("%+q", segment)
}

func (s *scanner) anyHiddenName() bool {
	for _, f := range s.files {
		if mayHide([]byte(f.name)) {
			return true
		}
	}
	return false
}

// eachPath calls f for each file and directory once, with its name and with
// what is seen of its last segment in the same place.
func (s *scanner) eachPath(f func(name, look string)) {
	done := map[string]bool{}
	for _, file := range s.files {
		for end := 0; end < len(file.name); {
			start := end
			if next := strings.IndexByte(file.name[start:], '/'); next >= 0 {
				end = start + next
			} else {
				end = len(file.name)
			}
			if name := file.name[:end]; !done[name] && utf8.ValidString(name) {
				done[name] = true
				f(name, file.name[:start]+withoutHidden(file.name[start:end]))
			}
			end++ // the slash
		}
	}
}
