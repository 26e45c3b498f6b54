// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// blobStore is a store that keeps bytes and knows nothing of them. It counts
// what is fetched.
type blobStore struct {
	blobs   map[digest.Digest][]byte
	root    ocispec.Descriptor
	fetched int
}

func (b *blobStore) Resolve(context.Context, string) (ocispec.Descriptor, error) { return b.root, nil }

func (b *blobStore) Exists(_ context.Context, desc ocispec.Descriptor) (bool, error) {
	return b.blobs[desc.Digest] != nil, nil
}

func (b *blobStore) Fetch(_ context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	data, ok := b.blobs[desc.Digest]
	if !ok {
		return nil, errdef.ErrNotFound
	}
	b.fetched += len(data)
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (b *blobStore) put(mediaType, text string) ocispec.Descriptor {
	desc := content.NewDescriptorFromBytes(mediaType, []byte(text))
	if b.blobs == nil {
		b.blobs = map[digest.Digest][]byte{}
	}
	b.blobs[desc.Digest] = []byte(text)
	return desc
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

// hostileIndex stores an index over manifests, each of which has a layer whose
// platform has so many features, and returns the store. Each manifest is longer
// by padding.
func hostileIndex(t *testing.T, manifests, features, padding int, config string) *blobStore {
	t.Helper()
	var b blobStore
	layer := b.put(ocispec.MediaTypeImageLayerGzip, "layer")
	layerText := strings.TrimSuffix(jsonOf(t, layer), "}") + `,"platform":{"os":"a","architecture":"b","os.features":[` + strings.TrimSuffix(strings.Repeat(`"",`, features), ",") + `]}}`
	configText := jsonOf(t, b.put(ocispec.MediaTypeImageConfig, config))
	index := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, ArtifactType: ArtifactTypeSkill}
	for n := range manifests {
		index.Manifests = append(index.Manifests, b.put(ocispec.MediaTypeImageManifest,
			fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","annotations":{"n":"%d","padding":"%s"},"config":%s,"layers":[%s]}`, n, strings.Repeat("x", padding), configText, layerText)))
	}
	b.root = b.put(ocispec.MediaTypeImageIndex, jsonOf(t, index))
	return &b
}

const smallConfig = `{"os":"linux","architecture":"amd64","config":{"Labels":{"dev.toolhive.skills.name":"demo"}},"rootfs":{"type":"layers","diff_ids":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}}`

// TestManifestsKeptAreBounded opens an artifact whose manifests would be large in
// memory. It is not parallel: it measures memory.
func TestManifestsKeptAreBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	store := hostileIndex(t, 20, 200_000, 0, smallConfig)
	inUse := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := inUse()
	a, err := openArtifact(context.Background(), store, "x", everyPlatform, nil)
	require.NoError(t, err)
	require.Less(t, int64(inUse())-int64(before), int64(10<<20), "each manifest has 3 MiB in memory")
	require.Len(t, a.platforms, 20)
	require.Equal(t, "0", a.platforms[0].manifest.Annotations["n"], "verify and inspect need them")
	require.Empty(t, a.platforms[1].manifest.Annotations)
	runtime.KeepAlive(store)
}

// TestMetadataInAllIsBounded lists more than may be read, though each manifest
// and each configuration is small enough.
func TestMetadataInAllIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	ctx := context.Background()
	manifests := hostileIndex(t, 20, 1, 3<<20, smallConfig)
	_, err := Inspect(ctx, manifests, "x", InspectOptions{Files: true})
	require.ErrorIs(t, err, ErrSkillTooLarge)
	require.Less(t, manifests.fetched, oci.MaxArtifactMetadataBytes+1)

	// One configuration that each manifest names is read for each.
	padded := strings.Replace(smallConfig, "{", `{"author":"`+strings.Repeat("x", 3<<20)+`",`, 1)
	configs := hostileIndex(t, 20, 1, 0, padded)
	_, err = openArtifact(ctx, configs, "x", everyPlatform, nil)
	require.ErrorIs(t, err, ErrSkillTooLarge)
	require.Less(t, configs.fetched, oci.MaxArtifactMetadataBytes+1)

	for _, store := range []*blobStore{manifests, configs} {
		store.fetched = 0
		err := transfer(ctx, store, store.root, memory.New(), "x", TransferOptions{})
		require.ErrorIs(t, err, ErrSkillTooLarge, "copying too")
		require.Less(t, store.fetched, oci.MaxArtifactMetadataBytes+1)
	}
}

// TestListsAreBounded decodes lists that are short as text and large in memory.
// It is not parallel: it measures memory.
func TestListsAreBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	many := func(item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", oci.MaxMetadataBytes/(len(item)+2)), ",") + "]"
	}
	for name, decode := range map[string]func() error{
		"manifests": func() error { return oci.DecodeIndex([]byte(`{"manifests":`+many("{}")+`}`), new(ocispec.Index)) },
		"layers":    func() error { return oci.DecodeManifest([]byte(`{"layers":`+many("{}")+`}`), new(ocispec.Manifest)) },
		"features": func() error {
			return oci.DecodeImage([]byte(`{"os.features":`+many(`"abcdefgh"`)+`}`), new(ocispec.Image))
		},
		"history": func() error {
			require.NoError(t, oci.DecodeImage([]byte(`{"history":`+many("{}")+`}`), new(ocispec.Image)))
			return oci.ErrListed
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := decode()
		runtime.ReadMemStats(&after)
		require.Error(t, err, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(96<<20), name)
	}
}

func TestListsDecodeAsBefore(t *testing.T) {
	t.Parallel()
	text := `{"schemaVersion":2,"mediaType":"a","manifests":[{"mediaType":"b","digest":"c","size":3,"urls":["d"],"annotations":{"e":"f"},"data":"Zw==","platform":{"os":"h","architecture":"i","os.features":["j"]},"artifactType":"k"},{"digest":"l"}],"annotations":{"m":"n"}}`
	var want, got ocispec.Index
	require.NoError(t, json.Unmarshal([]byte(text), &want))
	require.NoError(t, oci.DecodeIndex([]byte(text), &got))
	require.Equal(t, want, got)
	for _, text := range []string{`{"manifests":{}}`, `{"manifests":3}`, `{"manifests":[3]}`, `{"manifests":[{}`, `[]`} {
		require.Error(t, oci.DecodeIndex([]byte(text), new(ocispec.Index)), text)
	}
	for _, text := range []string{`{}`, `{"manifests":null}`, `{"manifests":[]}`, `null`} {
		var index ocispec.Index
		require.NoError(t, oci.DecodeIndex([]byte(text), &index), text)
		require.Empty(t, index.Manifests)
	}
}

// TestSealedMetadataIsBounded has small configurations of many platforms.
func TestSealedMetadataIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	skill := &skilldir.Skill{Frontmatter: skilldir.Frontmatter{Name: "demo"}, Names: []string{strings.Repeat("x", 3<<20)}}
	recipe := recipe{platforms: DefaultPlatforms()}
	_, err := build(context.Background(), skill, recipe, io.Discard)
	require.NoError(t, err)
	for range 2 {
		recipe.platforms = append(recipe.platforms, recipe.platforms...)
	}
	_, err = build(context.Background(), skill, recipe, io.Discard)
	require.ErrorIs(t, err, ErrSkillTooLarge)
	require.ErrorContains(t, err, "fewer platforms")
}
