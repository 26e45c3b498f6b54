// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

func readLayoutIndex(t *testing.T, path string) ocispec.Index {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path, "index.json"))
	require.NoError(t, err)
	var index ocispec.Index
	require.NoError(t, json.Unmarshal(data, &index))
	return index
}

func TestLayoutListsWhatWasTagged(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := t.TempDir()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	dir := testkit.Tree(t, testkit.SmallSkill())
	pack := func(tag string, epoch int64) *skills.PackageResult {
		result, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: tag, Epoch: time.Unix(epoch, 0)})
		require.NoError(t, err)
		return result
	}
	first := pack("", 1)
	require.Len(t, readLayoutIndex(t, path).Manifests, 1, "listed without a tag, and its manifests are not")
	pack("1.0", 1)
	require.Len(t, readLayoutIndex(t, path).Manifests, 1, "the tag takes the place of none")
	pack("latest", 1)
	require.Len(t, readLayoutIndex(t, path).Manifests, 2)
	second := pack("latest", 2)
	require.Len(t, readLayoutIndex(t, path).Manifests, 2, "the tag moved")

	for reference, want := range map[string]string{
		"1.0": first.IndexDigest.String(), "latest": second.IndexDigest.String(),
		first.IndexDigest.String(): first.IndexDigest.String(), second.ManifestDigest.String(): second.ManifestDigest.String(),
	} {
		desc, err := layout.Resolve(ctx, reference)
		require.NoError(t, err)
		require.Equal(t, want, desc.Digest.String())
		require.NotEmpty(t, desc.MediaType)
	}
	_, err = layout.Resolve(ctx, "2.0")
	require.ErrorIs(t, err, errdef.ErrNotFound)
	require.ErrorContains(t, err, "1.0, latest")

	// The store of oras-go reads it, and copies from it without our code.
	theirs, err := oci.NewFromFS(ctx, os.DirFS(path))
	require.NoError(t, err)
	desc, err := oras.Copy(ctx, theirs, "latest", memory.New(), "", oras.DefaultCopyOptions)
	require.NoError(t, err)
	require.Equal(t, second.IndexDigest, desc.Digest)
}

func TestLayoutRefusesOtherDirectories(t *testing.T) {
	t.Parallel()
	cases := map[string]func(t *testing.T, path string){
		"a file": func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, nil, 0o644)) },
		"a directory": func(t *testing.T, path string) {
			require.NoError(t, os.Mkdir(path, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(path, "old"), nil, 0o644))
		},
		"another version": func(t *testing.T, path string) { layoutFile(t, path, `{"imageLayoutVersion":"9"}`) },
		"no JSON":         func(t *testing.T, path string) { layoutFile(t, path, "x") },
		"too long":        func(t *testing.T, path string) { layoutFile(t, path, strings.Repeat(" ", 5000)) },
		"a link to nothing": func(t *testing.T, path string) {
			require.NoError(t, os.MkdirAll(path, 0o755))
			if err := os.Symlink("nowhere", filepath.Join(path, "oci-layout")); err != nil {
				t.Skip(err)
			}
		},
		"a link to itself": func(t *testing.T, path string) {
			require.NoError(t, os.MkdirAll(path, 0o755))
			if err := os.Symlink("oci-layout", filepath.Join(path, "oci-layout")); err != nil {
				t.Skip(err)
			}
		},
		"a directory for the file": func(t *testing.T, path string) {
			require.NoError(t, os.MkdirAll(filepath.Join(path, "oci-layout"), 0o755))
		},
		"an index of something else": func(t *testing.T, path string) {
			require.NoError(t, os.MkdirAll(path, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(path, "index.json"), []byte("{}"), 0o644))
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x")
			prepare(t, path)
			_, err := ocilayout.Open(path)
			require.ErrorIs(t, err, ocilayout.ErrNotLayout)
			require.ErrorContains(t, err, path)
		})
	}
	_, err := ocilayout.Open("")
	require.ErrorIs(t, err, ocilayout.ErrNotLayout)
	path := filepath.Join(t.TempDir(), "not", "there")
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	_, err = layout.Resolve(context.Background(), "x")
	require.ErrorIs(t, err, errdef.ErrNotFound)
	require.NoDirExists(t, path, "reading makes nothing")
}

