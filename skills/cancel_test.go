// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// steppingContext is cancelled at the n-th step: when it was asked so often
// whether it is, or when step was called.
type steppingContext struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func (c *steppingContext) Err() error {
	if c.left.Add(-1) < 0 {
		c.cancel()
	}
	return c.Context.Err()
}

func (c *steppingContext) step() { _ = c.Err() }

// progress makes every piece that is read a step.
func (c *steppingContext) progress(int64, int64) { c.step() }

// RoundTrip makes every request two steps. It is one if the request may set
// the tag: once it is answered, all is done.
func (c *steppingContext) RoundTrip(r *http.Request) (*http.Response, error) {
	c.step()
	response, err := http.DefaultTransport.RoundTrip(r)
	if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/manifests/") {
		c.step()
	}
	return response, err
}

// steppingRegistry is a registry, and a client of it whose requests are steps.
type steppingRegistry struct {
	*skills.Registry
	ref   string
	store registrytest.Store
}

func newSteppingRegistry(t *testing.T, ctx *steppingContext, store registrytest.Store) (*steppingRegistry, func()) {
	srv := httptest.NewServer(registrytest.NewHandler(registrytest.Options{Store: store}))
	client, err := skills.NewRegistry(skills.WithHTTPClient(&http.Client{Transport: ctx}), skills.WithCredentialStore(credentials.NewMemoryStore()))
	require.NoError(t, err)
	return &steppingRegistry{client, strings.TrimPrefix(srv.URL, "http://") + "/skills/demo:1.0", store}, func() {
		srv.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	}
}

// requireAbsent wants the registry to have neither tag nor index.
func (r *steppingRegistry) requireAbsent(t *testing.T, index digest.Digest) {
	t.Helper()
	client, err := skills.NewRegistry(skills.WithCredentialStore(credentials.NewMemoryStore()))
	require.NoError(t, err)
	repository, tag, err := client.Repository(r.ref)
	require.NoError(t, err)
	requireAbsent(t, repository, tag, index.String())
	require.NoError(t, registrytest.CheckStore(context.Background(), r.store))
}

func requireAbsent(t *testing.T, store oras.ReadOnlyTarget, references ...string) {
	t.Helper()
	for _, reference := range references {
		_, err := store.Resolve(context.Background(), reference)
		require.ErrorIs(t, err, errdef.ErrNotFound, reference)
	}
}

