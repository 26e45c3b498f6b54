// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
)

// crowd is how many tests, and how many clients, are there at once.
const crowd = 100

// TestHundredsOfParallelTests have each its own server, or all the same one. It
// is not parallel itself: at its end it looks for goroutines that are left.
func TestHundredsOfParallelTests(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for name, shared := range map[string]bool{"own": false, "one for all": true} {
		t.Run(name, func(t *testing.T) {
			var one *registrytest.Server
			if shared {
				one = registrytest.New(t, registrytest.Options{CheckStore: true})
			}
			for i := range crowd {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					srv := one
					if !shared {
						srv = registrytest.New(t, registrytest.Options{CheckStore: true})
					}
					t.Parallel() // only now, so that all the servers run at once
					require.NoError(t, visit(t, srv, i))
					if shared {
						return
					}
					tags, err := srv.Store.ListTags(t.Context(), fmt.Sprint("demo/app", i))
					require.NoError(t, err)
					require.Equal(t, []string{"v1"}, tags)
					repos, err := srv.Store.ListRepositories(t.Context())
					require.NoError(t, err)
					require.Len(t, repos, 1, "nobody else was here")
				})
			}
		})
	}
	t.Run("all at once", func(t *testing.T) {
		srv := registrytest.New(t, registrytest.Options{CheckStore: true, RecordLimit: 20 * crowd})
		var group errgroup.Group
		for i := range crowd {
			group.Go(func() error { return visit(t, srv, i) })
		}
		require.NoError(t, group.Wait())
		repos, err := srv.Store.ListRepositories(t.Context())
		require.NoError(t, err)
		require.Len(t, repos, crowd)
		operations := map[registrytest.Operation]int{}
		for _, r := range srv.Requests() {
			operations[r.Operation]++
		}
		require.Equal(t, 2*crowd, operations[registrytest.OpUploadPut], "layer and config")
		require.Equal(t, crowd, operations[registrytest.OpManifestPut])
	})
	goleak.VerifyNone(t, before)
}

// visit pushes an artifact to a repository of its own and pulls it back.
func visit(t *testing.T, srv *registrytest.Server, i int) error {
	repo := newRepo(t, srv, fmt.Sprint("demo/app", i), "", "")
	src, desc := pack(t, "v1", fmt.Sprint("hello ", i))
	if _, err := oras.Copy(t.Context(), src, "v1", repo, "v1", oras.DefaultCopyOptions); err != nil {
		return err
	}
	got, err := oras.Copy(t.Context(), repo, "v1", memory.New(), "v1", oras.DefaultCopyOptions)
	if err == nil && got.Digest != desc.Digest {
		err = fmt.Errorf("%s, not %s", got.Digest, desc.Digest)
	}
	return err
}
