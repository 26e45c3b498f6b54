// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"
)

// TestGoldenSelfCheck holds the parts of the built-in skill still. With -update
// it adds the constants of new parts; those that are there never change.
func TestGoldenSelfCheck(t *testing.T) {
	parts, _, err := sealSelfCheck(builtInSkill())
	require.NoError(t, err)
	for i, want := range selfCheckDigests {
		require.Equal(t, want, digest.FromBytes(parts[i]), selfCheckParts[i])
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" && len(selfCheckDigests) < len(selfCheckParts) {
		const file = "selfcheck_digests.go"
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		text, ok := strings.CutSuffix(string(source), "}\n")
		require.True(t, ok)
		for i := len(selfCheckDigests); i < len(selfCheckParts); i++ {
			text += fmt.Sprintf("\t%q, // %s\n", digest.FromBytes(parts[i]), selfCheckParts[i])
		}
		require.NoError(t, os.WriteFile(file, []byte(text+"}\n"), 0o644))
		t.Skip("constants are added; run again")
	}
	require.Len(t, selfCheckDigests, len(selfCheckParts))
	require.NoError(t, new(selfCheck).run())
}

// TestDriftStopsPacking alters one byte of each part in turn.
func TestDriftStopsPacking(t *testing.T) {
	t.Parallel()
	skill := fstest.MapFS{"SKILL.md": {Data: []byte("---\nname: demo\ndescription: Shows things. Use it in tests.\n---\n")}}
	ctx := context.Background()
	for _, part := range selfCheckParts {
		check := &selfCheck{tamper: func(p string, data []byte) {
			if p == part {
				data[len(data)/2] ^= 1
			}
		}}
		store := memory.New()
		packager := &Packager{store: store, check: check}
		_, err := packager.PackageFS(ctx, skill, PackageOptions{Tag: "x"})
		require.ErrorIs(t, err, ErrFormatDrift)
		require.ErrorContains(t, err, "the "+part+" of the built-in skill")
		_, err = store.Resolve(ctx, "x")
		require.Error(t, err)
		_, err = packager.PackageFS(ctx, skill, PackageOptions{Tag: "x"})
		require.ErrorIs(t, err, ErrFormatDrift, "it stays so")
	}
}

// TestDriftOfWhatIsRead alters the built-in skill as if its patterns and its YAML
// meant something else, and wants each to show: a library that reads them so
// would be noticed. TestIntegrationDriftOfADependency has such libraries.
func TestDriftOfWhatIsRead(t *testing.T) {
	t.Parallel()
	built := builtInSkill()
	for name, alter := range map[string]struct{ file, before, after string }{
		"? matches nothing too":         {".skillignore", "patterns/?ne.md", "patterns/*ne.md"},
		"? matches ASCII only":          {".skillignore", "patterns/?ne.md", "patterns/[!-~]ne.md"},
		"? matches a slash":             {".skillignore", "patterns?flat.md", "patterns[^a]flat.md"},
		"? matches itself":              {".skillignore", "patterns/?ne.md", "patterns/\\+ne.md"},
		"* matches a slash":             {".skillignore", "patterns*star.md", "patterns/star.md"},
		"* matches nothing":             {".skillignore", "patterns*star.md", "patterns\\+star.md"},
		"** matches one directory":      {".skillignore", "patterns/**/deep.md", "patterns/*/deep.md"},
		"** ends anywhere":              {".skillignore", "patterns/**/deep.md", "**deep.md"},
		"** matches a directory":        {".skillignore", "**/*.tmp", "*/**/*.tmp"},
		"** matches two at most":        {".skillignore", "**/*.tmp", "*.tmp\n*/*.tmp\n*/*/*.tmp"},
		"** at the end matches nothing": {".skillignore", "patterns/all/**", ""},
		"** is a directory":             {".skillignore", "**.bak", "**/.bak"},
		"** is at the top":              {".skillignore", "**.bak", "*.bak"},
		"brackets match the ends":       {".skillignore", "[a-c]", "[ac]"},
		"brackets match more":           {".skillignore", "[a-c]", "[a-d]"},
		"brackets match themselves":     {".skillignore", "[a-c]", "\\[a-c\\]"},
		"^ is a character":              {".skillignore", "[^d-z]", "[d-z]"},
		"[^ has no slash":               {".skillignore", "patterns[^a-z]slash.md", "patterns-slash.md"},
		"escapes match nothing":         {".skillignore", "\\[draft\\]", "draft"},
		"escaped brackets match":        {".skillignore", "\\[draft\\]", "[draft]"},
		"an escaped # is a comment":     {".skillignore", "\\#", "#"},
		"a # is dropped":                {".skillignore", "\\#hash.md", "hash.md"},
		"+ is an expression":            {".skillignore", "no+regexp.(m?)", "noo*regexp.m?"},
		"( is an expression":            {".skillignore", "(m?)", "m?"},
		"! brings nothing back":         {".skillignore", "!.included", ""},
		"! brings no children back":     {".skillignore", "!references/**", ""},
		"! decides before the others":   {".skillignore", "patterns/all/**\n!patterns/all/kept", "!patterns/all/kept\npatterns/all/**"},
		"white space stays":             {".skillignore", "  patterns/?ne.md  ", "patterns/?ne.md/x"},
		"paths are not cleaned":         {".skillignore", "/patterns/./gone/../top.md", "patterns/gone/top.md"},
		"folding keeps lines":           {SkillFileName, "folded: >\n", "folded: |\n"},
		"folding keeps the end":         {SkillFileName, "folded-strip: >1-\n", "folded-strip: >1\n"},
		"the end is clipped":            {SkillFileName, "folded-keep: >+\n", "folded-keep: >\n"},
		"the end is kept":               {SkillFileName, "literal: |\n", "literal: |+\n"},
		"literals are folded":           {SkillFileName, "literal: |\n", "literal: >\n"},
		"literals keep the end":         {SkillFileName, "literal-strip: |-\n", "literal-strip: |\n"},
		"the indentation is guessed":    {SkillFileName, "indented: |2-\n", "indented: |-\n"},
		"plain text keeps a comment":    {SkillFileName, " # A plain", " A plain"},
		"plain text has no empty lines": {SkillFileName, "in memory\n\n", "in memory\n"},
		"single quotes have escapes":    {SkillFileName, "it''s", "its"},
		"single quotes keep lines":      {SkillFileName, "'Apache-2.0: it''s\n  folded\n\n  here'", "\"Apache-2.0: it's\\nfolded\\n\\nhere\""},
		"double quotes keep escapes":    {SkillFileName, "\\x41", "\\\\x41"},
		"an escape has other digits":    {SkillFileName, "\\u00e9", "\\u00e8"},
		"an escaped line end is kept":   {SkillFileName, "bro\\\n", "bro\n"},
		"null is text":                  {SkillFileName, "null: ~", "null: '~'"},
		"numbers are read":              {SkillFileName, "0x1F", "31"},
		"yes is a value":                {SkillFileName, "true: yes", "true: true"},
		"dates are read":                {SkillFileName, "2001-01-01", "2001-01-01T00:00:00Z"},
		"texts end at any colon":        {SkillFileName, "http://e: f", "http: //e f"},
		"JSON's keys end with a space":  {SkillFileName, "\"c\":d", "\"c:d\""},
		"parentheses do not nest":       {SkillFileName, "git (commit)) Read", "git (commit) )Read"},
		"requires end with lines":       {SkillFileName, "three:3,", "three:3-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := fs.ReadFile(built, alter.file)
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(data), alter.before), "%q in %s", alter.before, alter.file)
			skill := fstest.MapFS{}
			require.NoError(t, fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				data, err := fs.ReadFile(built, name)
				skill[name] = &fstest.MapFile{Data: data}
				return err
			}))
			require.NoError(t, (&selfCheck{skill: skill}).run(), "as it was")
			skill[alter.file] = &fstest.MapFile{Data: []byte(strings.Replace(string(data), alter.before, alter.after, 1))}
			if alter.file == ".skillignore" {
				require.ErrorIs(t, (&selfCheck{skill: skill}).run(), ErrFormatDrift)
				return
			}
			// SKILL.md is in the archive, which differs whatever it says: what counts is
			// what was read of it.
			parts, _, err := sealSelfCheck(skill)
			if err != nil {
				return // a library that reads it so couldn't make it
			}
			original, _, err := sealSelfCheck(built)
			require.NoError(t, err)
			require.NotEqual(t, labelsOf(t, original), labelsOf(t, parts))
		})
	}
}