// TestLayoutObeysTheContext where it reads a few bytes only, too.
func TestLayoutObeysTheContext(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	layout := openLayout(t, path)
	desc := content.NewDescriptorFromBytes("text/plain", []byte("x"))
	require.NoError(t, layout.Push(t.Context(), desc, strings.NewReader("x")))
	require.NoError(t, layout.Tag(t.Context(), desc, "1.0"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, use := range map[string]func() error{
		"tags":    func() error { _, err := registry.Tags(ctx, layout); return err },
		"resolve": func() error { _, err := layout.Resolve(ctx, "1.0"); return err },
		"fetch":   func() error { _, err := layout.Fetch(ctx, desc); return err },
		"exists":  func() error { _, err := openLayout(t, path).Exists(ctx, desc); return err },
		"tag":     func() error { return layout.Tag(ctx, desc, "2.0") },
		"push": func() error {
			return layout.Push(ctx, content.NewDescriptorFromBytes("text/plain", []byte("y")), strings.NewReader("y"))
		},
	} {
		require.ErrorIs(t, use(), context.Canceled, name)
	}
	tags, err := registry.Tags(t.Context(), layout)
	require.NoError(t, err)
	require.Equal(t, []string{"1.0"}, tags)
}

// TestLayoutThatIsAboutToBeMade: a registry writes index.json before the file
// oci-layout, and another process may come in between.
func TestLayoutThatIsAboutToBeMade(t *testing.T) {
	t.Parallel()
	ctx, path := context.Background(), t.TempDir()
	result, err := skills.NewPackager(openLayout(t, path)).Package(ctx, testkit.Tree(t, testkit.SmallSkill()), skills.PackageOptions{Tag: "1.0"})
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(path, "oci-layout")))
	layout := openLayout(t, path)
	desc, err := layout.Resolve(ctx, "1.0")
	require.NoError(t, err)
	require.Equal(t, result.IndexDigest, desc.Digest)
	require.NoError(t, layout.Tag(ctx, desc, "2.0"))
	tags, err := registry.Tags(ctx, openLayout(t, path))
	require.NoError(t, err)
	require.Equal(t, []string{"1.0", "2.0"}, tags)
	require.FileExists(t, filepath.Join(path, "oci-layout"))
}

func openLayout(t *testing.T, path string) *ocilayout.Store {
	t.Helper()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	return layout
}

// packDir packs a directory into memory.
func packDir(t *testing.T, dir string, opts skills.PackageOptions) (*memory.Store, *skills.PackageResult) {
	t.Helper()
	store := memory.New()
	result, err := skills.NewPackager(store).Package(t.Context(), dir, opts)
	require.NoError(t, err)
	return store, result
}

func layoutFile(t *testing.T, path, content string) {
	require.NoError(t, os.MkdirAll(path, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(path, "oci-layout"), []byte(content), 0o644))
}

func TestLayoutRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	layout, err := ocilayout.Open(t.TempDir())
	require.NoError(t, err)
	desc := content.NewDescriptorFromBytes(ocispec.MediaTypeImageIndex, []byte("{}"))
	require.ErrorIs(t, layout.Tag(ctx, desc, "x"), errdef.ErrNotFound)
	require.Error(t, layout.Push(ctx, desc, bytes.NewReader([]byte("[]"))))
	exists, err := layout.Exists(ctx, desc)
	require.NoError(t, err)
	require.False(t, exists)
	require.NoError(t, layout.Push(ctx, desc, bytes.NewReader([]byte("{}"))))
	require.ErrorIs(t, layout.Push(ctx, desc, bytes.NewReader([]byte("{}"))), errdef.ErrAlreadyExists)
	require.ErrorIs(t, layout.Tag(ctx, desc, ""), errdef.ErrMissingReference)
	require.ErrorIs(t, layout.Tag(ctx, desc, "a\xff"), errdef.ErrInvalidReference)
}

