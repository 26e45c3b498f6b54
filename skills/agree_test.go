// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"maps"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// layerWith makes a layer of files, SKILL.md first as ToolHive has it. A long one,
// which is noise, is stored: the encoder would look at it for long under the race
// detector and store it all the same.
func layerWith(t *testing.T, skillMD string, others ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	level := gzip.DefaultCompression
	if len(skillMD) > 64<<10 {
		level = gzip.NoCompression
	}
	zw, err := gzip.NewWriterLevel(&b, level)
	require.NoError(t, err)
	tw := tar.NewWriter(zw)
	for _, name := range append([]string{"SKILL.md"}, others...) {
		content := "x"
		if name == "SKILL.md" {
			content = skillMD
		}
		require.NoError(t, tw.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}))
		_, err := tw.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, tw.Close())
	require.NoError(t, zw.Close())
	return b.Bytes()
}

// toolHiveLabels are those that ToolHive writes for skillMD alone, with changes.
func toolHiveLabels(changes map[string]string) map[string]string {
	labels := map[string]string{
		skills.LabelSkillName:         "demo",
		skills.LabelSkillDescription:  "Shows things. Use it in tests.",
		skills.LabelSkillVersion:      "",
		skills.LabelSkillAllowedTools: "null",
		skills.LabelSkillLicense:      "",
		skills.LabelSkillFiles:        `["SKILL.md"]`,
	}
	maps.Copy(labels, changes)
	return labels
}

