// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// foreign is the layout of another tool, whose index.json has all that this
// package would not have written.
type foreign struct {
	dir                         string
	multi, single, child, third registrytest.Manifest
	absent                      digest.Digest
	entries                     []string
}

func indexOf(children ...registrytest.Manifest) registrytest.Manifest {
	index := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex}
	index.SchemaVersion = 2
	for _, m := range children {
		index.Manifests = append(index.Manifests, ocispec.Descriptor{
			MediaType: m.MediaType, Digest: m.Digest, Size: int64(len(m.Content)),
			Platform: &ocispec.Platform{OS: "linux", Architecture: "arm64"},
		})
	}
	b, _ := json.Marshal(index)
	return registrytest.Manifest{MediaType: index.MediaType, Digest: digest.FromBytes(b), Content: b}
}

func newForeign(t *testing.T) *foreign {
	f := &foreign{dir: filepath.Join(t.TempDir(), "app"), absent: digest.FromString("absent")}
	f.child, f.third, f.single = imageManifest("child"), imageManifest("third"), imageManifest("single")
	f.multi = indexOf(f.child, f.third)
	for _, m := range []registrytest.Manifest{f.child, f.third, f.single, f.multi} {
		write(t, f.file(m.Digest), string(m.Content))
	}
	describe := func(m registrytest.Manifest, size int, rest string) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d%s}`, m.MediaType, m.Digest, size, rest)
	}
	named := func(name, more string) string {
		return fmt.Sprintf(`,"annotations":{"org.opencontainers.image.ref.name":%q%s}`, name, more)
	}
	f.entries = []string{
		describe(f.multi, len(f.multi.Content), named("multi", `,"note":"<first>"`)),
		describe(f.single, len(f.single.Content), `,"platform":{"os":"linux","architecture":"amd64"}`+named("v1", `,"note":"amd64"`)),
		describe(f.single, len(f.single.Content), `,"platform":{"os":"linux","architecture":"arm64"},"x-size":12345678901234567890`+named("v2", `,"note":"arm64"`)),
		describe(registrytest.Manifest{MediaType: imageType, Digest: f.absent}, 7, named("absent", "")),
		describe(registrytest.Manifest{MediaType: imageType, Digest: "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"}, 7, ""),
	}
	write(t, filepath.Join(f.dir, "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`)
	f.writeIndex(t)
	return f
}

func (f *foreign) writeIndex(t *testing.T) {
	text := `{"schemaVersion": 2, "annotations": {"of": "the index"}, "x-other": [1], "manifests": [` + "\n"
	for i, e := range f.entries {
		if i > 0 {
			text += ",\n"
		}
		text += e
	}
	write(t, filepath.Join(f.dir, "index.json"), text+"]}")
}

func (f *foreign) file(dgst digest.Digest) string {
	return filepath.Join(f.dir, "blobs", dgst.Algorithm().String(), dgst.Encoded())
}

// read returns what index.json has, and its entries.
func (f *foreign) read(t *testing.T) (index map[string]json.RawMessage, entries []json.RawMessage) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(f.dir, "index.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &index))
	require.NoError(t, json.Unmarshal(index["manifests"], &entries))
	return index, entries
}

