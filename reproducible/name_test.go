// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/reproducible/internal/testkit"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 255)
	for _, good := range []string{
		"a", "a/b/c.md", ".env", "...a", "a b", " a", "café", "e\u0301", "日本語/🎉", "com10", "console", "auxiliary.md", "COM", "lpt", "con-1",
		long, strings.Repeat("x/", 99) + "x", strings.Repeat(long+"/", 15) + long,
	} {
		assert.NoError(t, reproducible.CheckName(good), "%q", good)
	}
	for bad, rule := range map[string]string{
		"":                         "name-empty",
		"a\xff":                    "name-utf8",
		"\xed\xa0\x80":             "name-utf8", // a surrogate
		long + "x":                 "name-length",
		strings.Repeat("é/", 1366): "name-length",
		strings.Repeat("x/", 100):  "name-depth",
		`a\b`:                      "name-backslash",
		`..\x`:                     "name-backslash", // the reference looks for two
		`C:\x`:                     "name-colon",
		"C:x":                      "name-colon",
		"a:stream":                 "name-colon",
		"a\x00":                    "name-control",
		"a\nb":                     "name-control",
		"a\u0085b":                 "name-control",
		"a\u2028b":                 "name-control",
		"/a":                       "name-segment",
		"a/":                       "name-segment",
		"a//b":                     "name-segment",
		"./a":                      "name-segment",
		"a/../b":                   "name-segment",
		"..":                       "name-segment",
		"a.":                       "name-trailing",
		"a /b":                     "name-trailing",
		"nul":                      "name-device",
		"a/Aux.tar.gz":             "name-device",
		"com1.txt":                 "name-device",
		"LPT³":                     "name-device",
		"conin$":                   "name-device",
		"con .txt":                 "name-device",
	} {
		err := reproducible.CheckName(bad)
		var nerr *reproducible.NameError
		require.ErrorAs(t, err, &nerr, "%q", bad)
		require.ErrorIs(t, err, reproducible.ErrName)
		assert.Equal(t, rule, nerr.Rule, "%q", bad)
		assert.NotEmpty(t, nerr.Problem)
		assert.NotEmpty(t, nerr.Want)
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestNameSetRefusesTwins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, rule string }{
		{"a", "a", "name-twice"},
		{"a", "a/b", "file-and-directory"},
		{"a/b", "a", "file-and-directory"},
		{"a/b", "A/c", "case-fold-twin"},
		{"Ω", "\u2126", "normalization-twin"}, // the sign for ohm is canonically omega
		{"K", "\u212a", "normalization-twin"},
		{"k", "\u212a", "case-fold-twin"},
		{"ſ", "S", "case-fold-twin"},
		{"straße", "STRASSE", "case-fold-twin"},
		{"ﬁ", "FI", "case-fold-twin"},
		{"İ", "i\u0307", "case-fold-twin"},
		{"é", "e\u0301", "normalization-twin"},
		{"É/a", "e\u0301/b", "case-fold-twin"},
		{"ｱ", "ｱ", "name-twice"},
		{"한", "\u1112\u1161\u11ab", "normalization-twin"},
		{"하", "\u1112\u1161", "normalization-twin"},
		{"q\u0307\u0323", "q\u0323\u0307", "normalization-twin"},
		{"ᾳ", "αι", "case-fold-twin"},
	} {
		for _, pair := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			var names reproducible.NameSet
			require.NoError(t, names.Add(pair[0]))
			var nerr *reproducible.NameError
			require.ErrorAs(t, names.Add(pair[1]), &nerr, "%q %q", c.a, c.b)
			assert.Equal(t, c.rule, nerr.Rule, "%q %q", c.a, c.b)
		}
	}
	var names reproducible.NameSet
	for _, name := range []string{"a", "b/c", "b/d", "é", "e", "и", "й", "ａ", "ss", "ı", "i", "q\u0307\u0301", "q\u0301\u0307"} {
		require.NoError(t, names.Add(name), "%q", name)
	}
}

// TestTwinsDoNotDependOnTheRelease wants the same answer whatever the Unicode
// of the Go release: an archive that one writes the next must read.
func TestTwinsDoNotDependOnTheRelease(t *testing.T) {
	t.Parallel()
	var names reproducible.NameSet
	// Pairs of letters since Unicode 16; Go 1.26 has Unicode 15, Go 1.27 has 17.
	for _, name := range []string{"\U00010D50.md", "\U00010D70.md", "\u0264", "\uA7CB"} {
		require.NoError(t, names.Add(name))
	}
}

