// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
)

// TestSeedingIsPastAllThatClientsMeet: credentials, faults, the record and the rules.
func TestSeedingIsPastAllThatClientsMeet(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{
		"nothing":       {},
		"layout":        {Store: openLayout(t)},
		"authorization": {Auth: &registrytest.Auth{}},
		"faults":        {Faults: []registrytest.Fault{{Status: 500, Count: -1, Optional: true}}},
		"rules":         {Strict: true, ReadOnly: true, ImmutableTags: true, Quota: 1, MaxManifestSize: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts.CheckStore = true
			srv := registrytest.New(t, opts)
			ctx := t.Context()
			blob := srv.PutBlob("demo/app", []byte("hello"))
			require.Equal(t, content.NewDescriptorFromBytes("application/octet-stream", []byte("hello")), blob)
			image, other := srv.PutImage("demo/app", "v1"), srv.PutImage("demo/app", "v2", []byte("hello"))
			require.NotEqual(t, image, other)
			require.Equal(t, image, srv.PutImage("demo/app", "v1"), "the same")
			require.NotEqual(t, image, srv.PutImage("demo/app", ""))
			index := srv.PutIndex("demo/app", "all", image, other)
			srv.Tag("demo/app", other.Digest, "v1", "latest")
			referrer := srv.Referrer("demo/app", index, "application/vnd.example.sbom", []byte("sbom"))

			list, err := srv.Store.ListReferrers(ctx, "demo/app", index.Digest)
			require.NoError(t, err)
			require.Equal(t, []ocispec.Descriptor{referrer}, list)
			tags, err := srv.Store.ListTags(ctx, "demo/app")
			require.NoError(t, err)
			require.Equal(t, []string{"all", "latest", "v1", "v2"}, tags)
			dgst, err := srv.Store.ResolveTag(ctx, "demo/app", "v1")
			require.NoError(t, err)
			require.Equal(t, other.Digest, dgst, "the tag has moved")
			require.Empty(t, srv.Requests())
		})
	}
}

// TestSeededImagesAreImages that a client pulls, with layers that unpack.
func TestSeededImagesAreImages(t *testing.T) {
	t.Parallel()
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, err := w.Write([]byte("a tar"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	srv := registrytest.New(t, registrytest.Options{Strict: true})
	ctx, repo := t.Context(), newRepo(t, srv, "demo/app", "", "")
	srv.PutImage("demo/app", "v1", []byte("plain"), gz.Bytes())
	srv.PutImage("demo/app", "v2")

	dst := memory.New()
	desc, err := oras.Copy(ctx, repo, "v1", dst, "", oras.DefaultCopyOptions)
	require.NoError(t, err)
	manifest, config := read(t, dst, desc)
	require.Equal(t, []string{ocispec.MediaTypeImageLayer, ocispec.MediaTypeImageLayerGzip}, []string{manifest.Layers[0].MediaType, manifest.Layers[1].MediaType})
	require.Equal(t, []digest.Digest{digest.FromString("plain"), digest.FromString("a tar")}, config.RootFS.DiffIDs)
	require.Equal(t, ocispec.Platform{OS: "linux", Architecture: "amd64"}, config.Platform)
	require.Equal(t, 1, srv.Count(registrytest.OpManifestGet))
	require.Equal(t, 3, srv.Count(registrytest.OpBlobGet))
	require.Zero(t, srv.Count(registrytest.OpBlobHead))

	desc, err = oras.Copy(ctx, repo, "v2", dst, "", oras.DefaultCopyOptions)
	require.NoError(t, err)
	manifest, _ = read(t, dst, desc)
	layer, err := content.FetchAll(ctx, dst, manifest.Layers[0])
	require.NoError(t, err)
	archive := tar.NewReader(bytes.NewReader(layer))
	head, err := archive.Next()
	require.NoError(t, err)
	require.Equal(t, "image", head.Name)
	text, err := io.ReadAll(archive)
	require.NoError(t, err)
	require.Equal(t, "demo/app:v2", string(text))
	_, err = archive.Next()
	require.ErrorIs(t, err, io.EOF)
}

// read reads an image's manifest and config.
func read(t *testing.T, src content.Fetcher, desc ocispec.Descriptor) (manifest ocispec.Manifest, config ocispec.Image) {
	t.Helper()
	b, err := content.FetchAll(t.Context(), src, desc)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &manifest))
	b, err = content.FetchAll(t.Context(), src, manifest.Config)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &config))
	return manifest, config
}

