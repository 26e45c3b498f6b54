// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// Verify compares a store with the books.
func (w *Worker) Verify(t *testing.T, store registrytest.Store) {
	t.Helper()
	ctx := context.Background()
	w.verifyBlobs(t, store, w.repo, w.blobs)
	w.verifyBlobs(t, store, w.copyRepo(), w.copies)
	for dgst, present := range w.manifests {
		m, err := store.GetManifest(ctx, w.repo, dgst)
		if !present {
			require.ErrorIs(t, err, registrytest.ErrManifestUnknown)
			continue
		}
		require.NoError(t, err, "acknowledged, but not there")
		require.Equal(t, dgst, digest.FromBytes(m.Content))
	}
	for _, subject := range slices.Compact(slices.Sorted(maps.Values(w.subjects))) {
		list, err := store.ListReferrers(ctx, w.repo, subject)
		require.NoError(t, err)
		require.NoError(t, w.checkReferrers(subject, list))
	}
	for tag, want := range w.tags {
		got, err := store.ResolveTag(ctx, w.repo, tag)
		if want == "" {
			require.ErrorIs(t, err, registrytest.ErrManifestUnknown)
			continue
		}
		require.NoError(t, err, "acknowledged, but not there")
		require.Equal(t, want, got)
	}
}

func (w *Worker) verifyBlobs(t *testing.T, store registrytest.Store, repo string, books map[digest.Digest]bool) {
	t.Helper()
	for dgst, present := range books {
		body, _, err := store.OpenBlob(context.Background(), repo, dgst)
		if !present {
			require.ErrorIs(t, err, registrytest.ErrBlobUnknown)
			continue
		}
		require.NoError(t, err, "acknowledged, but not there")
		got, err := digest.FromReader(body)
		require.NoError(t, err)
		require.NoError(t, body.Close())
		require.Equal(t, dgst, got)
	}
}
