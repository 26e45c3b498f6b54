// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// token returns what looks like one. It stands in no file.
func token() string {
	random := rand.New(rand.NewPCG(3, 4))
	out := []byte("ghp_")
	for range 36 {
		out = append(out, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[random.IntN(32)])
	}
	return string(out)
}

// TestPushRefusesSecrets wants nothing sent of a directory that holds one,
// unless the rule is allowed by its name. Silence silences warnings only.
func TestPushRefusesSecrets(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t)
	registry := newRegistry(t, srv)
	files := smallSkill()
	files["a.sh"] = "#!/bin/sh\nTOKEN=" + token() + "\n"
	files["b.env"] = "x\ny=" + token() + "\n"
	dir := tree(t, files)
	ref := srv.Host() + "/skills/demo:1.0"

	for name, opts := range map[string]skills.PackageOptions{
		"by default": {},
		"silenced":   {Silence: []string{"secret"}},
	} {
		result, err := registry.PushDir(ctx, dir, ref, opts)
		require.ErrorIs(t, err, skilldir.ErrSecret, name)
		require.Nil(t, result, name)
		var invalid *skilldir.InvalidError
		require.ErrorAs(t, err, &invalid, name)
		require.Equal(t, []string{"secret", "secret"}, rulesOf(invalid.Diagnostics), name)
		require.Equal(t, "a.sh", invalid.Diagnostics[0].File, name)
		require.Equal(t, 2, invalid.Diagnostics[0].Line, name)
		require.NotContains(t, err.Error(), token()[:10], name)
		require.Empty(t, srv.Requests(), name)
	}
	result, err := registry.PushDir(ctx, dir, ref, skills.PackageOptions{Allow: []string{"secret"}})
	require.NoError(t, err)
	require.Equal(t, []string{"secret", "secret"}, rulesOf(result.Warnings))
	result, err = registry.PushDir(ctx, dir, ref, skills.PackageOptions{Allow: []string{"secret"}, Silence: []string{"secret"}})
	require.NoError(t, err)
	require.Empty(t, result.Warnings)

	// Packing warns, and what was packed is pushed as it is.
	store, packed := packDir(t, dir, skills.PackageOptions{})
	require.Equal(t, []string{"secret", "secret"}, rulesOf(packed.Warnings))
	require.Equal(t, packed.IndexDigest, result.IndexDigest)
	require.NoError(t, registry.Push(ctx, store, packed.IndexDigest, srv.Host()+"/skills/packed:1.0", skills.TransferOptions{}))

	// Without a secret there is nothing to allow.
	require.NoError(t, os.Remove(filepath.Join(dir, "a.sh")))
	require.NoError(t, os.Remove(filepath.Join(dir, "b.env")))
	_, err = registry.PushDir(ctx, dir, ref, skills.PackageOptions{})
	require.NoError(t, err)
}

// TestOnlyWhatStopsAPushIsAllowed refuses rules that would change nothing.
func TestOnlyWhatStopsAPushIsAllowed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t)
	dir := tree(t, smallSkill())
	for _, rule := range []string{"secrets", "name-characters", "home-path", ""} {
		_, err := newRegistry(t, srv).PushDir(ctx, dir, srv.Host()+"/skills/demo:1.0", skills.PackageOptions{Allow: []string{rule}})
		require.ErrorIs(t, err, skilldir.ErrUnknownRule, rule)
		require.Empty(t, srv.Requests())
	}
}