// labelsOf returns what the config and the index say of a skill.
func labelsOf(t *testing.T, parts [len(selfCheckParts)][]byte) map[string]string {
	t.Helper()
	var config ocispec.Image
	var index ocispec.Index
	require.NoError(t, json.Unmarshal(parts[3], &config))
	require.NoError(t, json.Unmarshal(parts[5], &index))
	maps.Copy(config.Config.Labels, index.Annotations)
	return config.Config.Labels
}

// TestDriftThatStopsTheCheck names what can't be made of the built-in skill.
func TestDriftThatStopsTheCheck(t *testing.T) {
	t.Parallel()
	skillMD := &fstest.MapFile{Data: []byte("---\nname: demo\ndescription: Shows things. Use it in tests.\n---\n")}
	for part, skill := range map[string]fs.FS{
		"front matter": fstest.MapFS{"SKILL.md": {Data: []byte("---\nname: [\n---\n")}},
		"layer":        &vanishingFS{FS: fstest.MapFS{"SKILL.md": skillMD, "x": {Data: []byte("x")}}, name: "x"},
	} {
		check := &selfCheck{skill: skill}
		_, err := (&Packager{store: memory.New(), check: check}).PackageFS(context.Background(), fstest.MapFS{"SKILL.md": skillMD}, PackageOptions{})
		require.ErrorIs(t, err, ErrFormatDrift)
		require.ErrorContains(t, err, "the "+part+" of the built-in skill can't be made")
	}
	require.Equal(t, "config", (&built{layer: ocispec.Descriptor{Digest: "x"}}).missing())
	require.Equal(t, "manifest", (&built{layer: ocispec.Descriptor{Digest: "x"}, configs: make([]blob, 1)}).missing())
	require.Equal(t, "index", (&built{layer: ocispec.Descriptor{Digest: "x"}, configs: make([]blob, 1), manifests: make([]blob, 1)}).missing())
}

// vanishingFS lists a file that can't be opened.
type vanishingFS struct {
	fs.FS
	name string
}

func (v *vanishingFS) Open(name string) (fs.File, error) {
	if name == v.name {
		return nil, fs.ErrPermission
	}
	return v.FS.Open(name)
}

// BenchmarkSelfCheck shows what the check costs a process.
func BenchmarkSelfCheck(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := new(selfCheck).run(); err != nil {
			b.Fatal(err)
		}
	}
}