// TestForeignEntriesAreKept: a change rewrites the entries that it is about.
func TestForeignEntriesAreKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(t *testing.T, f *foreign, s registrytest.Store) error
		gone   []int             // entries that go
		edited map[int][2]string // what is replaced in an entry
		added  []string
	}{
		"another manifest": {
			change: func(t *testing.T, _ *foreign, s registrytest.Store) error {
				return s.PutManifest(t.Context(), "app", imageManifest("new"), "new")
			},
			added: []string{entry(ocispec.Descriptor{MediaType: imageType, Digest: imageManifest("new").Digest, Size: int64(len(image("new")))}, "new")},
		},
		"a tag of what is listed": {
			change: func(t *testing.T, f *foreign, s registrytest.Store) error {
				return s.PutManifest(t.Context(), "app", f.multi, "more")
			},
			added: []string{`{"mediaType":"` + ocispec.MediaTypeImageIndex + `","digest":"DIGEST","size":SIZE,"annotations":{"org.opencontainers.image.ref.name":"more"}}`},
		},
		"a tag that moves": {
			change: func(t *testing.T, f *foreign, s registrytest.Store) error {
				return s.PutManifest(t.Context(), "app", f.single, "multi")
			},
			edited: map[int][2]string{0: {`"org.opencontainers.image.ref.name":"multi",`, ""}},
			added: []string{`{"mediaType":"` + imageType + `","digest":"` + imageManifest("single").Digest.String() + `","size":` + itoa(int64(len(image("single")))) +
				`,"platform":{"os":"linux","architecture":"amd64"},"annotations":{"org.opencontainers.image.ref.name":"multi"}}`},
		},
		"one tag of two": {
			change: func(t *testing.T, _ *foreign, s registrytest.Store) error {
				return s.DeleteTag(t.Context(), "app", "v1")
			},
			gone: []int{1},
		},
		"a tag of what is not there": {
			change: func(t *testing.T, _ *foreign, s registrytest.Store) error {
				return s.DeleteTag(t.Context(), "app", "absent")
			},
			edited: map[int][2]string{3: {`,"annotations":{"org.opencontainers.image.ref.name":"absent"}`, ""}},
		},
		"a manifest with two tags": {
			change: func(t *testing.T, f *foreign, s registrytest.Store) error {
				return s.DeleteManifest(t.Context(), "app", f.single.Digest)
			},
			gone: []int{1, 2},
		},
		"what is not there": {
			change: func(t *testing.T, f *foreign, s registrytest.Store) error {
				return s.DeleteManifest(t.Context(), "app", f.absent)
			},
			gone: []int{3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForeign(t)
			before, _ := f.read(t)
			store, err := layout.Open(f.dir)
			require.NoError(t, err)
			require.NoError(t, c.change(t, f, store))
			var want []string
			for i, e := range f.entries {
				if edit, ok := c.edited[i]; ok {
					require.Contains(t, e, edit[0])
					e = strings.Replace(e, edit[0], edit[1], 1)
				}
				if !slices.Contains(c.gone, i) {
					want = append(want, e)
				}
			}
			for _, e := range c.added {
				want = append(want, strings.NewReplacer("DIGEST", f.multi.Digest.String(), "SIZE", itoa(int64(len(f.multi.Content)))).Replace(e))
			}
			after, got := f.read(t)
			require.Len(t, got, len(want))
			for i := range want {
				require.JSONEq(t, want[i], string(got[i]))
			}
			if !slices.Contains(c.gone, 2) {
				require.Contains(t, string(after["manifests"]), "12345678901234567890", "to the digit")
			}
			delete(before, "manifests")
			delete(after, "manifests")
			require.Len(t, after, len(before))
			for member := range before {
				require.JSONEq(t, string(before[member]), string(after[member]), member)
			}
		})
	}
}

// TestForeignMembersGoToNoOtherTag: what others note in an entry is of its tag.
func TestForeignMembersGoToNoOtherTag(t *testing.T) {
	t.Parallel()
	f, ctx := newForeign(t), t.Context()
	size := itoa(int64(len(f.single.Content)))
	noted := `{"mediaType":"` + imageType + `","digest":"` + f.single.Digest.String() + `","size":` + size + `,"x-note":1,"annotations":{"note":"x"%s}}`
	clean := entry(ocispec.Descriptor{MediaType: imageType, Digest: f.single.Digest, Size: int64(len(f.single.Content))}, "v9")
	for _, name := range []string{"", `,"org.opencontainers.image.ref.name":"v1"`} {
		f.entries = []string{fmt.Sprintf(noted, name)}
		f.writeIndex(t)
		store, err := layout.Open(f.dir)
		require.NoError(t, err)
		require.NoError(t, store.PutManifest(ctx, "app", f.single, "v9"))
		_, got := f.read(t)
		require.Len(t, got, 2)
		require.JSONEq(t, f.entries[0], string(got[0]))
		require.JSONEq(t, clean, string(got[1]))

		// A tag that goes leaves the notes where they were, for no tag after it.
		if name != "" {
			require.NoError(t, store.DeleteTag(ctx, "app", "v9"))
			require.NoError(t, store.DeleteTag(ctx, "app", "v1"))
			require.NoError(t, store.PutManifest(ctx, "app", f.single, "v9"))
			_, got := f.read(t)
			require.Len(t, got, 2)
			require.JSONEq(t, fmt.Sprintf(noted, ""), string(got[0]))
			require.JSONEq(t, clean, string(got[1]))
		}
	}
}

