// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

func TestLayoutIsReadByOtherTools(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	srv := registrytest.New(t, registrytest.Options{Store: store})
	src, desc := pack(t, "v1", "hello")
	_, err = oras.Copy(ctx, src, "v1", newRepo(t, srv, "demo/app", "", ""), "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)

	tool, err := oci.NewFromFS(ctx, os.DirFS(filepath.Join(dir, "demo/app")))
	require.NoError(t, err)
	got, err := tool.Resolve(ctx, "v1")
	require.NoError(t, err)
	require.Equal(t, desc.Digest, got.Digest)

	again, err := layout.Open(dir)
	require.NoError(t, err)
	require.NoError(t, registrytest.CheckStore(ctx, again))
	dgst, err := again.ResolveTag(ctx, "demo/app", "v1")
	require.NoError(t, err)
	require.Equal(t, desc.Digest, dgst)
}

// TestLayoutOfAnotherToolIsServed takes a single layout whose index.json lists
// neither the children of an index nor its referrers' subjects.
func TestLayoutOfAnotherToolIsServed(t *testing.T) {
	t.Parallel()
	dir, ctx := filepath.Join(t.TempDir(), "app"), t.Context()
	tool, err := oci.New(dir)
	require.NoError(t, err)
	src, child := pack(t, "v1", "hello")
	_, err = oras.Copy(ctx, src, "v1", tool, child.Digest.String(), oras.DefaultCopyOptions)
	require.NoError(t, err)
	index := []byte(`{"schemaVersion":2,"mediaType":"` + ocispec.MediaTypeImageIndex + `","manifests":[{"mediaType":"` + child.MediaType +
		`","digest":"` + child.Digest.String() + `","size":` + itoa(child.Size) + `}]}`)
	desc, err := oras.PushBytes(ctx, tool, ocispec.MediaTypeImageIndex, index)
	require.NoError(t, err)
	require.NoError(t, tool.Tag(ctx, desc, "v1"))
	require.NoError(t, tool.Tag(ctx, desc, "registry.example/app:v1"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.json"), []byte(`{"schemaVersion":2,"manifests":[`+
		entry(desc, "v1")+`,`+entry(desc, "registry.example/app:v1")+`]}`), 0o600))

	store, err := layout.Open(dir)
	require.NoError(t, err)
	require.NoError(t, registrytest.CheckStore(ctx, store))
	repos, err := store.ListRepositories(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"app"}, repos)
	_, err = store.GetManifest(ctx, "app", child.Digest)
	require.NoError(t, err)
	require.ErrorIs(t, registrytest.ErrNameUnknown, unwrap(store.StartUpload(ctx, "other", digest.SHA256)))

	// What it does not understand it keeps.
	require.NoError(t, store.DeleteTag(ctx, "app", "v1"))
	b, err := os.ReadFile(filepath.Join(dir, "index.json"))
	require.NoError(t, err)
	require.Contains(t, string(b), "registry.example/app:v1")
	require.NoError(t, store.DeleteManifest(ctx, "app", desc.Digest))
	again, err := layout.Open(dir)
	require.NoError(t, err)
	_, err = again.GetManifest(ctx, "app", child.Digest)
	require.NoError(t, err, "a child outlives its index")
	_, err = again.GetManifest(ctx, "app", desc.Digest)
	require.ErrorIs(t, err, registrytest.ErrManifestUnknown)
}

func entry(desc ocispec.Descriptor, name string) string {
	return `{"mediaType":"` + desc.MediaType + `","digest":"` + desc.Digest.String() + `","size":` + itoa(desc.Size) +
		`,"annotations":{"org.opencontainers.image.ref.name":"` + name + `"}}`
}

func unwrap(_ string, err error) error {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = inner.Unwrap()
	}
}

