// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Characters that can't be seen and that a model reads all the same. Most have
// a use: what they do for a script or an emoji is no finding, and neither is one
// that text leaves behind when it is copied, as long as it can hide no message.

// hiddenKind says how a character hides.
type hiddenKind int

const (
	hiddenTag hiddenKind = iota
	hiddenBidi
	hiddenZeroWidth
	hiddenSelector
	hiddenKinds // how many there are
)

// hidden is what one line hides of one kind.
type hidden struct {
	kind         hiddenKind
	line, column int
	first        rune
	count        int
	spells       string // what tag characters spell
}

// maxSpelled bounds what is kept of a text in tag characters.
const maxSpelled = 100

// hiddenClass classifies the characters that can't be seen.
type hiddenClass int

const (
	seen                hiddenClass = iota
	classTag                        // copies of ASCII, for flags
	classOverride                   // U+202D and U+202E
	classBidi                       // other controls of direction that are closed
	classMark                       // marks of direction
	classSoftHyphen                 // U+00AD
	classJoiner                     // U+200C and U+200D
	classSpace                      // U+200B
	classGraphemeJoiner             // U+034F
	classJamo                       // fillers of Hangul syllables
	classKhmer                      // vowels of Khmer that are not written
	classMongolian                  // separator and selectors of Mongolian
	classSelector                   // U+FE00 to U+FE0F
	classIdeographic                // U+E0100 to U+E01EF
	classOther                      // what plain text has no use for
)

// classOf returns the class of r. The characters are those of Unicode's
// Default_Ignorable_Code_Point, and those for interlinear annotations.
func classOf(r rune) hiddenClass {
	switch {
	case r < 0xad:
		return seen
	case r == 0xad:
		return classSoftHyphen
	case r == 0x34f:
		return classGraphemeJoiner
	case r == 0x61c || r == 0x200e || r == 0x200f:
		return classMark
	case r == 0x115f || r == 0x1160:
		return classJamo
	case r == 0x17b4 || r == 0x17b5:
		return classKhmer
	case 0x180b <= r && r <= 0x180f:
		return classMongolian
	case r == 0x200b:
		return classSpace
	case r == 0x200c || r == 0x200d:
		return classJoiner
	case r == 0x202d || r == 0x202e:
		return classOverride
	case 0x202a <= r && r <= 0x202c || 0x2066 <= r && r <= 0x2069:
		return classBidi
	case 0xfe00 <= r && r <= 0xfe0f:
		return classSelector
	case 0xe0100 <= r && r <= 0xe01ef:
		return classIdeographic
	case 0xe0000 <= r && r <= 0xe0fff:
		return classTag
	case 0x2060 <= r && r <= 0x206f, r == 0x3164, r == 0xfeff, r == 0xffa0, 0xfff0 <= r && r <= 0xfffb,
		0x1bca0 <= r && r <= 0x1bca3, 0x1d173 <= r && r <= 0x1d17a:
		return classOther
	}
	return seen
}

// kind returns the kind of finding that a character of the class is.
func (c hiddenClass) kind() hiddenKind {
	switch c {
	case classTag:
		return hiddenTag
	case classOverride, classBidi:
		return hiddenBidi
	case classSelector, classIdeographic:
		return hiddenSelector
	}
	return hiddenZeroWidth
}

// mayHide reports whether text has characters of these classes, found by the
// first bytes of their UTF-8. Most text has none and is passed in one quick look.
func mayHide(text []byte) bool {
	for i := 0; i < len(text); {
		if len(text)-i >= 8 && binary.LittleEndian.Uint64(text[i:])&0x8080808080808080 == 0 {
			i += 8
			continue
		}
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			continue
		}
		switch c {
		case 0xc2, 0xcd, 0xd8, 0xe1, 0xe2, 0xe3, 0xef, 0xf0, 0xf3:
			r, size := utf8.DecodeRune(text[i:])
			if classOf(r) != seen {
				return true
			}
			i += size
		default:
			i++
		}
	}
	return false
}