// TestLayoutTaggedByMany tags from many stores over one directory at once, as
// processes would, and reads index.json all the while.
func TestLayoutTaggedByMany(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := t.TempDir()
	dir := testkit.Tree(t, testkit.SmallSkill())
	const writers = 16
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			layout, err := ocilayout.Open(path)
			if err == nil {
				_, err = skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: fmt.Sprint("tag-", i), Epoch: time.Unix(int64(i), 0)})
			}
			if err == nil {
				_, err = layout.Resolve(ctx, fmt.Sprint("tag-", i))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	tags, err := registry.Tags(ctx, layout)
	require.NoError(t, err)
	require.Len(t, tags, writers)
}

// TestLayoutRepairsItself damages each blob in each way and packs again.
func TestLayoutRepairsItself(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := testkit.Tree(t, testkit.SmallSkill())
	path := t.TempDir()
	pack := func() *skills.PackageResult {
		layout, err := ocilayout.Open(path)
		require.NoError(t, err)
		result, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
		require.NoError(t, err)
		return result
	}
	packed := pack()
	source, _ := packDir(t, dir, skills.PackageOptions{Tag: "1.0"})
	for _, blob := range []digest.Digest{packed.LayerDigest, packed.ConfigDigest, packed.ManifestDigest, packed.IndexDigest} {
		name := filepath.Join(path, "blobs", "sha256", blob.Encoded())
		for _, damage := range []func(data []byte){
			func(data []byte) { data[len(data)/2] ^= 1; require.NoError(t, os.WriteFile(name, data, 0o644)) },
			func(data []byte) { require.NoError(t, os.WriteFile(name, data[:3], 0o644)) },
			func([]byte) { require.NoError(t, os.Remove(name)) },
		} {
			for _, repair := range []func(){
				func() { pack() },
				func() {
					layout, err := ocilayout.Open(path)
					require.NoError(t, err)
					_, err = oras.Copy(ctx, source, "1.0", layout, "1.0", oras.DefaultCopyOptions)
					require.NoError(t, err)
				},
			} {
				data, err := os.ReadFile(name)
				require.NoError(t, err)
				damage(data)
				repair()
				layout, err := ocilayout.Open(path)
				require.NoError(t, err)
				_, err = skills.Inspect(ctx, layout, "1.0", skills.InspectOptions{Files: true})
				require.NoError(t, err)
			}
		}
	}
}

// TestDigestsArePins shows that a digest can't be the tag of something else.
func TestDigestsArePins(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := t.TempDir()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	packed, err := skills.NewPackager(layout).Package(ctx, testkit.Tree(t, testkit.SmallSkill()), skills.PackageOptions{})
	require.NoError(t, err)
	other := digest.FromString("something else").String()
	require.ErrorIs(t, layout.Tag(ctx, packed.Index, other), errdef.ErrInvalidReference)

	index := filepath.Join(path, "index.json")
	data, err := os.ReadFile(index)
	require.NoError(t, err)
	forged := bytes.Replace(data, []byte(`"size":`), []byte(`"annotations":{"org.opencontainers.image.ref.name":"`+other+`"},"size":`), 1)
	require.NoError(t, os.WriteFile(index, forged, 0o644))
	_, err = layout.Resolve(ctx, other)
	require.ErrorIs(t, err, errdef.ErrNotFound)

	// A store that lies is found out.
	for _, reference := range []string{other} {
		_, err = skills.Inspect(ctx, lyingStore{layout, packed.Index}, reference, skills.InspectOptions{Files: true})
		require.ErrorIs(t, err, skills.ErrCorrupt)
	}
}

type lyingStore struct {
	oras.ReadOnlyTarget
	desc ocispec.Descriptor
}

func (s lyingStore) Resolve(context.Context, string) (ocispec.Descriptor, error) { return s.desc, nil }
