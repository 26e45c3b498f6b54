// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// hiddenIn returns what is found in text by kind: how many characters.
func hiddenIn(text string, name bool) (counts [hiddenKinds]int) {
	findHidden([]byte(text), 1, name, func(h hidden) { counts[h.kind] += h.count })
	return counts
}

// TestHiddenTextIsFound has what hides something, alone and in the ways in
// which text was hidden from reviewers and users of models.
func TestHiddenTextIsFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][hiddenKinds]int{
		"a\U000e0061":                                           {1, 0, 0, 0},
		tagged("ignore"):                                        {6, 0, 0, 0},
		"\U0001f3f4" + tagged("gb"):                             {2, 0, 0, 0},
		"\U0001f3f4" + tagged("gbeng"):                          {5, 0, 0, 0},
		"\U0001f3f4" + tagged("ustx") + "\U000e007f":            {5, 0, 0, 0},
		"\U0001f600" + tagged("gbeng") + "\U000e007f":           {6, 0, 0, 0},
		"\U0001f3f4" + tagged("gbeng") + "\U000e007f\U000e0041": {1, 0, 0, 0},
		"\U000e0001\U000e0080\U000e01f0":                        {3, 0, 0, 0},
		"user\u202e \u2066// admin\u2069 \u2066":                {0, 4, 0, 0},
		"/*\u202e } \u2066if (admin)\u2069 \u2066":              {0, 4, 0, 0},
		"\u2067שלום":                                            {0, 1, 0, 0},
		"שלום\u2069":                                            {0, 1, 0, 0},
		"\u2067a\u2069":                                         {0, 2, 0, 0},
		"שלום \u202eabc\u202c":                                  {0, 2, 0, 0},
		"שלום \u2066abc\u202c":                                  {0, 2, 0, 0},
		"שלום\n\u2066abc\u2069":                                 {0, 2, 0, 0},
		"pay\u200bpal":                                          {0, 0, 1, 0},
		"pay\u200cpal":                                          {0, 0, 1, 0},
		"pay\u200dpal":                                          {0, 0, 1, 0},
		"pay\u2060pal":                                          {0, 0, 1, 0},
		"pay\ufeffpal":                                          {0, 0, 1, 0},
		"a\u200b\u200c\u200d\u2060\u2062\u2063\u2064b":          {0, 0, 7, 0},
		"ab\u200e":                                              {0, 0, 1, 0},
		"שלום a\u200eb":                                         {0, 0, 1, 0},
		"שלום\u200e\u200f\u200e\u200f":                          {0, 0, 2, 0},
		"a\u00ad\u00adb":                                        {0, 0, 2, 0},
		"x\u3164 = 1":                                           {0, 0, 1, 0},
		"x\uffa0\u115f\u1160":                                   {0, 0, 3, 0},
		"a\u034fb":                                              {0, 0, 1, 0},
		"a\u180eb\u17b4":                                        {0, 0, 2, 0},
		"a\ufff9b\ufffac\ufffb":                                 {0, 0, 3, 0},
		"\u0645\u200d\u200d\u200d\u0645":                        {0, 0, 1, 0},
		"\U0001f600\u200da":                                     {0, 0, 1, 0},
		"a\u200d\U0001f600":                                     {0, 0, 1, 0},
		"\U0001f600\ufe0f\U000e0150\U000e0161":                  {0, 0, 0, 2},
		"\U0001f600\ufe00\ufe01":                                {0, 0, 0, 2},
		"\u2764\ufe0f\ufe0f":                                    {0, 0, 0, 1},
		"a\ufe0e":                                               {0, 0, 0, 1},
		"a\U000e0100":                                           {0, 0, 0, 1},
	} {
		require.Equal(t, want, hiddenIn(text, false), "%+q", text)
	}
}

