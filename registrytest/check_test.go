// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

func TestCheckStoreFindsWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for want, harm := range map[string]func(dir string){
		"":            func(string) {},
		"that are":    func(dir string) { write(t, blobFile(dir, seedDigest), strings.ToUpper(seedText)) },
		"has 35":      func(dir string) { write(t, blobFile(dir, seedDigest), seedText[1:]) },
		"not there":   func(dir string) { require.NoError(t, os.Remove(blobFile(dir, seedDigest))) },
		"MANIFEST_UN": func(dir string) { require.NoError(t, os.Remove(blobFile(dir, digest.FromString(image("x"))))) },
	} {
		dir := t.TempDir()
		store, err := layout.Open(dir)
		require.NoError(t, err)
		seed(t, store)
		m := registrytest.Manifest{MediaType: imageType, Digest: digest.FromString(image("x")), Content: []byte(image("x"))}
		require.NoError(t, store.PutManifest(ctx, "demo/app", m, "v1"))
		harm(dir)
		err = registrytest.CheckStore(ctx, store)
		if want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
}
