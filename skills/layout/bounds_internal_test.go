// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/testkit"
)

// TestLongIndexJSONIsBounded reads a list that is short as text and large in
// memory. It is not parallel: it measures memory.
func TestLongIndexJSONIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	layout := &Store{path: t.TempDir()}
	name := filepath.Join(layout.path, ocispec.ImageIndexFile)
	list := strings.TrimSuffix(strings.Repeat("{},", oci.MaxMetadataBytes/4), ",")
	require.NoError(t, os.WriteFile(name, []byte(`{"manifests":[`+list+`]}`), 0o644))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := layout.Resolve(context.Background(), "x")
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, oci.ErrListed)
	require.ErrorContains(t, err, ocispec.ImageIndexFile)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(96<<20))

	require.NoError(t, os.WriteFile(name, bytes.Repeat([]byte(" "), maxIndexBytes+1), 0o644))
	_, err = layout.Resolve(context.Background(), "x")
	require.ErrorContains(t, err, "more than 4194304 bytes")
}

// TestFullLayoutIsBounded tags one more than a layout may list.
func TestFullLayoutIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	ctx := context.Background()
	layout, err := Open(t.TempDir())
	require.NoError(t, err)
	desc := content.NewDescriptorFromBytes("text/plain", []byte("x"))
	require.NoError(t, layout.Push(ctx, desc, strings.NewReader("x")))
	require.NoError(t, layout.Tag(ctx, desc, "first"))
	index, err := layout.readIndex()
	require.NoError(t, err)
	for len(index.entries) < oci.MaxListed {
		index.entries = append(index.entries, newEntry(desc, fmt.Sprint(len(index.entries))))
	}
	require.NoError(t, layout.writeIndex(ctx, index, true))
	require.ErrorIs(t, layout.Tag(ctx, desc, "new"), ErrFull)
	require.NoError(t, layout.Tag(ctx, desc, "first"), "it is there")
	tags, err := registry.Tags(ctx, layout)
	require.NoError(t, err)
	require.Len(t, tags, oci.MaxListed)

	index.entries = index.entries[:1]
	index.members = index.members.with("annotations", jsonValue(map[string]string{"x": strings.Repeat("x", maxIndexBytes)}))
	require.ErrorIs(t, layout.writeIndex(ctx, index, true), ErrFull)

	// One that others have filled is not read.
	for name, text := range map[string]string{
		"entries": `{"manifests":[` + strings.Repeat(string(index.entries[0].raw)+",", oci.MaxListed) + string(index.entries[0].raw) + `]}`,
		"bytes":   string(index.encode()),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(layout.path, ocispec.ImageIndexFile), []byte(text), 0o644))
		_, err = registry.Tags(ctx, layout)
		require.ErrorIs(t, err, ErrFull, name)
	}
}

// TestIndexesThatListOneAnotherAreBounded have 2 to the power of 40 ways down.
func TestIndexesThatListOneAnotherAreBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	t.Parallel()
	ctx := context.Background()
	layout, err := Open(t.TempDir())
	require.NoError(t, err)
	desc := content.NewDescriptorFromBytes("text/plain", []byte("x"))
	require.NoError(t, layout.Push(ctx, desc, strings.NewReader("x")))
	missing := content.NewDescriptorFromBytes("text/plain", []byte("y"))
	broken := missing
	for range 40 {
		for _, d := range []*ocispec.Descriptor{&desc, &broken} {
			text := string(jsonValue(ocispec.Index{Manifests: []ocispec.Descriptor{*d, *d, desc}}))
			next := content.NewDescriptorFromBytes(ocispec.MediaTypeImageIndex, []byte(text))
			if err := layout.Push(ctx, next, strings.NewReader(text)); err != nil {
				require.ErrorIs(t, err, errdef.ErrAlreadyExists)
			}
			*d = next
		}
	}
	exists, err := layout.Exists(ctx, desc)
	require.NoError(t, err)
	require.True(t, exists)
	exists, err = layout.Exists(ctx, broken)
	require.NoError(t, err)
	require.False(t, exists)
}
