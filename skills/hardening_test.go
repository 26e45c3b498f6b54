// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// TestLargeUploadIsRepeated answers the first upload of a layer too large for
// memory with what makes a client try again.
func TestLargeUploadIsRepeated(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, bigSkill(3<<20))
	layout, err := ocilayout.Open(t.TempDir())
	require.NoError(t, err)
	packed, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{})
	require.NoError(t, err)
	var wg sync.WaitGroup // all wait before they try again
	var mu sync.Mutex
	errs := map[string]error{}
	for _, fault := range []registrytest.Fault{
		{Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"0"}}},
		{Status: http.StatusTooManyRequests},
	} {
		fault.Match = registrytest.Match{Operation: registrytest.OpUploadPut}
		for name, push := range map[string]func(registry *skills.Registry, ref string) error{
			"layout": func(registry *skills.Registry, ref string) error {
				return registry.Push(ctx, layout, packed.IndexDigest, ref, skills.TransferOptions{})
			},
			"directory": func(registry *skills.Registry, ref string) error {
				_, err := registry.PushDir(ctx, dir, ref, skills.PackageOptions{})
				return err
			},
		} {
			srv := registrytest.New(t, registrytest.Options{CheckStore: true})
			srv.Inject(fault)
			registry := newRegistry(t, srv)
			wg.Go(func() {
				err := push(registry, srv.Host()+"/a/demo:1.0")
				mu.Lock()
				defer mu.Unlock()
				errs[fmt.Sprint(name, " after ", fault.Status)] = err
			})
		}
	}
	wg.Wait()
	require.Len(t, errs, 4)
	for what, err := range errs {
		require.NoError(t, err, what)
	}
}

// TestPlatformsShareALayer refuses an index whose platforms hold different
// files, so that nobody inspects one and unpacks the other.
func TestPlatformsShareALayer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store, one := packDir(t, tree(t, smallSkill()), skills.PackageOptions{})
	other := smallSkill()
	other["scripts/run.sh"] = "#!/bin/sh\necho evil\n"
	two, err := skills.NewPackager(store).Package(ctx, tree(t, other), skills.PackageOptions{})
	require.NoError(t, err)
	index := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, ArtifactType: skills.ArtifactTypeSkill}
	for _, result := range []*skills.PackageResult{one, two} {
		inspection, err := skills.Inspect(ctx, store, result.IndexDigest.String(), skills.InspectOptions{Files: true})
		require.NoError(t, err)
		desc := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: result.ManifestDigest, Platform: &inspection.Platforms[0].Platform}
		rc, err := store.Fetch(ctx, sized(t, store, result.Index, desc))
		require.NoError(t, err)
		require.NoError(t, rc.Close())
		index.Manifests = append(index.Manifests, sized(t, store, result.Index, desc))
	}
	root := putJSON(t, store, ocispec.MediaTypeImageIndex, index)
	require.NoError(t, store.Tag(ctx, root, "mixed"))
	_, err = skills.Inspect(ctx, store, "mixed", skills.InspectOptions{Files: true})
	require.ErrorIs(t, err, skills.ErrNotSkill)
	_, err = skills.Unpack(ctx, store, "mixed", filepath.Join(t.TempDir(), "x"), skills.UnpackOptions{})
	require.ErrorIs(t, err, skills.ErrNotSkill)

	srv := registrytest.New(t)
	err = newRegistry(t, srv).Push(ctx, store, root.Digest, srv.Host()+"/a/mixed:1", skills.TransferOptions{})
	require.Error(t, err)
}

// swappingFS gives another directory than it listed.
type swappingFS struct{ fs.FS }

func (s swappingFS) Open(name string) (fs.File, error) {
	if name == "sub" {
		return os.DirFS(os.TempDir()).Open(".")
	}
	return s.FS.Open(name)
}

// TestSwappedDirectoryOfAFileSystem is TestSwappedLinkNeverLeadsOut for an
// os.DirFS, which follows links.
func TestSwappedDirectoryOfAFileSystem(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"SKILL.md": skillMD, "sub/x": "x"})
	_, err := skills.NewPackager(memory.New()).PackageFS(context.Background(), swappingFS{os.DirFS(dir)}, skills.PackageOptions{})
	require.ErrorIs(t, err, skills.ErrInvalidSkillFile)
	require.ErrorContains(t, err, "sub")
}

