// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"context"
	"testing"
	"testing/fstest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills/skilldir"
)

// TestVerifyOfAPlatformThatIsNotKnown has an artifact of a newer skillcask,
// which knows more platforms. Equal digests are all that counts.
func TestVerifyOfAPlatformThatIsNotKnown(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	fsys := fstest.MapFS{SkillFileName: {Data: []byte("---\nname: demo\ndescription: Shows things. Use it in tests.\n---\nDo.\n")}}
	skill, err := skilldir.OpenFS(fsys).Scan(ctx, skilldir.ScanOptions{})
	require.NoError(t, err)
	var layer bytes.Buffer
	made, err := build(ctx, skill, recipe{epoch: time.Unix(0, 0).UTC(), platforms: []ocispec.Platform{{OS: "linux", Architecture: "z80"}}}, &layer)
	require.NoError(t, err)
	store := memory.New()
	put := func(desc ocispec.Descriptor, data []byte) {
		require.NoError(t, store.Push(ctx, desc, bytes.NewReader(data)))
	}
	put(made.layer, layer.Bytes())
	put(made.configs[0].Descriptor, made.configs[0].data)
	put(made.manifests[0].Descriptor, made.manifests[0].data)
	put(made.index.Descriptor, made.index.data)
	require.NoError(t, store.Tag(ctx, made.index.Descriptor, "x"))

	got, err := VerifyFS(ctx, store, "x", fsys, VerifyOptions{})
	require.NoError(t, err)
	require.Equal(t, &VerifyResult{Identical: true, Digest: made.index.Digest, Rebuilt: made.index.Digest}, got)

	fsys["more"] = &fstest.MapFile{}
	got, err = VerifyFS(ctx, store, "x", fsys, VerifyOptions{})
	require.NoError(t, err)
	require.False(t, got.Identical)
	require.Len(t, got.Added, 1)
	require.Len(t, got.Other, 1, "the platform is told of where something differs")
	require.Contains(t, got.Other[0].Detail, "z80")
	require.Equal(t, ReasonUnknown, got.Other[0].Kind)
}
