// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// notedLayout is a layout of two artifacts, a and b, whose index.json another
// tool is about to write.
type notedLayout struct {
	*ocilayout.Store
	path string
	a, b *skills.PackageResult
}

func newNotedLayout(t *testing.T) *notedLayout {
	path := t.TempDir()
	n := &notedLayout{Store: openLayout(t, path), path: path}
	dir := testkit.Tree(t, testkit.SmallSkill())
	for i, result := range []**skills.PackageResult{&n.a, &n.b} {
		var err error
		*result, err = skills.NewPackager(n.Store).Package(t.Context(), dir, skills.PackageOptions{Epoch: time.Unix(int64(i), 0)})
		require.NoError(t, err)
	}
	return n
}

// fill replaces A and B by the members that describe them.
func (n *notedLayout) fill(text string) string {
	describe := func(r *skills.PackageResult) string {
		return fmt.Sprintf(`"mediaType":%q,"digest":%q,"size":%d`, r.Index.MediaType, r.IndexDigest, r.Index.Size)
	}
	return strings.NewReplacer("<A>", describe(n.a), "<B>", describe(n.b),
		"TYPE", `"artifactType":"`+skills.ArtifactTypeSkill+`"`, "NAME", `"org.opencontainers.image.ref.name"`).Replace(text)
}

func (n *notedLayout) write(t *testing.T, entries ...string) {
	t.Helper()
	text := n.fill(`{"schemaVersion": 2, "x-before": {"b":1, "a":2}, "manifests": [` + strings.Join(entries, ",\n ") + `], "annotations": {"of": "<all>"}, "x-after": 12345678901234567890}`)
	require.NoError(t, os.WriteFile(filepath.Join(n.path, "index.json"), []byte(text), 0o644))
}

// requireEntries wants index.json to be what write would write, to the byte
// but for the space between members.
func (n *notedLayout) requireEntries(t *testing.T, entries ...string) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(n.path, "index.json"))
	require.NoError(t, err)
	want := n.fill(`{"schemaVersion":2,"x-before":{"b":1, "a":2},"manifests":[` + strings.Join(entries, ",") + `],"annotations":{"of": "<all>"},"x-after":12345678901234567890}`)
	require.Equal(t, want, string(got))
}