// TestUnpackKeepsWhatItMustNotReplace covers the working directory, one that
// holds it, and the layout that is read.
func TestUnpackKeepsWhatItMustNotReplace(t *testing.T) {
	ctx := context.Background()
	work := t.TempDir()
	t.Chdir(work)
	require.NoError(t, os.WriteFile("mine", []byte("mine"), 0o644))
	require.NoError(t, os.MkdirAll("other/deep", 0o755))
	for _, dir := range []string{".", "other", "other/deep"} { // as if each were a skill
		require.NoError(t, os.WriteFile(filepath.Join(dir, "SKILL.md"), []byte("mine"), 0o644))
	}
	layout, err := ocilayout.Open("other/deep/layout")
	require.NoError(t, err)
	_, err = skills.NewPackager(layout).PackageFS(ctx, fstest.MapFS{"SKILL.md": {Data: []byte(skillMD)}}, skills.PackageOptions{Tag: "1"})
	require.NoError(t, err)
	home := filepath.Join(t.TempDir(), "home")
	require.NoError(t, os.MkdirAll(filepath.Join(home, "me"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(home, "SKILL.md"), []byte("mine"), 0o644))
	t.Setenv("HOME", filepath.Join(home, "me"))
	t.Setenv("USERPROFILE", filepath.Join(home, "me"))
	for dest, says := range map[string]string{
		home: "home directory", ".": "working directory", "..": "SKILL.md", work: "working directory", "other": "holds the OCI layout", "other/deep": "holds the OCI layout",
	} {
		for _, force := range []bool{false, true} {
			_, err := skills.Unpack(ctx, layout, "1", dest, skills.UnpackOptions{Force: force})
			require.ErrorIs(t, err, skills.ErrDestinationExists, dest)
			require.ErrorContains(t, err, says)
			require.NotErrorIs(t, err, skills.ErrHoldsSkill, "%s: force would not help", dest)
		}
	}
	require.FileExists(t, "mine")

	// An empty working directory is filled, not replaced.
	require.NoError(t, os.Mkdir("empty", 0o755))
	t.Chdir("empty")
	_, err = skills.Unpack(ctx, layout, "1", ".", skills.UnpackOptions{})
	require.NoError(t, err)
	require.FileExists(t, "SKILL.md")

	// Parents that were made go away if it fails.
	bad, reference := foreign{layer: []byte("no gzip"), diffID: layout1Digest}.store(t)
	_, err = skills.Unpack(ctx, bad, reference, filepath.Join(work, "p", "q", "r"), skills.UnpackOptions{})
	require.ErrorIs(t, err, skills.ErrCorrupt)
	require.NoDirExists(t, filepath.Join(work, "p"))
}

const layout1Digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// TestNothingIsLeftInALayout fails to write a blob.
func TestNothingIsLeftInALayout(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := t.TempDir()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	desc := ocispec.Descriptor{MediaType: "application/octet-stream", Digest: layout1Digest, Size: 100}
	require.Error(t, layout.Push(ctx, desc, bytes.NewReader(make([]byte, 100))))
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, layout.Push(cancelled, desc, bytes.NewReader(make([]byte, 100))), context.Canceled)
	require.Empty(t, listTree(t, path))
}

// sized completes the descriptor of a manifest from the index that lists it.
func sized(t *testing.T, store *memory.Store, index, desc ocispec.Descriptor) ocispec.Descriptor {
	t.Helper()
	children, err := content.Successors(context.Background(), store, index)
	require.NoError(t, err)
	for _, child := range children {
		if child.Digest == desc.Digest {
			desc.Size = child.Size
		}
	}
	return desc
}

// putJSON stores v.
func putJSON(t *testing.T, store *memory.Store, mediaType string, v any) ocispec.Descriptor {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	desc := content.NewDescriptorFromBytes(mediaType, data)
	require.NoError(t, store.Push(context.Background(), desc, bytes.NewReader(data)))
	return desc
}