// TestSeededReferrersAreFound by a client, with the API and without.
func TestSeededReferrersAreFound(t *testing.T) {
	t.Parallel()
	for _, noReferrers := range []bool{false, true} {
		srv := registrytest.New(t, registrytest.Options{NoReferrers: noReferrers})
		subject := srv.PutImage("demo/app", "v1")
		want := []ocispec.Descriptor{
			srv.Referrer("demo/app", subject, "application/vnd.example.sbom", []byte("one")),
			srv.Referrer("demo/app", subject, "", []byte("two")),
		}
		require.Equal(t, ocispec.MediaTypeEmptyJSON, want[1].ArtifactType)
		var got []ocispec.Descriptor
		require.NoError(t, newRepo(t, srv, "demo/app", "", "").Referrers(t.Context(), subject, "", func(page []ocispec.Descriptor) error {
			got = append(got, page...)
			return nil
		}))
		require.ElementsMatch(t, want, got)
	}
}

// TestTheQuotaCountsWhatWasSeeded afterwards.
func TestTheQuotaCountsWhatWasSeeded(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Quota: 100})
	push := uploads + "?digest=" + digest.FromString("abc").String()
	exchange{"POST", push, "abc", "", 201, ""}.try(t, srv)
	exchange{"DELETE", blobURL + digest.FromString("abc").String(), "", "", 202, ""}.try(t, srv)
	srv.PutBlob("demo/app", make([]byte, 98))
	exchange{"POST", push, "abc", "", 403, registrytest.ErrDenied}.try(t, srv)
}

// broken is a store that takes nothing.
type broken struct{ registrytest.Store }

var errBroken = errors.New("the disk is full")

func (broken) CommitUpload(context.Context, string, string, digest.Digest) error { return errBroken }

// TestWhatCantBeSeededIsAnError of the handler, fails the test of a server, and panics
// where there is none.
func TestWhatCantBeSeededIsAnError(t *testing.T) {
	t.Parallel()
	absent := digest.FromString("absent")
	for name, c := range map[string]struct {
		handler func(*registrytest.Handler) error
		server  func(*registrytest.Server)
		err     error
	}{
		"blob in no repository": {
			func(h *registrytest.Handler) error { _, err := h.PutBlob("Demo", nil); return err },
			func(s *registrytest.Server) { s.PutBlob("Demo", nil) }, registrytest.ErrNameInvalid,
		},
		"manifest in no repository": {
			func(h *registrytest.Handler) error { _, err := h.PutManifest("", "v1", imageType, nil); return err },
			func(s *registrytest.Server) { s.PutManifest("", "v1", imageType, nil) }, registrytest.ErrNameInvalid,
		},
		"no tag": {
			func(h *registrytest.Handler) error { _, err := h.PutIndex("demo", "a b"); return err },
			func(s *registrytest.Server) { s.PutIndex("demo", "a b") }, registrytest.ErrManifestInvalid,
		},
		"nothing to tag": {
			func(h *registrytest.Handler) error { return h.Tag("demo", absent, "v1") },
			func(s *registrytest.Server) { s.Tag("demo", absent, "v1") }, registrytest.ErrManifestUnknown,
		},
		"no gzip": {
			func(h *registrytest.Handler) error {
				_, err := h.PutImage("demo", "v1", []byte("\x1f\x8b"))
				return err
			},
			func(s *registrytest.Server) { s.PutImage("demo", "v1", []byte("\x1f\x8b")) }, io.ErrUnexpectedEOF,
		},
		"no subject": {
			func(h *registrytest.Handler) error {
				_, err := h.Referrer("demo", ocispec.Descriptor{}, "a/b", nil)
				return err
			},
			func(s *registrytest.Server) { s.Referrer("demo", ocispec.Descriptor{}, "a/b", nil) }, registrytest.ErrDigestInvalid,
		},
		"broken store": {
			func(h *registrytest.Handler) error { _, err := h.PutImage("demo", "v1"); return err },
			func(s *registrytest.Server) { s.PutImage("demo", "v1") }, errBroken,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := registrytest.Options{}
			if c.err == errBroken {
				opts.Store = broken{registrytest.NewMemory()}
			}
			h := registrytest.NewHandler(opts)
			require.ErrorIs(t, c.handler(h), c.err)
			require.NoError(t, h.Close())

			fake := &fakeTB{TB: t}
			srv := registrytest.New(fake, opts)
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.server(srv)
			}()
			<-done
			require.Len(t, fake.fatal, 1)
			require.True(t, strings.HasPrefix(fake.fatal[0], "registrytest: "), fake.fatal[0])
			fake.end()

			srv, err := registrytest.NewServer(opts)
			require.NoError(t, err)
			defer srv.Close()
			require.Panics(t, func() { c.server(srv) })
		})
	}
}
