// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// failingLayout makes the write number failAt of a layout, counting from 1,
// fail inside the layout, while it replaces the file.
type failingLayout struct {
	*ocilayout.Store
	path           string
	cut            bool // the content fails half way, else its file can't be put in place
	writes, failAt int
}

func (f *failingLayout) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	if f.writes++; f.writes != f.failAt {
		return f.Store.Push(ctx, desc, r)
	}
	if f.cut {
		return f.Store.Push(ctx, desc, io.MultiReader(io.LimitReader(r, desc.Size/2), failingReader{}))
	}
	place := filepath.Join(f.path, ocispec.ImageBlobsDir, desc.Digest.Algorithm().String(), desc.Digest.Encoded())
	if err := os.MkdirAll(place, 0o755); err != nil {
		return err
	}
	defer os.Remove(place)
	return f.Store.Push(ctx, desc, r)
}

func (f *failingLayout) Tag(ctx context.Context, desc ocispec.Descriptor, reference string) error {
	if f.writes++; f.writes != f.failAt {
		return f.Store.Tag(ctx, desc, reference)
	}
	place := filepath.Join(f.path, ocispec.ImageIndexFile)
	if err := os.Mkdir(place, 0o755); err != nil {
		return err
	}
	defer os.Remove(place)
	return f.Store.Tag(ctx, desc, reference)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errStore }

// TestLayoutFails lets a layout fail at every write in turn. Nothing in it may
// look finished, and a second try with what is there must end well.
func TestLayoutFails(t *testing.T) {
	ctx := context.Background()
	dir := tree(t, bigSkill(skills.SpoolMemory+16<<10))
	t.Setenv("TMPDIR", t.TempDir())
	_, want := packDir(t, dir, skills.PackageOptions{})
	for _, cut := range []bool{true, false} {
		for n := 1; n <= 1+2+2+1+1; n++ { // layer, configurations, manifests, index, tag
			path := filepath.Join(t.TempDir(), "layout")
			layout, err := ocilayout.Open(path)
			require.NoError(t, err)
			failing := &failingLayout{Store: layout, path: path, cut: cut, failAt: n}
			_, err = skills.NewPackager(failing).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
			require.Error(t, err, "write %d", n)
			require.Equal(t, n, failing.writes)
			requireNoHalfFiles(t, path)
			requireNoTempFiles(t)

			for what, open := range map[string]func() (*ocilayout.Store, error){
				"the same layout": func() (*ocilayout.Store, error) { return layout, nil },
				"a new process's": func() (*ocilayout.Store, error) { return ocilayout.Open(path) },
			} {
				layout, err := open()
				require.NoError(t, err, what)
				tags, err := registry.Tags(ctx, layout)
				require.NoError(t, err)
				require.Empty(t, tags)
				requireAbsent(t, layout, "1.0", want.IndexDigest.String(), want.ManifestDigest.String())
			}
			again, err := ocilayout.Open(path)
			require.NoError(t, err)
			packed, err := skills.NewPackager(again).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
			require.NoError(t, err)
			require.Equal(t, want.IndexDigest, packed.IndexDigest)
			inspection, err := skills.Inspect(ctx, again, "1.0", skills.InspectOptions{Files: true})
			require.NoError(t, err)
			require.Len(t, inspection.Files, 4)
		}
	}
}

// TestRegistryFails lets a registry fail at every request that writes in turn.
func TestRegistryFails(t *testing.T) {
	ctx := context.Background()
	dir := tree(t, bigSkill(skills.SpoolMemory+16<<10))
	t.Setenv("TMPDIR", t.TempDir())
	layout, err := ocilayout.Open(filepath.Join(t.TempDir(), "layout"))
	require.NoError(t, err)
	want, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{})
	require.NoError(t, err)
	ways := map[string]func(registry *skills.Registry, ref string) error{
		"artifact": func(registry *skills.Registry, ref string) error {
			return registry.Push(ctx, layout, want.IndexDigest, ref, skills.TransferOptions{})
		},
		"directory": func(registry *skills.Registry, ref string) error {
			result, err := registry.PushDir(ctx, dir, ref, skills.PackageOptions{})
			if err == nil {
				require.Equal(t, want.IndexDigest, result.IndexDigest)
			}
			return err
		},
	}
	// A blob takes a POST and a PUT, a manifest a PUT. The fault stays, since
	// net/http may send a request again whose connection was dropped.
	faults := map[string]struct {
		registrytest.Fault
		requests int
	}{
		"POST refused": {registrytest.Fault{Match: registrytest.Match{Method: http.MethodPost}, Status: http.StatusForbidden}, 1 + 2},
		"PUT refused":  {registrytest.Fault{Match: registrytest.Match{Method: http.MethodPut}, Status: http.StatusForbidden}, 1 + 2 + 2 + 1},
		"POST dropped": {registrytest.Fault{Match: registrytest.Match{Method: http.MethodPost}, Effect: registrytest.DropRequest}, 1 + 2},
		"PUT cut":      {registrytest.Fault{Match: registrytest.Match{Method: http.MethodPut}, Effect: registrytest.DropUpload, At: 100}, 1 + 2 + 2 + 1},
	}
	for name, push := range ways {
		for kind, fault := range faults {
			t.Run(name+"/"+kind, func(t *testing.T) {
				for n := range fault.requests {
					fault.Skip, fault.Count = n, -1
					store := registrytest.NewMemory()
					broken := registrytest.New(t, registrytest.Options{Store: store, Faults: []registrytest.Fault{fault.Fault}})
					registry := newRegistry(t, broken)
					ref := broken.Host() + "/skills/demo:1.0"
					require.Error(t, push(registry, ref), "write %d", n)
					requireNoTempFiles(t)
					repository, tag, err := registry.Repository(ref)
					require.NoError(t, err)
					requireAbsent(t, repository, tag, want.IndexDigest.String())
					broken.Close()

					srv := registrytest.New(t, registrytest.Options{Store: store, CheckStore: true})
					ref = srv.Host() + "/skills/demo:1.0"
					registry = newRegistry(t, srv)
					require.NoError(t, push(registry, ref), "a second try")
					repository, tag, err = registry.Repository(ref)
					require.NoError(t, err)
					got, err := repository.Resolve(ctx, tag)
					require.NoError(t, err)
					require.Equal(t, want.IndexDigest, got.Digest)
					inspection, err := skills.Inspect(ctx, repository, tag, skills.InspectOptions{Files: true})
					require.NoError(t, err)
					require.Len(t, inspection.Files, 4)
					srv.Close()
				}
			})
		}
	}
}
