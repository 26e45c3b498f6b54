// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/skillcask/skillcask/registrytest"
)

// forgetting starts a registry with the blob of seed, in two repositories, and
// a manifest that has the tag v1; then all that op does is forgotten.
func forgetting(t *testing.T, op registrytest.Operation) (*registrytest.Server, ocispec.Descriptor) {
	t.Helper()
	srv := registrytest.New(t)
	seed(t, srv.Store)
	putBlob(t, srv.Store, "other/app", "elsewhere")
	one := image("one")
	exchange{"PUT", manifests + "v1", one, imageType, 201, ""}.try(t, srv)
	srv.ResetRequests()
	srv.Inject(registrytest.Fault{Match: registrytest.Match{Operation: op}, Count: -1, Effect: registrytest.Forget})
	return srv, ocispec.Descriptor{MediaType: imageType, Digest: digest.FromString(one), Size: int64(len(one))}
}

// TestForgetOnTheWire: the answers are those of success, the store is as it was.
func TestForgetOnTheWire(t *testing.T) {
	t.Parallel()
	one, two := digest.FromString(image("one")).String(), image("two")
	elsewhere := digest.FromString("elsewhere").String()
	blob := blobURL + seedDigest.String()
	for name, c := range map[string]struct {
		op    registrytest.Operation
		do    exchange
		after []exchange
	}{
		"upload in one request": {registrytest.OpUploadStart,
			exchange{"POST", uploads + "?digest=" + digest.FromString("new").String(), "new", "", 201, ""},
			[]exchange{{"HEAD", blobURL + digest.FromString("new").String(), "", "", 404, ""}}},
		"mount": {registrytest.OpBlobMount,
			exchange{"POST", uploads + "?from=other/app&mount=" + elsewhere, "", "", 201, ""},
			[]exchange{{"HEAD", blobURL + elsewhere, "", "", 404, ""}}},
		"manifest by tag": {registrytest.OpManifestPut,
			exchange{"PUT", manifests + "v1", two, imageType, 201, ""},
			[]exchange{{"GET", manifests + "v1", "", "", 200, `"one"`}, {"GET", manifests + digest.FromString(two).String(), "", "", 404, ""}}},
		"manifest by digest": {registrytest.OpManifestPut,
			exchange{"PUT", manifests + digest.FromString(two).String() + "?tag=v2", two, imageType, 201, ""},
			[]exchange{{"GET", manifests + "v2", "", "", 404, ""}, {"GET", manifests + digest.FromString(two).String(), "", "", 404, ""}}},
		"delete of a blob": {registrytest.OpBlobDelete,
			exchange{"DELETE", blob, "", "", 202, ""},
			[]exchange{{"GET", blob, "", "", 200, seedText}}},
		"delete of a manifest": {registrytest.OpManifestDelete,
			exchange{"DELETE", manifests + one, "", "", 202, ""},
			[]exchange{{"GET", manifests + one, "", "", 200, `"one"`}, {"GET", manifests + "v1", "", "", 200, `"one"`}}},
		"delete of a tag": {registrytest.OpManifestDelete,
			exchange{"DELETE", manifests + "v1", "", "", 202, ""},
			[]exchange{{"GET", manifests + "v1", "", "", 200, `"one"`}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, _ := forgetting(t, c.op)
			resp := c.do.try(t, srv)
			require.Equal(t, "forget at 0", srv.Requests()[0].Fault)
			if c.do.status == 201 {
				require.NotEmpty(t, resp.Header.Get("Location"))
				require.NotEmpty(t, resp.Header.Get("Docker-Content-Digest"))
			}
			for _, x := range c.after {
				x.try(t, srv)
			}
			require.NoError(t, registrytest.CheckStore(t.Context(), srv.Store))
		})
	}
	t.Run("upload in two requests", func(t *testing.T) {
		t.Parallel()
		srv, _ := forgetting(t, registrytest.OpUploadPut)
		at := startUpload(t, srv, "demo/app")
		exchange{"PUT", at + "?digest=" + digest.FromString("new").String(), "new", "", 201, ""}.try(t, srv)
		exchange{"HEAD", blobURL + digest.FromString("new").String(), "", "", 404, ""}.try(t, srv)
		exchange{"GET", at, "", "", 404, registrytest.ErrBlobUploadUnknown}.try(t, srv)
	})
}

