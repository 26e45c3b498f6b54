// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// fill repeats text up to size bytes.
func fill(text string, size int) string {
	return strings.Repeat(text, size/len(text))
}

// TestAdviceOnHostileTextIsBounded would take from minutes to hours if a match cost
// as much as the line or the file that it is in.
func TestAdviceOnHostileTextIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	const size = 128 << 10
	for name, body := range map[string]string{
		"mentions":          fill("scripts/a.b ", size),
		"mentions made up":  fill("scripts/a.b ", size) + " for example",
		"links":             fill("[a](b.md) ", size),
		"code":              fill("`a` scripts/a.b ", size),
		"commands":          "```sh\n" + fill("scripts/a.b ", size),
		"one long path":     fill("scripts/", size) + "a.b",
		"open brackets":     fill("](", size),
		"lines at the most": fill(fill("scripts/a.b ", maxAdvisedLineBytes-1)+"\n", size),
		"short lines":       fill("scripts/a.b\n", size),
		"empty lines":       "x" + fill("\n", maxBodyBytes),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := ValidateFS(context.Background(), fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD + body)}}, ValidateOptions{})
			require.NoError(t, err)
			require.NoError(t, report.Err())
		})
	}
}

func TestSecretsInHostileTextAreBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	for _, text := range []string{
		"glpat-", "A: PRIVATE KEY-----\n", "PRIVATE KEY-----\n", "PRIVATE KEY-----\n\n", "sk-ant-a-", "sk-ant-", "xoxb-1111111111-", "pypi-AgEI", "sk-proj-", "/home/", "/Users/user/",
	} {
		data := []byte(fill(text, maxHeadBytes))
		for range 8 {
			_, what := findSecret(data)
			require.Empty(t, what, text)
			at, _ := findHomePath(data)
			require.Negative(t, at)
		}
	}
}

// TestSecretsAfterWhatIsNone finds what follows a match that was rejected.
func TestSecretsAfterWhatIsNone(t *testing.T) {
	t.Parallel()
	token := func(prefix string) string { return prefix + "Zk3vQ9mT7pLw2XcR8nBs" }
	key := "PRIVATE KEY-----\n" + strings.Repeat("MIIBVgIBADANBgkqhkiG9w0B", 3) + "\n"
	for text, want := range map[string]int{
		token("glpat-"): 0,
		"glpat-xxxxxxxxxxxxxxxxxxxx " + token("glpat-"): 27,
		fill("glpat-", 6000) + " " + token("glpat-"):    6001,
		"PRIVATE KEY-----\n\nNone.\n" + key:             24,
		"PRIVATE KEY-----\nA: b\n\n\n" + key[17:]:       0,
		"PRIVATE KEY-----\r\nA: b\r\n\r\n" + key[17:]:   0,
		"PRIVATE KEY-----" + key[17:]:                   -1,
		fill("A: PRIVATE KEY-----\n", 6000) + key:       6000,
		fill("A: PRIVATE KEY-----\n", 6000) + key[17:]:  3,
		"xoxb-1111111111-" + strings.Repeat("a", 30):    -1,
	} {
		at, _ := findSecret([]byte(text))
		require.Equal(t, want, at, "%.60q", text)
	}
	// A key may be one line of any length.
	pem := append([]byte("PRIVATE KEY-----\n"), bytes.Repeat([]byte("MIIBVgIBADANBgkqhkiG9w0B"), 1000)...)
	at, what := findSecret(pem)
	require.Equal(t, 0, at)
	require.Equal(t, "a private key", what)
}

// TestLongLinesAreClipped shows what is looked at of a line that is too long.
func TestLongLinesAreClipped(t *testing.T) {
	t.Parallel()
	targets := func(text string) (out []string) {
		for _, ref := range references(bodyLine{text: text}) {
			out = append(out, ref.target)
		}
		return out
	}
	padding := strings.Repeat("x ", maxAdvisedLineBytes/2)
	require.Equal(t, []string{"scripts/a.py"}, targets("scripts/a.py "+padding))
	require.Empty(t, targets(padding+"scripts/a.py"))
	require.Empty(t, targets(padding[:len(padding)-8]+"scripts/a.py"), "not a part of it")
	require.Empty(t, targets(strings.Repeat("scripts/", 1000)+"a.py"))
	require.Equal(t, []string{"scripts/a.py"}, targets("scripts/a.py"+padding[13:]), "not too long")
	require.Len(t, targets(strings.Repeat("[a](b.md) scripts/a.py ", 150)), 2*maxLineReferences)
}

// TestColumnsAreCharacters names columns after links with other letters.
func TestColumnsAreCharacters(t *testing.T) {
	t.Parallel()
	refs := references(bodyLine{text: "`é` [ü](ü.md) [b](c.md) scripts/a.py"})
	require.Len(t, refs, 3)
	require.Equal(t, []int{9, 19, 25}, []int{refs[0].column, refs[1].column, refs[2].column})
	require.Equal(t, []string{"ü.md", "c.md", "scripts/a.py"}, []string{refs[0].target, refs[1].target, refs[2].target})
}

// countingContext counts how often it is asked whether it is done, and is so
// from a count on.
type countingContext struct {
	context.Context
	asked, last int
}

func (c *countingContext) Err() error {
	if c.asked++; c.last > 0 && c.asked > c.last {
		return context.Canceled
	}
	return nil
}

// TestAdviceLooksAtTheContext interrupts advice in the middle of the text.
func TestAdviceLooksAtTheContext(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD + strings.Repeat("Text.\n", 1000))}}
	ctx := &countingContext{Context: context.Background()}
	_, err := ValidateFS(ctx, files, ValidateOptions{})
	require.NoError(t, err)
	require.Greater(t, ctx.asked, 1000, "for each line")
	ctx = &countingContext{Context: context.Background(), last: 500}
	_, err = ValidateFS(ctx, files, ValidateOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

// TestLeftOutByADirectory finds what lies in directories that are left out.
func TestLeftOutByADirectory(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD + "[a](.a/b/c.md) [b](.b.md) [c](.c/d.md)\n")}, ".a/b/c.md": {}, ".b.md": {}}
	report, err := ValidateFS(context.Background(), files, ValidateOptions{})
	require.NoError(t, err)
	var got []string
	for _, d := range report.Diagnostics {
		got = append(got, fmt.Sprint(d.Rule, " ", d.Column))
	}
	require.Equal(t, []string{"file-left-out 5", "file-left-out 20", "missing-file 31"}, got)
}
