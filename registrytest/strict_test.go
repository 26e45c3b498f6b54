// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

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

// TestStrictRefusesMembersThatReadersTakeDifferently: the first or the last of two,
// and whatever case.
func TestStrictRefusesMembersThatReadersTakeDifferently(t *testing.T) {
	t.Parallel()
	one := image("one")
	replace := func(old, new string) string {
		require.Contains(t, one, old)
		return strings.Replace(one, old, new, 1)
	}
	const subject = `"subject":{"mediaType":"` + imageType + `","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":1}`
	platform := fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":%d,"platform":{"os":"linux","architecture":"amd64"}}]}`,
		imageType, digest.FromString(one), len(one))
	for name, c := range map[string]struct {
		body    string
		refused bool
	}{
		"as it is":                {one, false},
		"an unknown member":       {replace(`"layers"`, `"x":1,"X":2,"layers"`), false},
		"a subject":               {replace(`"layers"`, subject+`,"layers"`), false},
		"a subject in capitals":   {replace(`"layers"`, strings.Replace(subject, "subject", "SUBJECT", 1)+`,"layers"`), true},
		"two subjects":            {replace(`"layers"`, subject+","+subject+`,"layers"`), true},
		"a long s":                {replace(`"layers"`, strings.Replace(subject, "subject", "ſubject", 1)+`,"layers"`), true},
		"an escaped name":         {replace(`"layers"`, strings.Replace(subject, "subject", "\\u0053ubject", 1)+`,"layers"`), true},
		"two of an escaped name":  {replace(`"layers":`, `"layers":[],"\u006cayers":`), true},
		"two media types":         {replace(`"mediaType"`, `"mediaType":"`+imageType+`","mediaType"`), true},
		"an unknown member twice": {replace(`"layers"`, `"x":1,"x":1,"layers"`), true},
		"of a descriptor":         {replace(`"size"`, `"Size":1,"size"`), true},
		"twice in a descriptor":   {replace(`"size"`, `"size":1,"size"`), true},
		"an annotation twice":     {replace(`"text":`, `"text":"","text":`), true},
		"annotations by case":     {replace(`"text":`, `"Text":"","TEXT":"","mediatype":"","text":`), false},
		"deep in the unknown":     {replace(`"layers"`, `"x":[{"y":[0,{"z":1,"z":1}]}],"layers"`), true},
		"deep, but by case":       {replace(`"layers"`, `"x":[{"size":[0,{"SIZE":1,"Size":1}]}],"layers"`), false},
		"an index":                {platform, false},
		"of a platform":           {strings.Replace(platform, `"os"`, `"OS"`, 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contentType := imageType
			if strings.Contains(c.body, "manifests") {
				contentType = ocispec.MediaTypeImageIndex
			}
			for _, strict := range []bool{true, false} {
				srv := registrytest.New(t, registrytest.Options{Strict: strict})
				seed(t, srv.Store)
				exchange{"PUT", manifests + digest.FromString(one).String(), one, imageType, 201, ""}.try(t, srv)
				want := exchange{"PUT", manifests + "v1", c.body, contentType, 201, ""}
				if strict && c.refused {
					want.status, want.code = 400, registrytest.ErrManifestInvalid
				}
				want.try(t, srv)
			}
		})
	}
}

// TestAManifestIsOfTheTypeThatItSays: clients MUST set the Content-Type to it
// ("Pushing Manifests").
func TestAManifestIsOfTheTypeThatItSays(t *testing.T) {
	t.Parallel()
	index := `{"schemaVersion":2,"mediaType":"` + ocispec.MediaTypeImageIndex + `","manifests":[]}`
	for _, strict := range []bool{true, false} {
		srv := registrytest.New(t, registrytest.Options{Strict: strict})
		seed(t, srv.Store)
		for _, x := range []exchange{
			{"PUT", manifests + "v1", image("x"), imageType, 201, ""},
			{"PUT", manifests + "v1", image("x"), imageType + "; charset=utf-8", 201, ""},
			{"PUT", manifests + "v1", image("x"), ocispec.MediaTypeImageIndex, 400, registrytest.ErrManifestInvalid},
			{"PUT", manifests + "v1", image("x"), "application/json", 400, registrytest.ErrManifestInvalid},
			{"PUT", manifests + "v1", image("x"), "application/vnd.docker.distribution.manifest.v2+json", 400, registrytest.ErrManifestInvalid},
			{"PUT", manifests + "v1", index, imageType, 400, registrytest.ErrManifestInvalid},
			{"PUT", manifests + "v1", index, "text/plain", 400, registrytest.ErrManifestInvalid},
			{"PUT", manifests + "v1", index, "", 201, ""},
		} {
			x.try(t, srv)
		}
	}
}
