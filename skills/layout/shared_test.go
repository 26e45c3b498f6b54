// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package layout_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/registrytest"
	registrylayout "github.com/skillcask/skillcask/registrytest/layout"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// TestLayoutIsTaggedWhileItIsServed packs into a layout below a directory that a
// registry serves and pushes to at the same time. No tag is lost, and each sees
// those of the other.
func TestLayoutIsTaggedWhileItIsServed(t *testing.T) {
	t.Parallel()
	shelf, ctx, dir := t.TempDir(), t.Context(), testkit.Tree(t, testkit.SmallSkill())
	store, err := registrylayout.Open(shelf)
	require.NoError(t, err)
	const writers, each = 4, 5
	layouts := make([]*ocilayout.Store, writers)
	for i := range layouts {
		layouts[i], err = ocilayout.Open(filepath.Join(shelf, "demo"))
		require.NoError(t, err)
	}
	var group errgroup.Group
	for i, layout := range layouts {
		group.Go(func() error {
			for n := range each {
				_, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: fmt.Sprintf("packed-%d-%d", i, n), Epoch: time.Unix(int64(n), 0)})
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
	layout, err := ocilayout.Open(filepath.Join(shelf, "demo"))
	require.NoError(t, err)
	tags, err := registry.Tags(ctx, layout)
	require.NoError(t, err)
	require.Equal(t, served, tags)
	require.NoError(t, registrytest.CheckStore(ctx, store))
}