// TestLabelsMustAgreeWithTheLayerBounded names both sides.
func TestLabelsMustAgreeWithTheLayerBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	const full = "---\nname: demo\ndescription: Shows things. Use it in tests.\nversion: \"1.0\"\nlicense: MIT\nallowed-tools: Read\n" +
		"compatibility: Needs git\nmetadata:\n  author: me\n---\n"
	truth := map[string]string{skills.LabelSkillVersion: "1.0", skills.LabelSkillLicense: "MIT", skills.LabelSkillAllowedTools: `["Read"]`}
	for _, c := range []struct {
		name   string
		layer  []byte
		labels map[string]string // changes
		want   error
		says   []string
	}{
		{"no SKILL.md", archive(t, tar.Header{Name: "README.md"}), map[string]string{skills.LabelSkillFiles: `["README.md"]`},
			skills.ErrCorrupt, []string{skills.LabelSkillName + ` says "demo"`, "no SKILL.md at its root"}},
		{"SKILL.md not at the root", archive(t, tar.Header{Name: "demo/SKILL.md"}), map[string]string{skills.LabelSkillFiles: `["demo/SKILL.md"]`},
			skills.ErrCorrupt, []string{"no SKILL.md at its root"}},
		{"skill.md", archive(t, tar.Header{Name: "skill.md"}), map[string]string{skills.LabelSkillFiles: `["skill.md"]`},
			skills.ErrCorrupt, []string{"no SKILL.md at its root"}},
		{"no file at all", archive(t), map[string]string{skills.LabelSkillFiles: `[]`}, skills.ErrCorrupt, []string{"no SKILL.md at its root"}},
		{"an empty SKILL.md", layerWith(t, ""), nil, skills.ErrCorrupt, []string{skills.LabelSkillName + ` says "demo"`, "the first line is empty"}},
		{"a SKILL.md without front matter", layerWith(t, "# Demo\n"), nil, skills.ErrCorrupt, []string{`says "demo"`, `the first line is "# Demo"`}},
		{"a SKILL.md that is no YAML", layerWith(t, "---\n: [\n---\n"), nil, skills.ErrCorrupt, []string{`name says "demo", SKILL.md says nothing`}},
		{"a name that leads out", layerWith(t, skillMD), map[string]string{skills.LabelSkillName: "../../.claude/commands/x"},
			skills.ErrNotSkill, []string{skills.LabelSkillName, `"../../.claude/commands/x" holds the character '.'`}},
		{"a name in capitals", layerWith(t, skillMD), map[string]string{skills.LabelSkillName: "Demo"}, skills.ErrNotSkill, []string{`the capital letter 'D'`}},
		{"a name that is too long", layerWith(t, skillMD), map[string]string{skills.LabelSkillName: string(bytes.Repeat([]byte("a"), 65))}, skills.ErrNotSkill, []string{"more than 64 characters"}},
		{"another name", layerWith(t, skillMD), map[string]string{skills.LabelSkillName: "other"},
			skills.ErrCorrupt, []string{skills.LabelSkillName + ` says "other", SKILL.md says "demo"`}},
		{"a file too many in the label", layerWith(t, skillMD), map[string]string{skills.LabelSkillFiles: `["SKILL.md","a"]`},
			skills.ErrCorrupt, []string{`label ` + skills.LabelSkillFiles + ` lists "a", the layer does not hold it`}},
		{"a file too many in the layer", layerWith(t, skillMD, "a"), nil, skills.ErrCorrupt, []string{`the layer holds "a", label ` + skills.LabelSkillFiles + ` does not list it`}},
		{"a file of another name", layerWith(t, skillMD, "b"), map[string]string{skills.LabelSkillFiles: `["SKILL.md","a"]`}, skills.ErrCorrupt, []string{`lists "a"`}},
		{"no list of files", layerWith(t, skillMD), map[string]string{skills.LabelSkillFiles: ``}, skills.ErrCorrupt, []string{`the layer holds "SKILL.md"`}},
		{"a listed file that leads out", layerWith(t, skillMD), map[string]string{skills.LabelSkillFiles: `["SKILL.md","../x"]`}, skills.ErrNotSkill, []string{skills.LabelSkillFiles, "../x"}},
		{"another description", layerWith(t, skillMD), map[string]string{skills.LabelSkillDescription: "Harmless."},
			skills.ErrCorrupt, []string{skills.LabelSkillDescription + ` says "Harmless.", SKILL.md says "Shows things.`}},
		{"no description", layerWith(t, skillMD), map[string]string{skills.LabelSkillDescription: ""}, skills.ErrCorrupt, []string{skills.LabelSkillDescription + " says nothing, SKILL.md says"}},
		{"a version besides", layerWith(t, skillMD), map[string]string{skills.LabelSkillVersion: "9"}, skills.ErrCorrupt, []string{skills.LabelSkillVersion + ` says "9", SKILL.md says nothing`}},
		{"another license", layerWith(t, full), with(truth, skills.LabelSkillLicense, "GPL-3.0-only"), skills.ErrCorrupt, []string{skills.LabelSkillLicense + ` says "GPL-3.0-only", SKILL.md says "MIT"`}},
		{"no tools", layerWith(t, full), with(truth, skills.LabelSkillAllowedTools, "[]"), skills.ErrCorrupt, []string{skills.LabelSkillAllowedTools + " says nothing, SKILL.md says"}},
		{"other tools", layerWith(t, full), with(truth, skills.LabelSkillAllowedTools, `["Read","Write"]`), skills.ErrCorrupt, []string{skills.LabelSkillAllowedTools}},
		{"another compatibility", layerWith(t, full), with(truth, skills.LabelSkillCompatibility, "Needs nothing"), skills.ErrCorrupt, []string{skills.LabelSkillCompatibility + ` says "Needs nothing", SKILL.md says "Needs git"`}},
		{"other metadata", layerWith(t, full), with(truth, skills.LabelSkillMetadata, `{"author":"you"}`), skills.ErrCorrupt, []string{skills.LabelSkillMetadata}},
		{"a description that an anchor hides", layerWith(t, "---\nname: demo\ndescription: &a Other.\n---\n"), nil, skills.ErrCorrupt, []string{skills.LabelSkillDescription}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := foreign{layer: c.layer, labels: toolHiveLabels(c.labels)}
			requireAllRefuse(t, f.dir(t), skills.Limits{}, c.want, c.says...)
			// Of a skillcask's it is no different.
			f.manifest = func(m *ocispec.Manifest) {
				m.Annotations = map[string]string{skills.AnnotationFormat: "1"}
			}
			for _, r := range readers {
				_, err := r.read(t, f.dir(t), skills.Limits{})
				require.Error(t, err, r.name)
			}
		})
	}
}