// TestTwinsAreWhatUnicodeSaysBounded compares the table with golang.org/x/text for
// every character, alone and beside others.
func TestTwinsAreWhatUnicodeSaysBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	if norm.Version != "15.0.0" { // that of the table
		t.Skip("x/text has the tables of Unicode", norm.Version)
	}
	folder := cases.Fold()
	for r := rune(1); r < 0x30000; r++ { // above are no letters
		if !utf8.ValidRune(r) {
			continue
		}
		for _, form := range []func(string) string{norm.NFD.String, norm.NFC.String, folder.String} {
			name := "x" + string(r) + "\u0301y"
			twin := form(name)
			if twin == name || reproducible.CheckName(name) != nil || reproducible.CheckName(twin) != nil {
				continue
			}
			var names reproducible.NameSet
			require.NoError(t, names.Add(name))
			if err := names.Add(twin); err == nil {
				require.Failf(t, "not twins", "%+q and %+q, %U", name, twin, r)
			}
		}
	}
}

// FuzzName shows that what can be written can be read, that nothing passes
// that leads elsewhere, and that twins are found in either order.
func FuzzName(f *testing.F) {
	for _, seed := range []string{"a", "a/b", `..\x`, "C:x", "aux.md", "café", "e\u0301", "\u1112\u1161\u11ab", "a\nb", "ſ", "\xff"} {
		f.Add(seed, "A/b")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		// Both orders, and the same error each time.
		var once, again [4]error
		add := func(errs *[4]error) {
			var forth, back reproducible.NameSet
			errs[0], errs[1] = forth.Add(a), forth.Add(b)
			errs[2], errs[3] = back.Add(b), back.Add(a)
		}
		bounded(t, func() { add(&once) })
		add(&again)
		require.Equal(t, once, again, "the same input, other errors")
		if err := reproducible.CheckName(a); err != nil {
			var nerr *reproducible.NameError
			require.ErrorAs(t, err, &nerr)
			require.NotEmpty(t, nerr.Rule)
			return
		}
		require.Equal(t, path.Clean(a), a)
		require.False(t, strings.HasPrefix(a, "../") || a == ".." || path.IsAbs(a) || strings.ContainsAny(a, "\\:\x00\n"))
		var forth, back reproducible.NameSet
		require.NoError(t, forth.Add(a))
		if reproducible.CheckName(b) == nil {
			require.NoError(t, back.Add(b))
			require.Equal(t, forth.Add(b) == nil, back.Add(a) == nil)
		}
		bounded(t, func() {
			var archive bytes.Buffer
			_, err := reproducible.WriteTar(context.Background(), &archive, []reproducible.File{{
				Name: a, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil },
			}}, time.Time{})
			require.NoError(t, err)
			entry, err := reproducible.NewReader(&archive, reproducible.Limits{}).Next()
			require.NoError(t, err)
			require.Equal(t, a, entry.Name)
		})
	})
}

// TestWriterAndReaderRefuseTheSameNames gives both each other's input.
func TestWriterAndReaderRefuseTheSameNames(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{`..\x`}, {"C:x"}, {"a\nb"}, {"a", "A"}, {"é", "e\u0301"}, {"aux"}, {"a", "a"}, {"a."}, {strings.Repeat("x", 256)}} {
		var files []reproducible.File
		var archive bytes.Buffer
		tw := tar.NewWriter(&archive)
		for _, name := range names {
			files = append(files, reproducible.File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }})
			require.NoError(t, tw.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644}))
		}
		require.NoError(t, tw.Close())
		var written, read *reproducible.NameError
		_, err := reproducible.WriteTar(context.Background(), io.Discard, files, time.Time{})
		require.ErrorAs(t, err, &written, "%q", names)
		r := reproducible.NewReader(&archive, reproducible.Limits{})
		for err = nil; err == nil; {
			_, err = r.Next()
		}
		require.False(t, errors.Is(err, io.EOF), "%q", names)
		require.ErrorAs(t, err, &read, "%q", names)
		require.Equal(t, written.Rule, read.Rule, "%q", names)
	}
}
