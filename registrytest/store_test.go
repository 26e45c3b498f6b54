// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// TestStoresKeepLargeContent pushes content of many chunks in uneven parts,
// with the digest's algorithm foretold and not.
func TestStoresKeepLargeContent(t *testing.T) {
	t.Parallel()
	content := make([]byte, 2_000_000)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	for name, store := range map[string]registrytest.Store{"memory": registrytest.NewMemory(), "layout": openLayout(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			for _, dgst := range []digest.Digest{digest.FromBytes(content), digest.SHA512.FromBytes(content)} {
				id, err := store.StartUpload(ctx, "demo/app", digest.SHA256)
				require.NoError(t, err)
				at := int64(0)
				for _, part := range [][]byte{content[:10], content[10:1_500_001], content[1_500_001:]} {
					at, err = store.AppendUpload(ctx, "demo/app", id, at, bytes.NewReader(part))
					require.NoError(t, err)
				}
				require.NoError(t, store.CommitUpload(ctx, "demo/app", id, dgst))
				body, size, err := store.OpenBlob(ctx, "demo/app", dgst)
				require.NoError(t, err)
				require.Equal(t, int64(len(content)), size)
				requireContent(t, body, content)
				require.NoError(t, body.Close())
			}
			id, err := store.StartUpload(ctx, "demo/app", digest.SHA256)
			require.NoError(t, err)
			_, err = store.AppendUpload(ctx, "demo/app", id, 0, io.MultiReader(bytes.NewReader(content), iotest.ErrReader(io.ErrUnexpectedEOF)))
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			size, err := store.UploadSize(ctx, "demo/app", id)
			require.NoError(t, err)
			require.Equal(t, int64(len(content)), size, "what was read stays")
			require.ErrorIs(t, store.CommitUpload(ctx, "demo/app", id, digest.FromString("x")), registrytest.ErrDigestInvalid)
			_, err = store.UploadSize(ctx, "demo/app", id)
			require.ErrorIs(t, err, registrytest.ErrBlobUploadUnknown)
		})
	}
}

// requireContent reads from several places.
func requireContent(t *testing.T, r io.ReadSeeker, want []byte) {
	t.Helper()
	for _, at := range []int{0, 1, 4096, len(want) / 2, len(want) - 1, len(want)} {
		for _, pos := range []struct{ offset, whence int }{{at, io.SeekStart}, {at - len(want), io.SeekEnd}} {
			got, err := r.Seek(int64(pos.offset), pos.whence)
			require.NoError(t, err)
			require.Equal(t, int64(at), got)
			got, err = r.Seek(0, io.SeekCurrent)
			require.NoError(t, err)
			require.Equal(t, int64(at), got)
			b, err := io.ReadAll(r)
			require.NoError(t, err)
			require.True(t, bytes.Equal(want[at:], b), "from %d", at)
		}
	}
	_, err := r.Seek(-1, io.SeekStart)
	require.Error(t, err)
}

// TestBodiesStream is not parallel: it looks at the memory that all use.
func TestBodiesStream(t *testing.T) {
	const size = 64 << 20
	dir := t.TempDir()
	store, err := layout.Open(dir)
	require.NoError(t, err)
	srv := registrytest.New(t, registrytest.Options{Store: store})
	zeros := func() io.Reader { return io.LimitReader(zeroReader{}, size) }
	dgst, err := digest.FromReader(zeros())
	require.NoError(t, err)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	req, err := http.NewRequestWithContext(t.Context(), "POST", srv.URL+uploads+"?digest="+dgst.String(), zeros())
	require.NoError(t, err)
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 201, resp.StatusCode)
	resp, err = srv.Client().Get(srv.URL + blobURL + dgst.String())
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, int64(size), n)

	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20), "64 MiB up and down")
	info, err := os.Stat(filepath.Join(dir, "demo/app/blobs/sha256", dgst.Encoded()))
	require.NoError(t, err)
	require.Equal(t, int64(size), info.Size())
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestStoresAreImplementedByEmbeddingOnly: an unexported method keeps others from
// writing one that the next method would break.
func TestStoresAreImplementedByEmbeddingOnly(t *testing.T) {
	t.Parallel()
	sealed := 0
	for method := range reflect.TypeFor[registrytest.Store]().Methods() {
		if !method.IsExported() {
			sealed++
		}
	}
	require.Equal(t, 1, sealed)
	var _ registrytest.Store = struct{ registrytest.Store }{}
}