func with(m map[string]string, key, value string) map[string]string {
	m = maps.Clone(m)
	m[key] = value
	return m
}

// TestToolHiveLabelsAreRead has what ToolHive's packager makes of SKILL.md where
// its reading and ours differ.
func TestToolHiveLabelsAreRead(t *testing.T) {
	t.Parallel()
	const head = "---\nname: demo\ndescription: Shows things. Use it in tests.\n"
	for _, c := range []struct {
		name     string
		skillMD  string
		labels   map[string]string // changes
		requires string
		want     func(config *skills.SkillConfig)
	}{
		{name: "nothing else", skillMD: skillMD},
		{name: "metadata and compatibility, which have no labels", skillMD: head + "compatibility: Needs git\nmetadata:\n  author: me\n  version: \"3\"\n---\n"},
		{name: "tools split at commas inside parentheses", skillMD: head + "allowed-tools: Bash(git add, git commit), Read\n---\n",
			labels: map[string]string{skills.LabelSkillAllowedTools: `["Bash(git add","git commit)","Read"]`},
			want:   func(c *skills.SkillConfig) { c.AllowedTools = []string{"Bash(git add", "git commit)", "Read"} }},
		{name: "tools split at spaces inside parentheses", skillMD: head + "allowed-tools: Bash(git add) Read\n---\n",
			labels: map[string]string{skills.LabelSkillAllowedTools: `["Bash(git","add)","Read"]`},
			want:   func(c *skills.SkillConfig) { c.AllowedTools = []string{"Bash(git", "add)", "Read"} }},
		{name: "tools in a list", skillMD: head + "allowed-tools:\n  - Read\n  - \" Write \"\n---\n",
			labels: map[string]string{skills.LabelSkillAllowedTools: `["Read"," Write "]`},
			want:   func(c *skills.SkillConfig) { c.AllowedTools = []string{"Read", " Write "} }},
		{name: "a value cut at dashes", skillMD: "---\nname: demo\nversion: \"2\"\ndescription: Use --- it --- now.\nlicense: MIT\n---\n",
			labels: map[string]string{skills.LabelSkillDescription: "Use", skills.LabelSkillVersion: "2"},
			want:   func(c *skills.SkillConfig) { c.Description, c.Version = "Use", "2" }},
		{name: "blank lines before the fence", skillMD: "\n \n" + skillMD},
		{name: "an alias", skillMD: "---\nname: &n demo\ndescription: Shows things. Use it in tests.\nlicense: *n\n---\n",
			labels: map[string]string{skills.LabelSkillLicense: "demo"},
			want:   func(c *skills.SkillConfig) { c.License = "demo" }},
		{name: "a number for a version", skillMD: head + "version: 1.10\n---\n",
			labels: map[string]string{skills.LabelSkillVersion: "1.10"},
			want:   func(c *skills.SkillConfig) { c.Version = "1.10" }},
		{name: "requires", skillMD: head + "metadata:\n  toolhive.requires: |\n    a.example/b:1\n\n    a.example/c:1\n---\n",
			requires: `["a.example/b:1","a.example/c:1"]`},
		{name: "requires at the top, which it does not look for", skillMD: head + "toolhive.requires: a.example/b:1\n---\n"},
		{name: "labels as a later version might write", skillMD: head + "compatibility: Needs git\nmetadata:\n  a: b\n---\n",
			labels: map[string]string{skills.LabelSkillCompatibility: "Needs git", skills.LabelSkillMetadata: `{"a":"b"}`},
			want:   func(c *skills.SkillConfig) { c.Compatibility, c.Metadata = "Needs git", map[string]string{"a": "b"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			layer := layerWith(t, c.skillMD)
			labels := toolHiveLabels(c.labels)
			annotations := map[string]string{
				ocispec.AnnotationCreated:         "1970-01-01T00:00:00Z",
				skills.AnnotationSkillName:        labels[skills.LabelSkillName],
				skills.AnnotationSkillDescription: labels[skills.LabelSkillDescription],
				skills.AnnotationSkillVersion:     labels[skills.LabelSkillVersion],
			}
			if c.requires != "" {
				annotations[skills.AnnotationSkillRequires] = c.requires
			}
			want := &skills.SkillConfig{Name: "demo", Description: "Shows things. Use it in tests.", Files: []string{"SKILL.md"}}
			if c.want != nil {
				c.want(want)
			}
			requireAllTake(t, foreign{
				layer: layer, labels: labels, artifact: "dev.toolhive.skills.v1",
				manifest: func(m *ocispec.Manifest) { m.Annotations = annotations },
				indexTweaks: func(i *ocispec.Index) {
					i.ArtifactType, i.Annotations = "dev.toolhive.skills.v1", annotations
					i.Manifests[0].Platform = &ocispec.Platform{OS: "linux", Architecture: "amd64"}
				},
			}.dir(t), want)
		})
	}
}

// TestAnnotationsMustAgree with the labels and, for what has no label, with
// SKILL.md.
func TestAnnotationsMustAgree(t *testing.T) {
	t.Parallel()
	const requiring = "---\nname: demo\ndescription: Shows things. Use it in tests.\nmetadata:\n  toolhive.requires: a.example/b:1\n---\n"
	onIndex := func(key, value string) foreign {
		return foreign{indexTweaks: func(i *ocispec.Index) { i.Annotations = map[string]string{key: value} }}
	}
	onManifest := func(key, value string) foreign {
		return foreign{manifest: func(m *ocispec.Manifest) { m.Annotations = map[string]string{key: value} }}
	}
	both := func(key, index, manifest string) foreign {
		f := onIndex(key, index)
		f.manifest = onManifest(key, manifest).manifest
		return f
	}
	for name, c := range map[string]struct {
		foreign
		skillMD string
		says    string
	}{
		"name of an index":            {onIndex(skills.AnnotationSkillName, "other"), skillMD, `annotation dev.toolhive.skills.name says "other", label dev.toolhive.skills.name says "demo"`},
		"name of a manifest":          {onManifest(skills.AnnotationSkillName, "../x"), skillMD, `says "../x", label`},
		"description of an index":     {onIndex(skills.AnnotationSkillDescription, "Harmless."), skillMD, `says "Harmless.", label`},
		"version of a manifest":       {onManifest(skills.AnnotationSkillVersion, "9"), skillMD, `says "9", label dev.toolhive.skills.version says nothing`},
		"requires of an index":        {onIndex(skills.AnnotationSkillRequires, `["evil.example/x:1"]`), skillMD, `requires says "[\"evil.example/x:1\"]", SKILL.md says nothing`},
		"other requires":              {onManifest(skills.AnnotationSkillRequires, `["a.example/b:2"]`), requiring, `SKILL.md says "a.example/b:1"`},
		"requires that are no list":   {onManifest(skills.AnnotationSkillRequires, `a.example/b:1`), requiring, `requires says "a.example/b:1", SKILL.md`},
		"requires of two kinds":       {both(skills.AnnotationSkillRequires, `["a.example/b:1"]`, `["a.example/b:2"]`), requiring, "that of another manifest says"},
		"formats of two kinds":        {both(skills.AnnotationFormat, "2", "3"), skillMD, "that of another manifest says"},
		"nothing but a format":        {onManifest(skills.AnnotationFormat, "1"), skillMD, `dev.toolhive.skills.name says nothing, label`},
		"a format on the index alone": {onIndex(skills.AnnotationFormat, "1"), skillMD, `says nothing, label`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.layer = layerWith(t, c.skillMD)
			c.labels = toolHiveLabels(nil)
			requireAllRefuse(t, c.dir(t), skills.Limits{}, skills.ErrCorrupt, c.says)
		})
	}
}