// TestTextOfAllScriptsHidesNothing has what text, emoji and names are made of.
func TestTextOfAllScriptsHidesNothing(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"ASCII":                   "plain text, --- ~~~ \t\r\n",
		"Latin":                   "naïve café Straße “quoted” – dash… non\u00a0breaking\u202fspace",
		"byte order mark":         "\ufeffa,b",
		"Chinese, Japanese":       "技能、スキル。\u3000葛\U000e0100城市 神\ufe00",
		"Korean, new and old":     "한국어 \u1112\u1161\u11ab \u115f\u1161 \u1112\u1160",
		"Hebrew with marks":       "שלום\u200f, עולם! \u200eC++\u200e \u202b(שלום)\u202c",
		"Hebrew with isolates":    "הרץ \u2066git push\u2069 ואז \u2067a \u2068b\u2069 \u2069.",
		"Hebrew points":           "יְרוּשָׁלִַ\u034fם",
		"Arabic with marks":       "السعر \u061c-5 C++\u200e مرحبا\u200f",
		"Persian":                 "می\u200cخواهم PDF\u200cها ۲۰\u200cام ه\u200d",
		"Urdu, Syriac, N'Ko":      "یہ\u200cہے ܐ\u200cܒ ߊ\u200dߋ",
		"Devanagari":              "क्\u200dष क्\u200cष",
		"Bengali":                 "র\u200d্য",
		"Malayalam":               "ക്\u200cക ന്\u200d",
		"Kannada":                 "ರ್\u200dಕ",
		"Sinhala":                 "ශ්\u200dරී ලංකා",
		"Tamil, Telugu":           "க்\u200cஷ క్\u200cష",
		"Thai, Lao":               "ภาษา\u200bไทย ພາສາ\u200bລາວ",
		"Khmer, Burmese, Tibetan": "ភាសា\u200bខ្មែរ မြန်မာ\u200bဘာသာ བོད\u200bཡིག",
		"Mongolian":               "\u182e\u1823\u1829\u182d\u1823\u182f\u180e\u1820 \u1820\u180b\u1820",
		"soft hyphens":            "Donau\u00addampf\u00adschiff\u00adfahrt",
		"families":                "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
		"professions":             "\U0001f469\U0001f3fd\u200d\U0001f4bb \U0001f9d1\u200d\u2695\ufe0f \U0001f468\U0001f3ff\u200d\u2696\ufe0f",
		"flags":                   "\U0001f1e9\U0001f1ea \U0001f3f4\u200d\u2620\ufe0f \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f3f3\ufe0f\u200d\u26a7\ufe0f",
		"flags of regions":        "\U0001f3f4" + tagged("gbeng") + "\U000e007f\U0001f3f4" + tagged("gbsct") + "\U000e007f\U0001f3f4" + tagged("gbwls") + "\U000e007f",
		"directions":              "\U0001f3c3\u200d\u27a1\ufe0f \U0001f642\u200d\u2194\ufe0f \U0001f3c3\U0001f3fd\u200d\u2640\ufe0f\u200d\u27a1\ufe0f",
		"hearts and eyes":         "\u2764\ufe0f\u200d\U0001f525 \U0001f441\ufe0f\u200d\U0001f5e8\ufe0f \U0001f408\u200d\u2b1b",
		"keycaps":                 "1\ufe0f\u20e3 #\ufe0f\u20e3 *\ufe0f\u20e3",
		"as text":                 "\u26a0\ufe0e \u2122\ufe0f \u00a9\ufe0f \u2139\ufe0f \u2b50\ufe0f \u3297\ufe0f",
		"left behind":             "\ufe0f Warning \ufe0f",
		"mathematics":             "a\u2229\ufe00b \u2268\ufe00 0\ufe00",
		"music, braille, private": "\U0001d11e \u2800 \ue000 \uf8ff",
		"not UTF-8":               "\xe2\x80 \xf3\xa0 caf\xe9 \xef\xbb",
	} {
		require.Equal(t, [hiddenKinds]int{}, hiddenIn(text, false), what)
	}
}

// TestHiddenInNames is stricter with what no name needs.
func TestHiddenInNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a\u00adb", "a\u200e", "a\u200f.md", "run\u200b.sh", "\u202egpj.sh"} {
		require.NotEqual(t, [hiddenKinds]int{}, hiddenIn(name, true), "%+q", name)
	}
	for _, name := range []string{"a.md", "שלום\u200f", "می\u200cخواهم.md", "\u2764\ufe0f", "\U0001f469\u200d\U0001f4bb.md"} {
		require.Equal(t, [hiddenKinds]int{}, hiddenIn(name, true), "%+q", name)
	}
}

// TestHiddenIsLookedForAsFarAsSaidBounded finds the last character within the limits
// and none beyond.
func TestHiddenIsLookedForAsFarAsSaidBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	lines := func(size int) string { return fill(strings.Repeat("x", 63)+"\n", size) }
	for name, c := range map[string]struct {
		skillMD, other string
		want           []string
	}{
		"a file":           {"", lines(maxHeadBytes-64) + "\u200b" + lines(64), []string{"a.md:1024:1"}},
		"a file's rest":    {"", lines(maxHeadBytes) + "\u200b", nil},
		"SKILL.md":         {lines(maxBodyBytes-64) + "\u200b" + lines(64), "", []string{"SKILL.md:16390:1"}},
		"SKILL.md's rest":  {lines(maxBodyBytes) + "\u200b", "", nil},
		"a cut flag":       {"", strings.Repeat("x", maxHeadBytes-8) + "\U0001f3f4" + tagged("gbeng") + "\U000e007f", nil},
		"a cut emoji":      {"", strings.Repeat("x", maxHeadBytes-7) + "\U0001f469\u200d\U0001f4bb", nil},
		"all of it":        {"", fill("\u200b", maxHeadBytes+30), []string{"a.md:1:1"}},
		"a file that ends": {"", strings.Repeat("x", maxHeadBytes-4) + "\u200b", []string{"a.md:1:65533"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD + c.skillMD)}, "a.md": {Data: []byte(c.other)}}
			report, err := ValidateFS(context.Background(), files, ValidateOptions{})
			require.NoError(t, err)
			var got []string
			for _, d := range report.Diagnostics {
				if d.Rule == "hidden-zero-width" || d.Rule == "hidden-tag-characters" {
					got = append(got, strings.Fields(lineOf(d))[2])
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

func lineOf(d Diagnostic) string { return lines([]Diagnostic{d})[0] }

// TestHiddenInManyLinesIsCounted lists as many as of every rule.
func TestHiddenInManyLinesIsCounted(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat("\u200b\U000e0041\n", 1000))
	files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, "a.md": {Data: text}, "b.md": {Data: text}}
	for _, silence := range [][]string{nil, {"hidden-zero-width"}} {
		report, err := ValidateFS(context.Background(), files, ValidateOptions{Silence: silence})
		require.NoError(t, err)
		counts, more := map[string]int{}, map[string]int{}
		for _, d := range report.Diagnostics {
			if d.more > 0 {
				more[d.Rule] = d.more
			} else {
				require.Equal(t, "a.md", d.File)
				counts[d.Rule]++
			}
		}
		want := map[string]int{"hidden-tag-characters": maxPerRule, "hidden-zero-width": maxPerRule}
		wantMore := map[string]int{"hidden-tag-characters": 2000 - maxPerRule, "hidden-zero-width": 2000 - maxPerRule}
		for _, rule := range silence {
			delete(want, rule)
			delete(wantMore, rule)
		}
		require.Equal(t, want, counts)
		require.Equal(t, wantMore, more)
	}
}

