// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/registrytest"
)

func TestOrasPushesPullsListsAndDeletes(t *testing.T) {
	t.Parallel()
	auth := &registrytest.Auth{Users: map[string]string{"user": "pass"}}
	for name, opts := range map[string]registrytest.Options{
		"plain": {},
		"tls":   {TLS: true},
		"basic": {Auth: auth},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			repo := newRepo(t, registrytest.New(t, opts), "demo/app", "user", "pass")

			src, desc := pack(t, "v1", "hello")
			got, err := oras.Copy(ctx, src, "v1", repo, "v1", oras.DefaultCopyOptions)
			require.NoError(t, err)
			require.Equal(t, desc.Digest, got.Digest)

			got, err = repo.Resolve(ctx, "v1")
			require.NoError(t, err)
			require.Equal(t, desc.Digest, got.Digest)
			_, err = content.FetchAll(ctx, repo, got)
			require.NoError(t, err)

			_, err = oras.Copy(ctx, repo, "v1", memory.New(), "v1", oras.DefaultCopyOptions)
			require.NoError(t, err)

			require.NoError(t, repo.Tag(ctx, desc, "v2"))
			var tags []string
			require.NoError(t, repo.Tags(ctx, "", func(page []string) error {
				tags = append(tags, page...)
				return nil
			}))
			require.Equal(t, []string{"v1", "v2"}, tags)

			require.NoError(t, repo.Delete(ctx, desc))
			_, err = repo.Resolve(ctx, "v2")
			require.ErrorIs(t, err, errdef.ErrNotFound)
		})
	}
}
