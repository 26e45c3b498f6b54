// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package reproducible_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	orascontent "oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
)

// What follows is written from the words of FORMAT.md, "Artifact", without the encoder of
// encoding/json, image-spec and oras-go. It is here, beside the text, and not in package
// skills, whose packing it checks: only this test looks that way.

// secondSkill holds what FORMAT.md says that an artifact is made of.
type secondSkill struct {
	name, description, version, license, compatibility string
	allowedTools, files, requires                      []string
	metadata                                           map[string]string
	source, revision, epoch                            string
	platforms                                          [][3]string // architecture, OS, variant
	layer                                              []byte
	diffID                                             string
}

// quote returns a JSON string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case strings.ContainsRune("\b\f\n\r\t", r):
			b.WriteByte('\\')
			b.WriteByte("bfnrt"[strings.IndexRune("\b\f\n\r\t", r)])
		case r < 0x20 || r == '<' || r == '>' || r == '&' || r == 0x2028 || r == 0x2029:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func quoteList(list []string) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, quote(s))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func quoteMap(m map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, quote(key)+":"+quote(m[key]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// withoutEmpty leaves out the entries whose value is empty.
func withoutEmpty(m map[string]string) map[string]string {
	maps.DeleteFunc(m, func(_, value string) bool { return value == "" })
	return m
}

func secondDigest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

func secondDescriptor(mediaType string, data []byte) string {
	return fmt.Sprintf(`"mediaType":"%s","digest":"%s","size":%d`, mediaType, secondDigest(data), len(data))
}

func secondPlatform(p [3]string) string {
	s := fmt.Sprintf(`"architecture":"%s","os":"%s"`, p[0], p[1])
	if p[2] != "" {
		s += fmt.Sprintf(`,"variant":"%s"`, p[2])
	}
	return s
}

func (s secondSkill) config(platform [3]string) []byte {
	const prefix = "dev.toolhive.skills."
	labels := map[string]string{
		prefix + "name": s.name, prefix + "description": s.description, prefix + "version": s.version,
		prefix + "license": s.license, prefix + "compatibility": s.compatibility, prefix + "files": quoteList(s.files),
	}
	if len(s.allowedTools) > 0 {
		labels[prefix+"allowedTools"] = quoteList(s.allowedTools)
	}
	if len(s.metadata) > 0 {
		labels[prefix+"metadata"] = quoteMap(s.metadata)
	}
	return fmt.Appendf(nil, `{"created":"%s",%s,"config":{"Labels":%s},"rootfs":{"type":"layers","diff_ids":["%s"]},`+
		`"history":[{"created":"%s","created_by":"skillcask pack"}]}`,
		s.epoch, secondPlatform(platform), quoteMap(withoutEmpty(labels)), s.diffID, s.epoch)
}

func (s secondSkill) annotations() string {
	const oci, toolhive = "org.opencontainers.image.", "dev.toolhive.skills."
	m := map[string]string{
		oci + "created": s.epoch, oci + "title": s.name, oci + "description": s.description, oci + "version": s.version,
		oci + "licenses": s.license, oci + "source": s.source, oci + "revision": s.revision,
		toolhive + "name": s.name, toolhive + "description": s.description, toolhive + "version": s.version,
		"dev.skillcask.format": "1",
	}
	if len(s.requires) > 0 {
		m[toolhive+"requires"] = quoteList(s.requires)
	}
	return quoteMap(withoutEmpty(m))
}

func (s secondSkill) manifest(platform [3]string) []byte {
	return fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",`+
		`"artifactType":"application/vnd.dev.toolhive.skills.v1","config":{%s},`+
		`"layers":[{%s,"annotations":{"org.opencontainers.image.title":"skill.tar.gz"}}],"annotations":%s}`,
		secondDescriptor("application/vnd.oci.image.config.v1+json", s.config(platform)),
		secondDescriptor("application/vnd.oci.image.layer.v1.tar+gzip", s.layer), s.annotations())
}

func (s secondSkill) index() []byte {
	var manifests []string
	for _, p := range s.platforms {
		manifests = append(manifests, fmt.Sprintf(`{%s,"platform":{%s}}`,
			secondDescriptor("application/vnd.oci.image.manifest.v1+json", s.manifest(p)), secondPlatform(p)))
	}
	return fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",`+
		`"artifactType":"application/vnd.dev.toolhive.skills.v1","manifests":[%s],"annotations":%s}`,
		strings.Join(manifests, ","), s.annotations())
}

const plainSkill = "---\nname: plain\ndescription: A plain skill.\n---\n# Plain\n"