// TestWhatAnIndexHoldsIsNotListed: it is served all the same, is listed when it
// is pushed by itself, and outlives its index.
func TestWhatAnIndexHoldsIsNotListed(t *testing.T) {
	t.Parallel()
	f, ctx := newForeign(t), t.Context()
	outer := indexOf(f.multi)
	write(t, f.file(outer.Digest), string(outer.Content))
	f.entries = []string{entry(ocispec.Descriptor{MediaType: outer.MediaType, Digest: outer.Digest, Size: int64(len(outer.Content))}, "outer")}
	f.writeIndex(t)
	store, err := layout.Open(f.dir)
	require.NoError(t, err)
	another, err := layout.Open(f.dir)
	require.NoError(t, err)
	listed := func() (digests []digest.Digest) {
		_, entries := f.read(t)
		for _, e := range entries {
			var desc ocispec.Descriptor
			require.NoError(t, json.Unmarshal(e, &desc))
			digests = append(digests, desc.Digest)
		}
		return digests
	}
	requireServed := func(served ...registrytest.Manifest) {
		t.Helper()
		fresh, err := layout.Open(f.dir)
		require.NoError(t, err)
		for _, s := range []registrytest.Store{store, another, fresh} {
			for _, m := range []registrytest.Manifest{outer, f.multi, f.child, f.third} {
				_, err := s.GetManifest(ctx, "app", m.Digest)
				if slices.ContainsFunc(served, func(want registrytest.Manifest) bool { return want.Digest == m.Digest }) {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, registrytest.ErrManifestUnknown)
				}
			}
		}
	}
	requireServed(outer, f.multi, f.child, f.third)
	require.NoError(t, store.PutManifest(ctx, "app", f.single, "v1"))
	require.Equal(t, []digest.Digest{outer.Digest, f.single.Digest}, listed())

	require.NoError(t, store.PutManifest(ctx, "app", f.child))
	require.Equal(t, []digest.Digest{outer.Digest, f.single.Digest, f.child.Digest}, listed(), "it was pushed by itself")
	require.NoError(t, store.DeleteManifest(ctx, "app", outer.Digest))
	require.Equal(t, []digest.Digest{f.single.Digest, f.child.Digest, f.multi.Digest}, listed())
	requireServed(f.multi, f.child, f.third)
	require.NoError(t, another.DeleteManifest(ctx, "app", f.third.Digest))
	require.ErrorIs(t, store.DeleteManifest(ctx, "app", f.third.Digest), registrytest.ErrManifestUnknown)
	requireServed(f.multi, f.child)
	require.NoError(t, store.DeleteManifest(ctx, "app", f.multi.Digest))
	require.Equal(t, []digest.Digest{f.single.Digest, f.child.Digest}, listed())
	requireServed(f.child)
}

// referrerManifest has the seed as its subject.
func referrerManifest(text string) registrytest.Manifest {
	content := strings.Replace(image(text), `"layers"`, `"subject":{"mediaType":"`+imageType+`","digest":"`+seedDigest.String()+`","size":36},"layers"`, 1)
	return registrytest.Manifest{MediaType: imageType, Digest: digest.FromString(content), Content: []byte(content)}
}

