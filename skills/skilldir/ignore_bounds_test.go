// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/moby/patternmatcher"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/source"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// ignored judges the directories that name lies in and then name, as a walk
// does.
func (i *ignorer) ignored(name string) (*ignorePattern, error) {
	var v verdict
	for at, c := range name {
		if c == '/' && at > 0 {
			var err error
			if v, err = i.judge(name[:at], v); err != nil {
				return nil, err
			}
		}
	}
	v, err := i.judge(name, v)
	return i.drops(name, v), err
}

// TestIgnoreIsTheLibrarysBounded compares the walk with the library for patterns and
// trees at random.
func TestIgnoreIsTheLibrarysBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	parts := []string{"a", "b", "ab", ".h", "*", "**", "a*", "?", "[ab]", "SKILL.md", `\.h`, `a\]`, "[^a]", "**a"}
	some := func(parts []string, most int) string {
		out := make([]string, 1+random.IntN(most))
		for i := range out {
			out[i] = parts[random.IntN(len(parts))]
		}
		return strings.Join(out, "/")
	}
	for range 300 {
		var texts []string
		for range 1 + random.IntN(6) {
			text := some(parts, 4)
			if random.IntN(2) == 0 {
				text = "!" + text
			}
			texts = append(texts, text)
		}
		files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, ignoreFileName: {Data: []byte(strings.Join(texts, "\n"))}}
		for range 20 {
			files["x/"+some([]string{"a", "b", "ab", ".h", "SKILL.md"}, 5)+"/f"] = &fstest.MapFile{}
			files[some([]string{"a", "b", "ab", ".h"}, 4)+"/f"] = &fstest.MapFile{}
		}
		if runtime.GOOS == "windows" { // where the library has no escapes
			texts = slices.DeleteFunc(texts, func(text string) bool { return strings.Contains(text, `\`) })
			files[ignoreFileName] = &fstest.MapFile{Data: []byte(strings.Join(texts, "\n"))}
		}
		all, err := patternmatcher.New(append([]string{hiddenPattern}, texts...))
		require.NoError(t, err)
		var want []string
		for name := range files {
			out, err := all.MatchesOrParentMatches(name)
			require.NoError(t, err)
			if !out || name == SkillFileName {
				want = append(want, name)
			}
		}
		s, err := scanDir(context.Background(), source.FS(files), scanOptions{})
		require.NoError(t, err)
		var got []string
		for _, f := range s.files {
			got = append(got, f.name)
		}
		require.ElementsMatch(t, want, got, "%q", texts)
	}
}

// TestSkillMDIsADirectory has it ignored: what lies in it is judged all the same.
func TestSkillMDIsADirectory(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{ignoreFileName: {Data: []byte("SKILL.md\n!SKILL.md/b\n")}, "SKILL.md/a": {}, "SKILL.md/b": {}}
	s, err := scanDir(context.Background(), source.FS(files), scanOptions{})
	require.NoError(t, err)
	require.Len(t, s.files, 1)
	require.Equal(t, "SKILL.md/b", s.files[0].name)
}

// TestHostilePatternsOnDeepTreesAreBounded would take fifty times as long if each pattern
// were tried on all directories that a file lies in.
func TestHostilePatternsOnDeepTreesAreBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	pattern := strings.Repeat("**/", 99) + "*x\n"
	files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}, ignoreFileName: {Data: []byte(strings.Repeat(pattern, maxIgnoreAsterisks/199/3))}}
	dir := strings.Repeat("a/", 90)
	for n := range 40 {
		files[path.Join(dir, fmt.Sprint(n))] = &fstest.MapFile{}
	}
	s, err := scanDir(context.Background(), source.FS(files), scanOptions{})
	require.NoError(t, err)
	require.Empty(t, s.found.list)
	require.Len(t, s.files, 41)
}

func TestWalkLooksAtTheContext(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{SkillFileName: {Data: []byte(defaultSkillMD)}}
	for n := range 200 {
		files[fmt.Sprint(n)] = &fstest.MapFile{}
	}
	_, err := scanDir(&countingContext{Context: context.Background(), last: 100}, source.FS(files), scanOptions{})
	require.ErrorIs(t, err, context.Canceled, "at each entry")
}

func TestAsterisksAreBounded(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("**/*.log\n", 900)
	for extra, wrong := range map[int]int{maxIgnoreAsterisks - 2700: 0, maxIgnoreAsterisks - 2699: 1} {
		_, found, err := newIgnorer(strings.NewReader(text + strings.Repeat(strings.Repeat("x*", 100)+"\n", extra/100) + strings.Repeat("*", extra%100) + "\nx\n"))
		require.NoError(t, err)
		require.Len(t, found, wrong)
		if wrong > 0 {
			require.Equal(t, "ignore-length", found[0].Rule)
			require.Equal(t, 914, found[0].Line)
		}
	}
}