// findHidden calls report for each line and kind in the order of lines, the
// first line having the number line. name says that text is a file's name, in
// which less has a use.
func findHidden(text []byte, line int, name bool, report func(hidden)) {
	if !mayHide(text) {
		return
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	rtl := bytes.ContainsFunc(text, isRightToLeft)
	var runes []rune // of one line
	for content := range bytes.Lines(text) {
		if mayHide(content) {
			runes = runes[:0]
			for len(content) > 0 {
				r, size := utf8.DecodeRune(content)
				runes, content = append(runes, r), content[size:]
			}
			for _, h := range (hiddenText{runes, rtl, name}).find() {
				if h.count > 0 {
					h.line = line
					report(h)
				}
			}
		}
		line++
	}
}

// hiddenText is a line, or a name, to be judged.
type hiddenText struct {
	runes []rune
	rtl   bool // letters of a script from right to left stand somewhere
	name  bool
}

// find returns what the line hides of each kind.
func (t hiddenText) find() (found [hiddenKinds]hidden) {
	var closed map[int]bool
	for i := 0; i < len(t.runes); i++ {
		r := t.runes[i]
		if r == blackFlag {
			i += flagLength(t.runes[i+1:])
			continue
		}
		class := classOf(r)
		switch class {
		case seen:
			continue
		case classBidi:
			if closed == nil {
				closed = t.closedControls()
			}
			if closed[i] {
				continue
			}
		default:
			if t.hasUse(i, class) {
				continue
			}
		}
		h := &found[class.kind()]
		if h.count++; h.count == 1 {
			h.kind, h.column, h.first = class.kind(), i+1, r
		}
		if ascii := r - 0xe0000; class == classTag && ' ' <= ascii && ascii <= '~' && len(h.spells) < maxSpelled {
			h.spells += string(ascii)
		}
	}
	return found
}

// at returns the character at i, 0 beyond the ends.
func (t hiddenText) at(i int) rune {
	if i < 0 || i >= len(t.runes) {
		return 0
	}
	return t.runes[i]
}

// hasUse reports whether the character at i does what it is for.
func (t hiddenText) hasUse(i int, class hiddenClass) bool {
	before, after := t.at(i-1), t.at(i+1)
	beside := func(is func(rune) bool) bool { return is(before) || is(after) }
	switch class {
	case classMark:
		// Between two letters of ASCII, or in a row, it turns nothing.
		return t.rtl && !(isASCIIWord(before) && isASCIIWord(after)) && (classOf(before) != classMark || classOf(after) != classMark)
	case classSoftHyphen:
		return !t.name && classOf(before) == seen && classOf(after) == seen
	case classJoiner:
		return beside(joinsLetters) || t.at(i) == 0x200d && t.joinsEmoji(i)
	case classSpace:
		return beside(hasNoSpaces)
	case classGraphemeJoiner:
		return beside(func(r rune) bool { return unicode.Is(unicode.M, r) && classOf(r) == seen })
	case classJamo:
		return beside(func(r rune) bool {
			return (0x1100 <= r && r <= 0x11ff || 0xa960 <= r && r <= 0xa97c || 0xd7b0 <= r && r <= 0xd7fb) && classOf(r) == seen
		})
	case classKhmer:
		return unicode.Is(unicode.Khmer, before) && classOf(before) == seen
	case classMongolian:
		return beside(func(r rune) bool { return unicode.Is(unicode.Mongolian, r) && classOf(r) == seen })
	case classIdeographic:
		return unicode.Is(unicode.Han, before)
	case classSelector:
		return selects(before, t.at(i))
	}
	return false
}

// selects reports whether selector chooses a form of the character before it.
// One that an emoji left behind hides nothing.
func selects(before, selector rune) bool {
	switch {
	case classOf(before) != seen || isASCIIWord(before) && !(selector == 0xfe00 && before == '0') && !('0' <= before && before <= '9' && selector >= 0xfe0e):
		return false
	case selector >= 0xfe0e: // as text, as an emoji
		return isPicture(before) || !unicode.IsLetter(before)
	}
	return before > unicode.MaxASCII && !isEmoji(before) || before == '0'
}

// closedControls returns the places of the controls that open and are closed in
// the line, as right-to-left text is embedded in other text. In a line without
// such text they can but mislead.
func (t hiddenText) closedControls() map[int]bool {
	closed := map[int]bool{}
	if !slices.ContainsFunc(t.runes, isRightToLeft) {
		return closed
	}
	var open []int
	for i, r := range t.runes {
		switch {
		case 0x202a <= r && r <= 0x202e && r != 0x202c, 0x2066 <= r && r <= 0x2068:
			open = append(open, i)
		case r == 0x202c || r == 0x2069:
			if len(open) == 0 {
				continue
			}
			last := open[len(open)-1]
			isolate := t.runes[last] >= 0x2066
			if isolate != (r == 0x2069) {
				continue
			}
			open = open[:len(open)-1]
			if classOf(t.runes[last]) != classOverride {
				closed[last], closed[i] = true, true
			}
		}
	}
	return closed
}

// joinsEmoji reports whether the joiner at i makes one emoji of two.
func (t hiddenText) joinsEmoji(i int) bool {
	before := i - 1
	if t.at(before) == 0xfe0f {
		before--
	}
	if isSkinTone(t.at(before)) {
		before--
	}
	return isPicture(t.at(before)) && isPicture(t.at(i+1))
}

const blackFlag = 0x1f3f4

// flags are the regions whose flags are a black flag and tags (Unicode's
// emoji-tag-sequences.txt). With other tags it is shown as a black flag.
var flags = [][]rune{[]rune("gbeng"), []rune("gbsct"), []rune("gbwls")}

// flagLength returns how many of the characters after a black flag are tags
// that make it that of a region.
func flagLength(tags []rune) int {
	for _, region := range flags {
		n := len(region)
		if len(tags) > n && tags[n] == 0xe007f && slices.EqualFunc(region, tags[:n], func(letter, tag rune) bool { return tag == letter+0xe0000 }) {
			return n + 1
		}
	}
	return 0
}

func isASCIIWord(r rune) bool { return r < utf8.RuneSelf && isWord(byte(r)) }

func isSkinTone(r rune) bool { return 0x1f3fb <= r && r <= 0x1f3ff }

func isEmoji(r rune) bool { return 0x1f000 <= r && r <= 0x1faff }

// isPicture reports whether r may be an emoji, alone or with a selector.
func isPicture(r rune) bool {
	return isEmoji(r) && !isSkinTone(r) || unicode.Is(pictures, r)
}

// pictures are the symbols some of which are emoji.
var pictures = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0xa9, 0xae, 5}, {0x203c, 0x2049, 0xd}, {0x2122, 0x2139, 0x17}, {0x2190, 0x21ff, 1}, {0x2300, 0x23ff, 1}, {0x24c2, 0x24c2, 1},
		{0x25a0, 0x27bf, 1}, {0x2900, 0x297f, 1}, {0x2b00, 0x2bff, 1}, {0x3030, 0x303d, 0xd}, {0x3297, 0x3299, 2},
	},
	LatinOffset: 1,
}