// TestForgetOfAnUpload: what is sent to it is gone, it itself stays.
func TestForgetOfAnUpload(t *testing.T) {
	t.Parallel()
	newDigest := "?digest=" + digest.FromString("new").String()
	for name, open := range map[string]func(t *testing.T) registrytest.Store{
		"memory": func(*testing.T) registrytest.Store { return registrytest.NewMemory() },
		"layout": func(t *testing.T) registrytest.Store { return openLayout(t) },
	} {
		start := func(t *testing.T, op registrytest.Operation) (srv *registrytest.Server, at string) {
			srv = registrytest.New(t, registrytest.Options{Store: open(t), CheckStore: true})
			srv.Inject(registrytest.Fault{Match: registrytest.Match{Operation: op}, Effect: registrytest.Forget, Optional: true})
			return srv, startUpload(t, srv, "demo/app")
		}
		t.Run(name+"/append", func(t *testing.T) {
			t.Parallel()
			srv, at := start(t, registrytest.OpUploadPatch)
			resp := exchange{"PATCH", at, "new", "", 202, ""}.try(t, srv)
			require.Equal(t, "0-2", resp.Header.Get("Range"), "as if it had been taken")
			require.Equal(t, int64(3), srv.Requests()[1].BytesIn)
			resp = exchange{"GET", at, "", "", 204, ""}.try(t, srv)
			require.Equal(t, "0-0", resp.Header.Get("Range"))
			exchange{"PUT", at + newDigest, "", "", 400, registrytest.ErrDigestInvalid}.try(t, srv)
		})
		t.Run(name+"/append out of order", func(t *testing.T) {
			t.Parallel()
			srv, at := start(t, registrytest.OpUploadPatch)
			resp, _, err := wire(t, srv, "PATCH", at, "new", "Content-Range: 3-5")
			require.NoError(t, err)
			require.Equal(t, 416, resp.StatusCode)
			require.Empty(t, srv.Requests()[1].Fault, "there was nothing to forget")
		})
		t.Run(name+"/append that is cancelled", func(t *testing.T) {
			t.Parallel()
			srv, at := start(t, registrytest.OpUploadPatch)
			conn := hold(t, srv, 1, "PATCH", at, "ne")
			require.Eventually(t, func() bool { return len(srv.Requests()) == 2 }, patience, time.Millisecond)
			require.Equal(t, 204, within(t, srv, "DELETE", at, "").StatusCode)
			_, _ = io.WriteString(conn, "w") // it may have been told already
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.Equal(t, 404, resp.StatusCode)
		})
		t.Run(name+"/cancel", func(t *testing.T) {
			t.Parallel()
			srv, at := start(t, registrytest.OpUploadCancel)
			exchange{"PATCH", at, "ne", "", 202, ""}.try(t, srv)
			exchange{"DELETE", at, "", "", 204, ""}.try(t, srv)
			resp := exchange{"GET", at, "", "", 204, ""}.try(t, srv)
			require.Equal(t, "0-1", resp.Header.Get("Range"))
			exchange{"PUT", at + newDigest, "w", "", 201, ""}.try(t, srv)
		})
	}
}

// TestOrasBelievesARegistryThatForgets, and sees it when it looks again.
func TestOrasBelievesARegistryThatForgets(t *testing.T) {
	t.Parallel()
	seedBlob := ocispec.Descriptor{MediaType: "application/octet-stream", Digest: seedDigest, Size: int64(len(seedText))}
	elsewhere := ocispec.Descriptor{MediaType: "application/octet-stream", Digest: digest.FromString("elsewhere"), Size: 9}
	for name, c := range map[string]struct {
		op registrytest.Operation
		do func(t *testing.T, repo *remote.Repository, manifest ocispec.Descriptor)
	}{
		"manifest": {registrytest.OpManifestPut, func(t *testing.T, repo *remote.Repository, _ ocispec.Descriptor) {
			two := image("two")
			desc, err := oras.TagBytes(t.Context(), repo, imageType, []byte(two), "v2")
			require.NoError(t, err)
			_, err = repo.Resolve(t.Context(), "v2")
			require.ErrorIs(t, err, errdef.ErrNotFound)
			_, err = repo.Fetch(t.Context(), desc)
			require.ErrorIs(t, err, errdef.ErrNotFound)
		}},
		"tag": {registrytest.OpManifestPut, func(t *testing.T, repo *remote.Repository, manifest ocispec.Descriptor) {
			require.NoError(t, repo.Tag(t.Context(), manifest, "v2"))
			_, err := repo.Resolve(t.Context(), "v2")
			require.ErrorIs(t, err, errdef.ErrNotFound)
		}},
		"copy": {registrytest.OpManifestPut, func(t *testing.T, repo *remote.Repository, _ ocispec.Descriptor) {
			src, desc := pack(t, "v3", "hello")
			_, err := oras.Copy(t.Context(), src, "v3", repo, "v3", oras.DefaultCopyOptions)
			require.NoError(t, err)
			found, err := repo.Exists(t.Context(), desc)
			require.NoError(t, err)
			require.False(t, found)
		}},
		"delete of a manifest": {registrytest.OpManifestDelete, func(t *testing.T, repo *remote.Repository, manifest ocispec.Descriptor) {
			require.NoError(t, repo.Delete(t.Context(), manifest))
			got, err := repo.Resolve(t.Context(), "v1")
			require.NoError(t, err)
			require.Equal(t, manifest.Digest, got.Digest)
		}},
		"delete of a blob": {registrytest.OpBlobDelete, func(t *testing.T, repo *remote.Repository, _ ocispec.Descriptor) {
			require.NoError(t, repo.Blobs().Delete(t.Context(), seedBlob))
			found, err := repo.Blobs().Exists(t.Context(), seedBlob)
			require.NoError(t, err)
			require.True(t, found)
		}},
		"mount": {registrytest.OpBlobMount, func(t *testing.T, repo *remote.Repository, _ ocispec.Descriptor) {
			require.NoError(t, repo.Mount(t.Context(), elsewhere, "other/app", nil))
			found, err := repo.Exists(t.Context(), elsewhere)
			require.NoError(t, err)
			require.False(t, found)
		}},
		"push of a blob": {registrytest.OpUploadPut, func(t *testing.T, repo *remote.Repository, _ ocispec.Descriptor) {
			desc, err := oras.PushBytes(t.Context(), repo, "text/plain", []byte("new"))
			require.NoError(t, err)
			found, err := repo.Exists(t.Context(), desc)
			require.NoError(t, err)
			require.False(t, found)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, manifest := forgetting(t, c.op)
			c.do(t, newRepo(t, srv, "demo/app", "", ""), manifest)
			var faults []string
			for _, r := range srv.Requests() {
				faults = append(faults, r.Fault)
			}
			require.Contains(t, strings.Join(faults, "\n"), "forget at 0")
		})
	}
}
