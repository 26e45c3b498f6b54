// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	registrylayout "github.com/skillcask/skillcask/registrytest/layout"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// noiseFS is a skill with files of noise, which is made as it is read.
type noiseFS struct {
	files int
	size  int64 // of each
}

func (n noiseFS) Open(name string) (fs.File, error) {
	switch {
	case name == ".":
		list := []fs.DirEntry{noiseFile{name: skills.SkillFileName, size: int64(len(skillMD))}}
		for i := range n.files {
			list = append(list, noiseFile{name: fmt.Sprint("noise", i), size: n.size})
		}
		return &noiseDir{noiseFile{name: ".", mode: fs.ModeDir}, list}, nil
	case name == skills.SkillFileName:
		return noiseFile{name, int64(len(skillMD)), 0, strings.NewReader(skillMD)}, nil
	case strings.HasPrefix(name, "noise"):
		return noiseFile{name, n.size, 0, io.LimitReader(rand.NewChaCha8([32]byte([]byte(fmt.Sprintf("%32s", name)))), n.size)}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// noiseFile is a file, its entry and its info.
type noiseFile struct {
	name string
	size int64
	mode fs.FileMode
	io.Reader
}

func (f noiseFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f noiseFile) Info() (fs.FileInfo, error) { return f, nil }
func (f noiseFile) Close() error               { return nil }
func (f noiseFile) Name() string               { return f.name }
func (f noiseFile) Size() int64                { return f.size }
func (f noiseFile) Mode() fs.FileMode          { return f.mode | 0o444 }
func (f noiseFile) Type() fs.FileMode          { return f.mode }
func (f noiseFile) IsDir() bool                { return f.mode.IsDir() }
func (f noiseFile) ModTime() time.Time         { return time.Time{} }
func (f noiseFile) Sys() any                   { return nil }

type noiseDir struct {
	noiseFile
	left []fs.DirEntry
}

func (d *noiseDir) ReadDir(int) ([]fs.DirEntry, error) {
	list := d.left
	d.left = nil
	if list == nil {
		return nil, io.EOF
	}
	return list, nil
}

// heap remembers the most bytes of objects that it has seen.
type heap struct{ peak uint64 }

func (h *heap) sample() {
	value := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(value)
	h.peak = max(h.peak, value[0].Value.Uint64())
}

// sampledLayout looks at the heap as content goes into a layout.
type sampledLayout struct {
	*ocilayout.Store
	heap *heap
}

func (s sampledLayout) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	return s.Store.Push(ctx, desc, sampledReader{r, s.heap})
}

type sampledReader struct {
	io.Reader
	heap *heap
}

func (s sampledReader) Read(p []byte) (int, error) {
	s.heap.sample()
	return s.Reader.Read(p)
}

// TestMemoryIsBounded takes a skill of 64 MiB, whose layer is as long, from a file
// system into a layout and out of it, to a registry and back. It is not parallel:
// it looks at the memory of the process.
func TestMemoryIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	const most = 48 << 20
	ctx := context.Background()
	runtime.GC()
	var heap heap
	heap.sample()
	base := heap.peak
	check := func(what string) {
		t.Helper()
		t.Logf("%s: %.1f MiB of objects at most, %.1f MiB before", what, float64(heap.peak)/(1<<20), float64(base)/(1<<20))
		require.Less(t, heap.peak, base+most, what)
	}
	sample := func(int64, int64) { heap.sample() }

	layout, err := ocilayout.Open(t.TempDir())
	require.NoError(t, err)
	store := sampledLayout{layout, &heap}
	fsys := noiseFS{files: 4, size: 16 << 20}
	packed, err := skills.NewPackager(store).PackageFS(ctx, fsys, skills.PackageOptions{Tag: "1.0", Progress: sample})
	require.NoError(t, err)
	require.Greater(t, layerSize(t, layout), int64(64<<20))
	check("pack")

	verified, err := skills.VerifyFS(ctx, layout, packed.IndexDigest.String(), fsys, skills.VerifyOptions{Progress: sample})
	require.NoError(t, err)
	require.True(t, verified.Identical)
	check("verify")

	dir := t.TempDir()
	unpacked, err := skills.Unpack(ctx, layout, "1.0", dir, skills.UnpackOptions{Progress: sample})
	require.NoError(t, err)
	require.Len(t, unpacked.Files, 5)
	check("unpack")

	checked, err := skills.Check(ctx, layout, "1.0", dir, skills.CheckOptions{Progress: sample})
	require.NoError(t, err)
	require.True(t, checked.Identical)
	check("check")

	stored, err := registrylayout.Open(t.TempDir())
	require.NoError(t, err)
	srv := registrytest.New(t, registrytest.Options{Store: stored})
	registry, ref := newRegistry(t, srv), srv.Host()+"/a/demo:1.0"
	require.NoError(t, registry.Push(ctx, layout, packed.IndexDigest, ref, skills.TransferOptions{Progress: sample}))
	check("push")
	pulled, err := ocilayout.Open(t.TempDir())
	require.NoError(t, err)
	_, err = registry.Pull(ctx, pulled, ref, skills.TransferOptions{Progress: sample})
	require.NoError(t, err)
	check("pull")
}
