// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package skills_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// TestIntegrationRoundTrip takes every sample through every registry: a
// directory goes in by each way there is, comes back, and is the same.
func TestIntegrationRoundTrip(t *testing.T) {
	onEachServer(t, func(t *testing.T, s *server) {
		for _, skill := range samples(t) {
			t.Run(skill, func(t *testing.T) { testRoundTrip(t, s, auth.EmptyCredential, skill) })
		}
	})
}

func testRoundTrip(t *testing.T, s *server, credential auth.Credential, skill string) {
	ctx := t.Context()
	registry, writes := s.registry(t, credential)
	dir := filepath.Join(sampleDir, skill)

	fromDir := s.ref(t, "from-dir", skill)
	pushed, err := registry.PushDir(ctx, dir, fromDir, skills.PackageOptions{})
	require.NoError(t, err)
	artifact := pushed.IndexDigest
	require.True(t, s.shared || writes.Load() > 0, "what was counted is no writing")

	layout, err := ocilayout.Open(filepath.Join(t.TempDir(), "layout"))
	require.NoError(t, err)
	packed, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: "packed"})
	require.NoError(t, err)
	require.Equal(t, artifact, packed.IndexDigest)
	fromLayout := s.ref(t, "from-layout", skill)
	require.NoError(t, registry.Push(ctx, layout, artifact, fromLayout, skills.TransferOptions{}))

	t.Run("a second push sends nothing", func(t *testing.T) {
		writes.Store(0)
		again, err := registry.PushDir(ctx, dir, fromDir, skills.PackageOptions{})
		require.NoError(t, err)
		require.Equal(t, artifact, again.IndexDigest)
		require.NoError(t, registry.Push(ctx, layout, artifact, fromLayout, skills.TransferOptions{}))
		require.Zero(t, writes.Load())
	})

	for _, ref := range []string{fromDir, fromLayout} {
		testComesBack(t, registry, ref, artifact, pushed)
		testComesBack(t, registry, strings.TrimSuffix(ref, ":1.0.0")+"@"+artifact.String(), artifact, pushed)
	}
}

// testComesBack resolves and pulls what ref names; then it inspects, verifies
// and unpacks that where it is and where it was pulled to.
func testComesBack(t *testing.T, registry *skills.Registry, ref string, artifact digest.Digest, pushed *skills.PackageResult) {
	t.Helper()
	ctx := t.Context()
	skill := pushed.Config.Name
	dir := filepath.Join(sampleDir, skill)
	want := sourceTree(t, dir, pushed)

	repository, reference, err := registry.Repository(ref)
	require.NoError(t, err)
	resolved, err := repository.Resolve(ctx, reference)
	require.NoError(t, err)
	require.Equal(t, artifact, resolved.Digest)
	_, err = content.FetchAll(ctx, repository, resolved)
	require.NoError(t, err)

	layout, err := ocilayout.Open(filepath.Join(t.TempDir(), "pulled"))
	require.NoError(t, err)
	inMemory := memory.New()
	for _, store := range []oras.Target{layout, inMemory} {
		got, err := registry.Pull(ctx, store, ref, skills.TransferOptions{})
		require.NoError(t, err)
		require.Equal(t, artifact, got)
	}

	sources := []struct {
		store     oras.ReadOnlyTarget
		reference string
	}{{repository, reference}, {layout, ref}, {layout, artifact.String()}, {inMemory, ref}}
	for i, src := range sources {
		inspection, err := skills.Inspect(ctx, src.store, src.reference, skills.InspectOptions{Files: true})
		require.NoError(t, err)
		require.Equal(t, artifact, inspection.Root.Digest)
		require.Equal(t, pushed.Config, inspection.Config)
		require.Equal(t, pushed.LayerDigest, inspection.Layer.Digest)
		require.Len(t, inspection.Platforms, len(pushed.Platforms))
		require.Len(t, inspection.Files, len(want))

		verified, err := skills.Verify(ctx, src.store, src.reference, dir, skills.VerifyOptions{})
		require.NoError(t, err)
		require.True(t, verified.Identical, "%+v", verified)

		if i > 0 && strings.Contains(ref, "@") {
			continue // files are what takes time
		}
		dest := filepath.Join(t.TempDir(), skill)
		_, err = skills.Unpack(ctx, src.store, src.reference, dest, skills.UnpackOptions{})
		require.NoError(t, err)
		require.Equal(t, want, fileTree(t, dest))
	}
}

// sourceTree is fileTree without what packing left out.
func sourceTree(t *testing.T, dir string, packed *skills.PackageResult) map[string]string {
	t.Helper()
	files := fileTree(t, dir)
	for _, dropped := range packed.Excluded {
		delete(files, dropped.Name)
		for name := range files {
			if strings.HasPrefix(name, strings.TrimSuffix(dropped.Name, "/")+"/") {
				delete(files, name)
			}
		}
	}
	require.NotEmpty(t, files)
	return files
}

// fileTree returns the digest of each file below dir, and whether its owner can
// execute it.
func fileTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		require.True(t, info.Mode().IsRegular(), path)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = fmt.Sprintf("executable=%t %x", info.Mode()&0o100 != 0, sha256.Sum256(data))
		return err
	})
	require.NoError(t, err)
	return files
}