// isRightToLeft reports whether r is a letter in one of the blocks that Unicode
// keeps for scripts from right to left (DerivedBidiClass.txt).
func isRightToLeft(r rune) bool {
	return (0x590 <= r && r <= 0x8ff || 0xfb1d <= r && r <= 0xfdff || 0xfe70 <= r && r <= 0xfefe || 0x10800 <= r && r <= 0x10fff || 0x1e800 <= r && r <= 0x1efff) && unicode.IsLetter(r)
}

// joinsLetters reports whether r is of a script whose letters change their form
// with a joiner or a non-joiner beside them.
func joinsLetters(r rune) bool {
	return r > 0x590 && classOf(r) == seen && unicode.In(r, joiningScripts...)
}

var joiningScripts = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian, unicode.Phags_Pa, unicode.Adlam, unicode.Hanifi_Rohingya,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada,
	unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Balinese, unicode.Javanese, unicode.Sundanese,
	unicode.Lepcha, unicode.Limbu, unicode.Meetei_Mayek, unicode.Saurashtra, unicode.Grantha, unicode.Brahmi, unicode.Kaithi, unicode.Chakma,
	unicode.Newa, unicode.Tirhuta, unicode.Siddham, unicode.Modi, unicode.Sharada, unicode.Khojki, unicode.Khudawadi, unicode.Takri,
}

// hasNoSpaces reports whether r is of a script that writes no spaces between
// words, where one of no width says where a line may break.
func hasNoSpaces(r rune) bool {
	return r > 0xe00 && classOf(r) == seen && unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
		unicode.Javanese, unicode.Balinese, unicode.Tai_Le, unicode.New_Tai_Lue, unicode.Tai_Tham, unicode.Tai_Viet, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// withoutHidden returns name without characters that can't be seen.
func withoutHidden(name string) string {
	var b []rune
	for _, r := range name {
		if classOf(r) == seen {
			b = append(b, r)
		}
	}
	return string(b)
}