// TestCancelledAtEveryStep cancels packing, pushing, pulling, unpacking,
// verifying and inspecting wherever they look at the context, read a piece or
// send a request. What is left must be nothing that looks finished, no
// temporary file and no open one. TestMain sees that no goroutine remains. The
// race detector sees some of the steps only.
func TestCancelledAtEveryStep(t *testing.T) {
	dir := tree(t, bigSkill(skills.SpoolMemory+16<<10)) // more would only make more steps
	full, packed := packDir(t, dir, skills.PackageOptions{Tag: "1.0"})
	index := packed.IndexDigest
	require.Greater(t, layerSize(t, full), int64(skills.SpoolMemory), "or no temporary file is made")
	require.NoError(t, full.Tag(context.Background(), packed.Index, index.String()))
	inRegistry := registrytest.NewMemory()
	{
		reg, stop := newSteppingRegistry(t, unlimited(), inRegistry)
		require.NoError(t, reg.Push(context.Background(), full, index, reg.ref, skills.TransferOptions{}))
		stop()
	}
	layouts, parent := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())

	// inLayout gives use a new layout, which must hold nothing if it fails.
	inLayout := func(t *testing.T, use func(layout *ocilayout.Store) error) error {
		path := filepath.Join(layouts, "layout")
		layout, err := ocilayout.Open(path)
		require.NoError(t, err)
		if err = use(layout); err != nil {
			tags, terr := registry.Tags(context.Background(), layout)
			require.NoError(t, terr)
			require.Empty(t, tags)
			requireAbsent(t, layout, "1.0", index.String())
		}
		requireNoHalfFiles(t, layouts)
		require.NoError(t, os.RemoveAll(path))
		return err
	}
	// inNewRegistry gives use a new registry, likewise.
	inNewRegistry := func(t *testing.T, ctx *steppingContext, use func(reg *steppingRegistry) error) error {
		reg, stop := newSteppingRegistry(t, ctx, registrytest.NewMemory())
		defer stop()
		err := use(reg)
		if err != nil {
			reg.requireAbsent(t, index)
		}
		return err
	}
	for name, job := range map[string]func(t *testing.T, ctx *steppingContext) error{
		"pack to memory": func(t *testing.T, ctx *steppingContext) error {
			store := memory.New()
			_, err := skills.NewPackager(store).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
			if err != nil {
				requireAbsent(t, store, "1.0")
			}
			return err
		},
		"pack to a layout": func(t *testing.T, ctx *steppingContext) error {
			return inLayout(t, func(layout *ocilayout.Store) error {
				_, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: "1.0"})
				return err
			})
		},
		"push a directory": func(t *testing.T, ctx *steppingContext) error {
			return inNewRegistry(t, ctx, func(reg *steppingRegistry) error {
				_, err := reg.PushDir(ctx, dir, reg.ref, skills.PackageOptions{})
				return err
			})
		},
		"push": func(t *testing.T, ctx *steppingContext) error {
			return inNewRegistry(t, ctx, func(reg *steppingRegistry) error {
				return reg.Push(ctx, full, index, reg.ref, skills.TransferOptions{Progress: ctx.progress})
			})
		},
		"pull": func(t *testing.T, ctx *steppingContext) error {
			reg, stop := newSteppingRegistry(t, ctx, inRegistry)
			defer stop()
			return inLayout(t, func(layout *ocilayout.Store) error {
				_, err := reg.Pull(ctx, layout, reg.ref, skills.TransferOptions{Tag: "1.0", Progress: ctx.progress})
				return err
			})
		},
		"unpack": func(t *testing.T, ctx *steppingContext) error {
			dest := filepath.Join(parent, "demo")
			_, err := skills.Unpack(ctx, full, "1.0", dest, skills.UnpackOptions{})
			if err != nil {
				require.NoDirExists(t, dest)
			}
			require.NoError(t, os.RemoveAll(dest))
			entries, rerr := os.ReadDir(parent)
			require.NoError(t, rerr)
			require.Empty(t, entries)
			return err
		},
		"verify": func(_ *testing.T, ctx *steppingContext) error {
			_, err := skills.Verify(ctx, full, "1.0", dir, skills.VerifyOptions{})
			return err
		},
		"inspect": func(_ *testing.T, ctx *steppingContext) error {
			_, err := skills.Inspect(ctx, full, "1.0", skills.InspectOptions{Files: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			open, steps := 0, int64(0)
			for ; ; steps++ {
				if steps == 1 { // what is opened once stays open
					open = openFiles(t)
				}
				if testkit.RaceEnabled && steps%8 != 0 {
					continue
				}
				ctx := unlimited()
				ctx.left.Store(steps)
				err := job(t, ctx)
				ctx.cancel()
				if err == nil {
					break
				}
				require.ErrorIs(t, err, context.Canceled, "step %d", steps)
				require.Less(t, steps, int64(10_000))
			}
			t.Logf("%d steps", steps)
			require.Greater(t, steps, int64(3))
			require.Equal(t, open, openFiles(t), "open files")
			requireNoTempFiles(t)
		})
	}
}

// unlimited returns a context that is not cancelled by steps.
func unlimited() *steppingContext {
	ctx, cancel := context.WithCancel(context.Background())
	c := &steppingContext{Context: ctx, cancel: cancel}
	c.left.Store(1 << 40)
	return c
}

func layerSize(t *testing.T, src oras.ReadOnlyTarget) int64 {
	t.Helper()
	inspection, err := skills.Inspect(context.Background(), src, "1.0", skills.InspectOptions{Files: true})
	require.NoError(t, err)
	return inspection.Layer.Size
}
