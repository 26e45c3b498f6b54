// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// TestIndexJSONIsBounded reads what is short as text and large in memory. It is
// not parallel: it measures memory.
func TestIndexJSONIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	layout, err := Open(t.TempDir())
	require.NoError(t, err)
	fill := func(item func(n int) string) string {
		var b strings.Builder
		for n := 0; ; n++ {
			text := item(n)
			if b.Len()+len(text) > maxIndexBytes-200 {
				return strings.TrimSuffix(b.String(), ",")
			}
			b.WriteString(text)
		}
	}
	member := func(value string) func(n int) string {
		return func(n int) string { return fmt.Sprintf(`"%x":%s,`, n, value) }
	}
	empty := func(int) string { return `"",` }
	for name, text := range map[string]string{
		"members":     `{` + fill(member("1")) + `}`,
		"of an entry": `{"manifests":[{` + fill(member("1")) + `}]}`,
		"annotations": `{"manifests":[{"annotations":{` + fill(member(`""`)) + `}}]}`,
		"urls":        `{"manifests":[{"urls":[` + fill(empty) + `]}]}`,
		"features":    `{"manifests":[{"platform":{"os.features":[` + fill(empty) + `]}}]}`,
		"entries":     `{"manifests":[` + fill(func(int) string { return "{}," }) + `]}`,
		"tags": `{"manifests":[` + fill(func(int) string {
			return `{"annotations":{"org.opencontainers.image.ref.name":"` + strings.Repeat("x", 400) + `"}},`
		}) + `]}`,
		"nesting": `{"x":` + strings.Repeat("[", maxIndexBytes-200),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(layout.path, ocispec.ImageIndexFile), []byte(text), 0o644))
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := registry.Tags(t.Context(), layout)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(96<<20), name)
		require.Equal(t, name == "urls" || name == "tags", err == nil, "%s: %v", name, err)
	}
}

// FuzzIndexJSON reads an index.json that anyone wrote, moves tags in it, and
// wants the rest to stay.
func FuzzIndexJSON(f *testing.F) {
	const a, b = "sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "sha256:0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
	for _, seed := range []string{
		`{}`, `{"manifests":null}`, `{"manifests":[]}`, `{"x":1,"manifests":[{"digest":"` + a + `"}],"y":[{}]}`,
		`{"manifests":[{"digest":"` + a + `","size":1,"annotations":{"org.opencontainers.image.ref.name":"x","y":"z"},"u":{"v":1e400}}]}`,
		`{"manifests":[{"digest":"` + b + `","annotations":null},{"digest":"` + b + `","annotations":{"org.opencontainers.image.ref.name":"x"}}]}`,
		`{"Manifests":[]}`, `{"manifests":[{"digest":"` + a + `","annotations":{"org.opencontainers.image.ref.name":""}}]}`,
	} {
		f.Add(seed, "x")
	}
	f.Fuzz(func(t *testing.T, text, tag string) {
		x, err := parseIndex([]byte(text))
		if err != nil || !utf8.ValidString(tag) {
			return
		}
		requireReadAlike(t, []byte(text), x)
		members, foreign := slices.Clone(x.members), foreignMembers(t, x)
		for _, desc := range []ocispec.Descriptor{{MediaType: "m", Digest: a, Size: 2}, {MediaType: "m", Digest: b, Size: 3}} {
			digests := map[string]bool{}
			for _, e := range x.entries {
				digests[e.desc.Digest.String()] = true
			}
			before, _ := x.tag(desc, tag, nil)
			if tag != "" && before != "" {
				require.True(t, digests[before.String()])
			}
			again, err := parseIndex(x.encode())
			require.NoError(t, err)
			require.Equal(t, members, again.members)
			requireReadAlike(t, x.encode(), again)
			led := 0
			for _, e := range again.entries {
				delete(digests, e.desc.Digest.String())
				if e.tag == tag && e.desc.Digest == desc.Digest {
					led++
				} else {
					require.False(t, tag != "" && e.tag == tag, "the tag leads to another")
				}
			}
			require.Empty(t, digests, "what was listed stays listed")
			require.True(t, led > 0 || tag == "")
			_, changed := again.tag(desc, tag, nil)
			require.False(t, changed)
			require.Subset(t, foreign, foreignMembers(t, again), "nothing is noted of what it was not")
			x = again
		}
	})
}

// foreignMembers returns what others have noted, with the digest.
func foreignMembers(t *testing.T, x *indexFile) (list []string) {
	for _, e := range x.entries {
		members, err := parseObject(e.raw)
		require.NoError(t, err)
		for _, member := range members {
			switch member.name {
			case "mediaType", "digest", "size", "platform", "artifactType", "annotations":
			default:
				list = append(list, e.desc.Digest.String()+" "+member.name+" "+string(member.value))
			}
		}
	}
	return list
}

// requireReadAlike wants others to read the same digests and tags.
func requireReadAlike(t *testing.T, text []byte, x *indexFile) {
	var index ocispec.Index
	if json.Unmarshal(text, &index) != nil {
		return // the rest of it
	}
	require.Len(t, x.entries, len(index.Manifests))
	for i, desc := range index.Manifests {
		require.Equal(t, desc.Digest, x.entries[i].desc.Digest)
		require.Equal(t, desc.Annotations[ocispec.AnnotationRefName], x.entries[i].tag)
	}
}

// TestIndexJSONIsNotAmbiguous refuses members that two readers may take for
// different things, wherever they are.
func TestIndexJSONIsNotAmbiguous(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"manifests":[],"manifests":[]}`,
		`{"Manifests":[]}`,
		`{"manifests":[{"digest":"x","digest":"y"}]}`,
		`{"manifests":[{"platform":{"os":"a","os":"b"}}]}`,
		`{"manifests":[{"platform":{"OS":"b"}}]}`,
		`{"x":[{"y":1,"y":2}]}`,
		"{\"x\":\"\xff\"}",
		`{}{}`, `[]`, `null`, ``,
	} {
		_, err := parseIndex([]byte(text))
		require.Error(t, err, text)
	}
}