// TestWhatOthersWroteIntoIndexJSONIsKept, in its place, and is never copied to
// the entry of another tag.
func TestWhatOthersWroteIntoIndexJSONIsKept(t *testing.T) {
	t.Parallel()
	const (
		bare     = `{<A>}`
		noted    = `{"x-size": 12345678901234567890, <A>, "annotations": {"note": "<first>", NAME: "1.0"}, "urls": ["https://example.com/"]}`
		untagged = `{"x-size":12345678901234567890,<A>,"annotations":{"note":"<first>"},"urls":["https://example.com/"]}`
		platform = `{<A>,"platform":{"os":"linux","architecture":"arm64"},"annotations":{NAME:"1.0"}}`
		other    = `{<B>,"annotations":{NAME:"other"},TYPE}`
		tag      = `,"annotations":{NAME:"new"}`
	)
	for name, c := range map[string]struct {
		before []string
		a, b   string // the tag that each then gets
		after  []string
	}{
		"another artifact":            {[]string{noted}, "", "other", []string{noted, other}},
		"another tag":                 {[]string{noted}, "new", "", []string{noted, `{<A>` + tag + `,TYPE}`}},
		"the tag that it has":         {[]string{noted, other}, "1.0", "", []string{noted, other}},
		"its digest":                  {[]string{noted, other}, "DIGEST", "", []string{noted, other}},
		"its tag moves":               {[]string{noted}, "", "1.0", []string{untagged, `{<B>,"annotations":{NAME:"1.0"},TYPE}`}},
		"its tag moves, it has two":   {[]string{noted, `{<A>` + tag + `}`}, "", "1.0", []string{`{<A>` + tag + `}`, `{<B>,"annotations":{NAME:"1.0"},TYPE}`}},
		"the notes are of no tag":     {[]string{untagged}, "new", "", []string{untagged, `{<A>` + tag + `,TYPE}`}},
		"nothing is noted":            {[]string{bare, other}, "new", "", []string{`{<A>` + tag + `}`, other}},
		"the platform is no note":     {[]string{platform}, "new", "", []string{platform, `{<A>` + tag + `,"platform":{"architecture":"arm64","os":"linux"},TYPE}`}},
		"the tag is listed twice":     {[]string{noted, `{<B>,"annotations":{NAME:"1.0"}}`}, "1.0", "", []string{noted, `{<B>}`}},
		"annotations are null":        {[]string{`{<A>,"annotations":null}`}, "new", "", []string{`{<A>` + tag + `}`}},
		"the size and type are wrong": {[]string{strings.Replace(noted, "<A>", `"mediaType":"x","digest":"DIGEST","size":1`, 1)}, "1.0", "", []string{`{"x-size":12345678901234567890,<A>,"annotations":{"note": "<first>", NAME: "1.0"},"urls":["https://example.com/"]}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNotedLayout(t)
			fill := func(entries []string) (filled []string) {
				for _, entry := range entries {
					filled = append(filled, strings.ReplaceAll(entry, "DIGEST", n.a.IndexDigest.String()))
				}
				return filled
			}
			n.write(t, fill(c.before)...)
			unchanged, err := os.ReadFile(filepath.Join(n.path, "index.json"))
			require.NoError(t, err)
			if c.a != "" {
				require.NoError(t, n.Tag(t.Context(), n.a.Index, strings.ReplaceAll(c.a, "DIGEST", n.a.IndexDigest.String())))
			}
			if c.b != "" {
				require.NoError(t, n.Tag(t.Context(), n.b.Index, c.b))
			}
			if name == "the tag that it has" || name == "its digest" {
				after, err := os.ReadFile(filepath.Join(n.path, "index.json"))
				require.NoError(t, err)
				require.Equal(t, string(unchanged), string(after))
				return
			}
			n.requireEntries(t, fill(c.after)...)
		})
	}
}

// TestAnIndexJSONThatReadersReadDifferentlyIsRefused, and stays as it is.
func TestAnIndexJSONThatReadersReadDifferentlyIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":                 `{"manifests":[`,
		"no object":               `[]`,
		"no list":                 `{"manifests":{}}`,
		"an entry that is none":   `{"manifests":[3]}`,
		"more after it":           `{"manifests":[]} {}`,
		"manifests twice":         `{"manifests":[],"manifests":[]}`,
		"manifests in two cases":  `{"manifests":[],"Manifests":[]}`,
		"manifests in upper case": `{"MANIFESTS":[]}`,
		"a digest twice":          `{"manifests":[{<A>,"digest":"x"}]}`,
		"a digest in upper case":  `{"manifests":[{<A>,"DIGEST":"x"}]}`,
		"a tag twice":             `{"manifests":[{<A>,"annotations":{NAME:"1.0",NAME:"2.0"}}]}`,
		"a tag that is no text":   `{"manifests":[{<A>,"annotations":{NAME:1}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNotedLayout(t)
			file := filepath.Join(n.path, "index.json")
			require.NoError(t, os.WriteFile(file, []byte(n.fill(text)), 0o644))
			_, err := registry.Tags(t.Context(), n)
			require.ErrorIs(t, err, ocilayout.ErrNotLayout)
			require.ErrorContains(t, err, file)
			_, err = n.Resolve(t.Context(), "1.0")
			require.ErrorIs(t, err, ocilayout.ErrNotLayout)
			require.NotErrorIs(t, err, errdef.ErrNotFound)
			require.ErrorIs(t, n.Tag(t.Context(), n.a.Index, "1.0"), ocilayout.ErrNotLayout)
			after, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, n.fill(text), string(after))
		})
	}
}
