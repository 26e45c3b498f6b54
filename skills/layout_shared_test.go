// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package skills_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/skillcask/skillcask/registrytest"
	registrylayout "github.com/skillcask/skillcask/registrytest/layout"
	"github.com/skillcask/skillcask/skills"
)

// TestLayoutIsTaggedWhileItIsServed packs into a layout below a directory that a
// registry serves and pushes to at the same time. No tag is lost, and each sees
// those of the other.
func TestLayoutIsTaggedWhileItIsServed(t *testing.T) {
	t.Parallel()
	shelf, ctx, dir := t.TempDir(), t.Context(), tree(t, smallSkill())
	store, err := registrylayout.Open(shelf)
	require.NoError(t, err)
	const writers, each = 4, 5
	layouts := make([]*skills.Layout, writers)
	for i := range layouts {
		layouts[i], err = skills.OpenLayout(filepath.Join(shelf, "demo"))
		require.NoError(t, err)
	}
	var group errgroup.Group
	for i, layout := range layouts {
		group.Go(func() error {
			for n := range each {
				_, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: fmt.Sprintf("packed-%d-%d", i, n), Epoch: unix(int64(n))})
				if err != nil {
					return err
				}
			}
			return nil
		})
		group.Go(func() error {
			for n := range each {
				content := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":[],"annotations":{"n":"%d %d"}}`, ocispec.MediaTypeImageIndex, i, n)
				m := registrytest.Manifest{MediaType: ocispec.MediaTypeImageIndex, Digest: digest.FromBytes(content), Content: content}
				if err := store.PutManifest(ctx, "demo", m, fmt.Sprintf("pushed-%d-%d", i, n)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())

	served, err := store.ListTags(ctx, "demo")
	require.NoError(t, err)
	require.Len(t, served, 2*writers*each)
	layout, err := skills.OpenLayout(filepath.Join(shelf, "demo"))
	require.NoError(t, err)
	tags, err := layout.Tags(ctx)
	require.NoError(t, err)
	require.Equal(t, served, tags)
	require.NoError(t, registrytest.CheckStore(ctx, store))
}