const fullSkill = `---
name: full
description: "<b> & \"q\" \\ / \u2028\u2029 \u007f é 日本 \U0001F600 \uFFFD tab\there"
version: 1.10
license: Apache-2.0 & <more>
compatibility: "a > b"
allowed-tools: Bash(git add, git commit) Read,Write
metadata:
  Zeta: 1.0
  alpha: ~
  empty: ""
  é: "line one\nline two\n"
  "<key>&": yes
  list: [1, two, {b: 3.0, a: "<"}]
  toolhive.requires: |
    ghcr.io/example/one:v1

      ghcr.io/example/two@sha256:0000000000000000000000000000000000000000000000000000000000000000
---
# Full
`

// TestSecondArtifact holds package skills to FORMAT.md.
func TestSecondArtifact(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		opts  skills.PackageOptions
		want  secondSkill
	}{
		"plain": {
			files: map[string]string{"SKILL.md": plainSkill},
			want: secondSkill{name: "plain", description: "A plain skill.", epoch: "1970-01-01T00:00:00Z",
				platforms: [][3]string{{"amd64", "linux", ""}, {"arm64", "linux", ""}}},
		},
		"full": {
			files: map[string]string{"SKILL.md": fullSkill, "scripts/<run> & 'go'.sh": "#!/bin/sh\n", "日本/é.md": "x", "a-b": "", "a/b": ""},
			opts: skills.PackageOptions{
				Epoch: time.Date(2026, 11, 23, 10, 2, 3, 0, time.FixedZone("JST", 9*60*60)), Source: "https://example.com/?a=1&b=<2>", Revision: "v1\"\\\x01\b\f\n\r\t\x1f",
				Platforms: []ocispec.Platform{{OS: "windows", Architecture: "amd64"}, {OS: "linux", Architecture: "arm", Variant: "v7"}},
			},
			want: secondSkill{
				name: "full", description: "<b> & \"q\" \\ / \u2028\u2029 \u007f é 日本 \U0001F600 \uFFFD tab\there", version: "1.10",
				license: "Apache-2.0 & <more>", compatibility: "a > b",
				allowedTools: []string{"Bash(git add, git commit)", "Read", "Write"},
				metadata: map[string]string{
					"Zeta": "1.0", "alpha": "", "empty": "", "é": "line one\nline two\n", "<key>&": "yes",
					"list":              `["1","two",{"a":"\u003c","b":"3.0"}]`,
					"toolhive.requires": "ghcr.io/example/one:v1\n\n  ghcr.io/example/two@sha256:" + strings.Repeat("0", 64) + "\n",
				},
				requires: []string{"ghcr.io/example/one:v1", "ghcr.io/example/two@sha256:" + strings.Repeat("0", 64)},
				source:   "https://example.com/?a=1&b=<2>", revision: "v1\"\\\x01\b\f\n\r\t\x1f",
				epoch: "2026-11-23T01:02:03Z", platforms: [][3]string{{"amd64", "windows", ""}, {"arm", "linux", "v7"}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, fsys := test.want, fstest.MapFS{}
			var files []reproducible.File
			for _, name := range slices.Sorted(maps.Keys(test.files)) {
				require.True(t, utf8.ValidString(name))
				fsys[name] = &fstest.MapFile{Data: []byte(test.files[name])}
				files = append(files, file(name, test.files[name]))
				want.files = append(want.files, name)
			}
			epoch, err := time.Parse(time.RFC3339, want.epoch)
			require.NoError(t, err)
			archived := archive(t, epoch, files...)
			want.layer, want.diffID = compress(t, archived), secondDigest(archived)

			store := memory.New()
			got, err := skills.NewPackager(store).PackageFS(t.Context(), fsys, test.opts)
			require.NoError(t, err)
			var index ocispec.Index
			raw := fetch(t, store, got.Index, &index)
			for i, p := range want.platforms {
				var manifest ocispec.Manifest
				raw := fetch(t, store, index.Manifests[i], &manifest)
				require.Equal(t, string(want.config(p)), fetch(t, store, manifest.Config, new(ocispec.Image)))
				require.Equal(t, string(want.manifest(p)), raw)
			}
			require.Equal(t, string(want.index()), raw)
			require.Equal(t, secondDigest(want.index()), got.IndexDigest.String())
		})
	}
}

// fetch returns a blob of the store and decodes it.
func fetch(t *testing.T, store orascontent.Fetcher, desc ocispec.Descriptor, into any) string {
	t.Helper()
	data, err := orascontent.FetchAll(t.Context(), store, desc)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
	return string(data)
}