// TestReferrersInAnIndexAreForgotten: another store has removed one that
// index.json does not list.
func TestReferrersInAnIndexAreForgotten(t *testing.T) {
	t.Parallel()
	f, ctx := newForeign(t), t.Context()
	referrer := referrerManifest("x")
	holder := indexOf(referrer)
	write(t, f.file(referrer.Digest), string(referrer.Content))
	write(t, f.file(holder.Digest), string(holder.Content))
	f.entries = []string{entry(ocispec.Descriptor{MediaType: holder.MediaType, Digest: holder.Digest, Size: int64(len(holder.Content))}, "v1")}
	f.writeIndex(t)
	for range 2 {
		write(t, f.file(referrer.Digest), string(referrer.Content))
		var stores [2]registrytest.Store
		for i := range stores {
			var err error
			stores[i], err = layout.Open(f.dir)
			require.NoError(t, err)
			list, err := stores[i].ListReferrers(ctx, "app", seedDigest)
			require.NoError(t, err)
			require.Len(t, list, 1)
		}
		require.NoError(t, stores[0].DeleteManifest(ctx, "app", referrer.Digest))
		for _, s := range stores {
			list, err := s.ListReferrers(ctx, "app", seedDigest)
			require.NoError(t, err)
			require.Empty(t, list)
		}
	}
}

// TestLinksAreNoRepositories: a link would be a second name of a repository, and
// one that no list of repositories has.
func TestLinksAreNoRepositories(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	m := imageManifest("x")
	require.NoError(t, store.PutManifest(ctx, "app", m, "v1"))
	require.NoError(t, store.PutManifest(ctx, "group/app", m, "v1"))
	require.NoError(t, os.Symlink("app", filepath.Join(dir, "alias")))
	require.NoError(t, os.Symlink("group", filepath.Join(dir, "team")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	write(t, filepath.Join(dir, "file"), "")
	for _, repo := range []string{"alias", "alias/sub", "team/app", "team/new", "dangling", "file", "file/app"} {
		require.ErrorIs(t, store.PutManifest(ctx, repo, m, "v2"), registrytest.ErrNameInvalid, repo)
		_, err := store.StartUpload(ctx, repo, digest.SHA256)
		require.ErrorIs(t, err, registrytest.ErrNameInvalid, repo)
		_, err = store.ListTags(ctx, repo)
		require.ErrorIs(t, err, registrytest.ErrNameUnknown, repo)
	}
	for _, repo := range []string{"app", "group/app"} {
		tags, err := store.ListTags(ctx, repo)
		require.NoError(t, err)
		require.Equal(t, []string{"v1"}, tags)
	}
}

// TestARepositoryThatIsHalfMadeIsKept: where another tool has written one of
// the two files of a layout.
func TestARepositoryThatIsHalfMadeIsKept(t *testing.T) {
	t.Parallel()
	for name, missing := range map[string]string{"no oci-layout": "oci-layout", "no index.json": "index.json", "all there": ""} {
		f, ctx := newForeign(t), t.Context()
		aside := f.dir + "-aside"
		require.NoError(t, os.Rename(f.dir, aside))
		store, err := layout.Open(filepath.Dir(f.dir))
		require.NoError(t, err)
		require.NoError(t, os.Rename(aside, f.dir))
		if missing != "" {
			require.NoError(t, os.Remove(filepath.Join(f.dir, missing)))
		}
		require.NoError(t, store.PutManifest(ctx, "app", imageManifest("new"), "new"), name)
		tags, err := store.ListTags(ctx, "app")
		require.NoError(t, err)
		want := []string{"absent", "multi", "new", "v1", "v2"}
		if missing == "index.json" {
			want = []string{"new"}
		}
		require.Equal(t, want, tags, name)
		require.FileExists(t, filepath.Join(f.dir, "oci-layout"), name)
	}
}
