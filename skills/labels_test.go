// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	"github.com/skillcask/skillcask/skills/internal/toolhive"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// requireRoundTrip turns config into labels, through JSON and back.
func requireRoundTrip(t *testing.T, config *SkillConfig) {
	t.Helper()
	data, err := json.Marshal(ocispec.Image{Config: ocispec.ImageConfig{Labels: config.labels()}})
	require.NoError(t, err)
	var image ocispec.Image
	require.NoError(t, json.Unmarshal(data, &image))
	back, err := SkillConfigFromImageConfig(&image)
	require.NoError(t, err)
	require.Equal(t, config, back)
}

// TestConfigRoundTripsBounded writes front matters at random and wants every value
// back: from SKILL.md, and again from the labels.
func TestConfigRoundTripsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	letters := []rune("abcXYZ019 -_.,:;#&*!|>'\"%@`{}[]()<>?/\\~^$+=\t\n\u00e9\u0301\u00df\u6280\u80fd\U0001f980\u2028\u00a0\x00\x1b\u007f\ufeff")
	text := func(most int) string {
		out := make([]rune, 1+random.IntN(most))
		for i := range out {
			out[i] = letters[random.IntN(len(letters))]
		}
		return string(out)
	}
	maybe := func(f func()) {
		if random.IntN(2) == 0 {
			f()
		}
	}
	valid := 0
	for range 2000 {
		want := SkillConfig{Name: "demo", Description: "Use it. " + text(60), Files: []string{SkillFileName}}
		values := []*yaml.Node{}
		set := func(key string, value *yaml.Node) {
			values = append(values, quotedNode(key), value)
		}
		set("name", quotedNode(want.Name))
		set("description", quotedNode(want.Description))
		maybe(func() { want.License = text(30); set("license", quotedNode(want.License)) })
		maybe(func() { want.Compatibility = text(100); set("compatibility", quotedNode(want.Compatibility)) })
		maybe(func() { want.Version = text(10); set("version", quotedNode(want.Version)) })
		maybe(func() {
			list := &yaml.Node{Kind: yaml.SequenceNode}
			for range 1 + random.IntN(3) {
				if tool := strings.TrimSpace(text(20)); tool != "" {
					want.AllowedTools = append(want.AllowedTools, tool)
					list.Content = append(list.Content, quotedNode(tool))
				}
			}
			set("allowed-tools", list)
		})
		maybe(func() {
			want.Metadata = map[string]string{}
			node := &yaml.Node{Kind: yaml.MappingNode}
			for range 1 + random.IntN(4) {
				key, value := text(10), text(30)
				if _, ok := want.Metadata[key]; ok || key == toolhive.RequiresKey {
					continue
				}
				want.Metadata[key] = value
				node.Content = append(node.Content, quotedNode(key), quotedNode(value))
			}
			set("metadata", node)
		})
		block, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: values})
		require.NoError(t, err)
		files := fstest.MapFS{SkillFileName: {Data: []byte("---\n" + string(block) + "---\nx\n")}}
		report, err := skilldir.ValidateFS(context.Background(), files, skilldir.ValidateOptions{})
		require.NoError(t, err)
		if report.Err() != nil {
			continue // such as a blank description
		}
		valid++
		got := configOf(&report.Frontmatter, report.Files)
		require.Equal(t, want, *got, "%s", block)
		requireRoundTrip(t, got)
	}
	require.Greater(t, valid, 1800)
}

func quotedNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

// FuzzLabels wants back from the labels what the front matter says.
func FuzzLabels(f *testing.F) {
	for _, seed := range []string{
		testkit.PlainSkillMD,
		"---\nname: demo\ndescription: >-\n  a\n  b\nmetadata: {a: [b, {c: d}]}\nallowed-tools: Bash(a, b) C\n---\n# x\n",
		"---\nname: demo\ndescription: \"\\ud800\"\nlicense: é\nmetadata: {\"\": \"\\0\"}\n---\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := skilldir.ValidateFS(context.Background(), fstest.MapFS{SkillFileName: {Data: data}}, skilldir.ValidateOptions{})
		require.NoError(t, err)
		if report.Err() == nil {
			requireRoundTrip(t, configOf(&report.Frontmatter, report.Files))
		}
	})
}

// FuzzRequiresAnnotation wants back the references that packing writes.
func FuzzRequiresAnnotation(f *testing.F) {
	for _, seed := range []string{"ghcr.io/a/b:v1", "ghcr.io/a/b:v1\n\nlocalhost:5000/c@sha256:x\r\n", " a ", "", "\"", "a: b", "- a\n- b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ParseRequiresAnnotation(map[string]string{AnnotationSkillRequires: s})
		if refs := toolhive.SplitWords(s); utf8.ValidString(s) && len(refs) > 0 {
			require.Equal(t, refs, ParseRequiresAnnotation(map[string]string{AnnotationSkillRequires: oci.JSONText(refs)}))
		}
	})
}
