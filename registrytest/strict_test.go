// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"fmt"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest"
)

// TestStrictHoldsAnIndexToItsManifests, as it holds a manifest to its blobs.
func TestStrictHoldsAnIndexToItsManifests(t *testing.T) {
	t.Parallel()
	child := image("child")
	index := func(mediaType string, size int) string {
		return fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":%d}]}`,
			mediaType, digest.FromString(child), size)
	}
	for _, strict := range []bool{true, false} {
		srv := registrytest.New(t, registrytest.Options{Strict: strict})
		seed(t, srv.Store)
		exchange{"PUT", manifests + digest.FromString(child).String(), child, imageType, 201, ""}.try(t, srv)
		for body, refused := range map[string]bool{
			index(imageType, len(child)):                   false,
			index(imageType, len(child)+1):                 true,
			index(ocispec.MediaTypeImageIndex, len(child)): true,
		} {
			want := exchange{"PUT", manifests + "v1", body, ocispec.MediaTypeImageIndex, 201, ""}
			if strict && refused {
				want.status, want.code = 400, registrytest.ErrManifestInvalid
			}
			want.try(t, srv)
		}
	}
}