func TestOpenRefusesWhatItCannotServe(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(dir string) string{
		"a file": func(dir string) string {
			write(t, filepath.Join(dir, "file"), "")
			return filepath.Join(dir, "file")
		},
		"a broken index": func(dir string) string {
			write(t, filepath.Join(dir, "app", "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`)
			write(t, filepath.Join(dir, "app", "index.json"), `{"schemaVersion":2,`)
			return dir
		},
		"no index": func(dir string) string {
			write(t, filepath.Join(dir, "app", "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`)
			return dir
		},
		"a single layout with a bad name": func(dir string) string {
			write(t, filepath.Join(dir, "My App", "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`)
			write(t, filepath.Join(dir, "My App", "index.json"), `{"schemaVersion":2,"manifests":[]}`)
			return filepath.Join(dir, "My App")
		},
	} {
		_, err := layout.Open(prepare(t.TempDir()))
		require.Error(t, err, name)
	}
}

func TestLayoutKeepsOutOfHarmsWay(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, outside, seedText)
	store, err := layout.Open(dir)
	require.NoError(t, err)
	srv := registrytest.New(t, registrytest.Options{Store: store})
	for _, name := range []string{"a/blobs/sha256", "index.json", "a/oci-layout"} {
		resp, err := srv.Client().Post(srv.URL+"/v2/"+name+"/blobs/uploads/", "", nil)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, errors.Join(err, resp.Body.Close()))
		require.Equal(t, 400, resp.StatusCode, "%s", body)
		require.Contains(t, string(body), registrytest.ErrNameInvalid)
	}
	// A link that leads out is not followed, and a directory is no blob.
	putBlob(t, store, "demo/app", "x")
	blobs := filepath.Join(dir, "demo/app/blobs/sha256")
	require.NoError(t, os.Symlink(outside, filepath.Join(blobs, seedDigest.Encoded())))
	_, _, err = store.OpenBlob(ctx, "demo/app", seedDigest)
	require.Error(t, err)
	other := digest.FromString("directory")
	require.NoError(t, os.Mkdir(filepath.Join(blobs, other.Encoded()), 0o755))
	_, _, err = store.OpenBlob(ctx, "demo/app", other)
	require.ErrorIs(t, err, registrytest.ErrBlobUnknown)
	list, err := store.ListContent(ctx, "demo/app")
	require.NoError(t, err)
	require.Len(t, list, 1)
}

// TestUnfinishedUploadsAreRemoved: those of a process that has ended, not those
// of a store that lives.
func TestUnfinishedUploadsAreRemoved(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	id, err := store.StartUpload(ctx, "demo/app", digest.SHA256)
	require.NoError(t, err)
	_, err = store.AppendUpload(ctx, "demo/app", id, -1, strings.NewReader("x"))
	require.NoError(t, err)
	cancelled, err := store.StartUpload(ctx, "demo/app", digest.SHA256)
	require.NoError(t, err)
	require.NoError(t, store.CancelUpload(ctx, "demo/app", cancelled))
	require.ErrorIs(t, store.CancelUpload(ctx, "demo/app", cancelled), registrytest.ErrBlobUploadUnknown)
	uploads := filepath.Join(dir, ".uploads")
	require.Len(t, regular(t, uploads), 1)

	write(t, filepath.Join(uploads, "0b2f1c5e-6f0a-4c61-9d57-3f0e8a1b2c3d", "upload"), "x")
	write(t, filepath.Join(uploads, "1b2f1c5e-6f0a-4c61-9d57-3f0e8a1b2c3d"), "x")
	_, err = layout.Open(dir)
	require.NoError(t, err)
	if hasLocks {
		require.Len(t, regular(t, uploads), 1)
		require.NoError(t, store.CommitUpload(ctx, "demo/app", id, digest.FromString("x")))
	}
	require.Empty(t, regular(t, uploads))
}

// TestWhatNoStoreMadeStays in a directory of uploads that was there before.
func TestWhatNoStoreMadeStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".uploads", "holiday.jpg"), "x")
	write(t, filepath.Join(dir, ".uploads", "2025", "beach.jpg"), "x")
	before := list(t, dir)
	_, err := layout.Open(dir)
	require.NoError(t, err)
	require.Equal(t, before, list(t, dir))
}

// hasLocks: without them nobody knows whose an unfinished upload is.
const hasLocks = runtime.GOOS != "windows"

// regular lists the files below a directory that are no directories.
func regular(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

func TestALayoutThatCannotBeWrittenIsRead(t *testing.T) {
	t.Parallel()
	dir, ctx := filepath.Join(t.TempDir(), "app"), t.Context()
	tool, err := oci.New(dir)
	require.NoError(t, err)
	src, desc := pack(t, "v1", "hello")
	_, err = oras.Copy(ctx, src, "v1", tool, "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	before := list(t, dir)
	store, err := layout.Open(dir)
	require.NoError(t, err)
	require.NoError(t, registrytest.CheckStore(ctx, store))
	got, err := store.ResolveTag(ctx, "app", "v1")
	require.NoError(t, err)
	require.Equal(t, desc.Digest, got)
	require.Equal(t, before, list(t, dir), "reading writes nothing")
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, path)
		return err
	}))
	return names
}