// TestHiddenInHostileTextIsBounded costs no more for much of it.
func TestHiddenInHostileTextIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	for name, text := range map[string]string{
		"in each line":       "\u200b\n",
		"all tags":           "\U000e0041",
		"open isolates":      "ש\u2066",
		"closed isolates":    "ש\u2066\u2069",
		"black flags":        "\U0001f3f4",
		"flags":              "\U0001f3f4" + tagged("gbeng") + "\U000e007f",
		"marks":              "ש\u200e\u200e\u200e",
		"joined emoji":       "\U0001f469\u200d",
		"selectors":          "\U0001f469\U000e0101",
		"lines of overrides": "\u202e\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD + fill(text, maxBodyBytes))}}
			report, err := ValidateFS(context.Background(), files, ValidateOptions{})
			require.NoError(t, err)
			require.NoError(t, report.Err())
			require.LessOrEqual(t, len(report.Diagnostics), 3*(maxPerRule+1)+2)
		})
	}
}

// TestMessagesShowWhatIsHidden prints nothing that turns a terminal's line.
func TestMessagesShowWhatIsHidden(t *testing.T) {
	t.Parallel()
	d := Diagnostic{Rule: "file-name-hidden", File: "a\u202e\u2066\u200b\U000e0041.md", Message: "x\u202e"}
	require.Equal(t, "a\ufffd\ufffd\ufffd\ufffd.md: x\ufffd [file-name-hidden]", d.String())
	d.File = "می\u200cخواهم.md"
	require.Contains(t, d.String(), d.File)
}

func FuzzHidden(f *testing.F) {
	for _, seed := range []string{
		"", "a\u200bb\n\u202ec", "\U0001f3f4" + tagged("gbeng") + "\U000e007f", "שלום \u2066a\u2069 \u202e\u202c", "\U0001f469\u200d\U0001f4bb\ufe0f\ufe0e",
		"می\u200cخواهم\n\n\ufeff\u00ad\u00ad", "\xf3\xa0\x81", "\U000e0158\U000e0159\r\n\u3164",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, name bool) {
		type place struct {
			kind hiddenKind
			line int
		}
		seenPlaces := map[place]bool{}
		lines := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
		last, total := 0, 0
		bounded(t, func() {
			clear(seenPlaces)
			last, total = 0, 0
			findHidden(text, 1, name, func(h hidden) {
				at := place{h.kind, h.line}
				require.False(t, seenPlaces[at], "twice in a line")
				seenPlaces[at] = true
				require.GreaterOrEqual(t, h.line, last)
				last = h.line
				// What is reported is there.
				runes := []rune(lines[h.line-1])
				require.Equal(t, h.first, runes[h.column-1])
				require.Equal(t, h.kind, classOf(h.first).kind())
				require.Positive(t, h.count)
				require.LessOrEqual(t, len(h.spells), maxSpelled)
				message, hint := h.describe()
				require.NotEmpty(t, hint)
				require.True(t, utf8.ValidString(message))
				require.Empty(t, hiddenIn(message, false)[hiddenTag]+hiddenIn(message, false)[hiddenBidi])
				total += h.count
			})
		})
		// What can't be seen at all is never more than what is there, and what
		// is cleaned of it has none.
		all := 0
		for _, r := range strings.TrimPrefix(string(text), "\ufeff") {
			if classOf(r) != seen {
				all++
			}
		}
		require.LessOrEqual(t, total, all)
		require.Equal(t, all > 0, mayHide([]byte(strings.TrimPrefix(string(text), "\ufeff"))))
		require.Equal(t, [hiddenKinds]int{}, hiddenIn(withoutHidden(string(text)), name))
	})
}
