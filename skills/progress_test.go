// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// measure is a progress that wants done to grow up to a total.
type measure struct {
	t           *testing.T
	done, total int64
	calls       int
}

func (m *measure) report(done, total int64) {
	require.Greater(m.t, done, m.done)
	require.LessOrEqual(m.t, done, total)
	if m.total != 0 {
		require.GreaterOrEqual(m.t, total, m.total)
	}
	m.done, m.total = done, total
	m.calls++
}

// requireEnd wants all to be done.
func (m *measure) requireEnd(total int64) {
	m.t.Helper()
	require.Equal(m.t, total, m.total)
	require.Equal(m.t, total, m.done)
}

// TestProgressOfAPushIsWhatIsSent for a directory and for an artifact: all of
// it, nothing before the registry takes the first byte, nothing twice if it has
// to be sent again, and at once what is there.
func TestProgressOfAPushIsWhatIsSent(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := tree(t, bigSkill(3<<20)) // a layer that does not fit into a request's memory
	layout, err := ocilayout.Open(filepath.Join(t.TempDir(), "layout"))
	require.NoError(t, err)
	packed, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{})
	require.NoError(t, err)
	counted := registrytest.New(t)
	require.NoError(t, newRegistry(t, counted).Push(ctx, layout, packed.IndexDigest, counted.Host()+"/a/demo:1", skills.TransferOptions{}))
	var size int64
	for _, request := range counted.Requests() {
		size += request.BytesIn
	}

	pushes := map[string]func(registry *skills.Registry, ref string, report func(done, total int64)) error{
		"artifact": func(registry *skills.Registry, ref string, report func(done, total int64)) error {
			return registry.Push(ctx, layout, packed.IndexDigest, ref, skills.TransferOptions{Progress: report})
		},
		"directory": func(registry *skills.Registry, ref string, report func(done, total int64)) error {
			_, err := registry.PushDir(ctx, dir, ref, skills.PackageOptions{Progress: report})
			return err
		},
	}
	for name, push := range pushes {
		for kind, faults := range map[string][]registrytest.Fault{
			"sound":          nil,
			"blob again":     {{Match: registrytest.Match{Operation: registrytest.OpUploadPut}, Status: http.StatusServiceUnavailable}},
			"manifest again": {{Match: registrytest.Match{Operation: registrytest.OpManifestPut}, Status: http.StatusServiceUnavailable}},
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				srv := registrytest.New(t, registrytest.Options{Faults: faults})
				registry, ref := newRegistry(t, srv), srv.Host()+"/a/demo:1"
				first := &measure{t: t}
				require.NoError(t, push(registry, ref, first.report))
				first.requireEnd(size)
				require.Greater(t, first.calls, 10)

				again := &measure{t: t}
				require.NoError(t, push(registry, ref, again.report))
				require.Equal(t, again.total, again.done)
				require.Positive(t, again.done)
			})
		}
		t.Run(name+"/refused", func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{{Status: http.StatusForbidden, Count: -1}}})
			none := func(done, total int64) { t.Errorf("%d of %d bytes are said to be sent", done, total) }
			require.ErrorIs(t, push(newRegistry(t, srv), srv.Host()+"/a/demo:1", none), skills.ErrUnauthorized)
		})
	}
}
