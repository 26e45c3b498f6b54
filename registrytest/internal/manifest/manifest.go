// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package manifest reads what a registry has to know of manifests: what they
// refer to, whether they hold to the image specification, and whose referrers
// they are. Its errors have no code.
package manifest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Docker's media types are the same in form as those of the image specification,
// and many clients still push them.
const (
	dockerManifest     = "application/vnd.docker.distribution.manifest.v2+json"
	dockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// BlobMediaType is that of content of which nothing is known.
const BlobMediaType = "application/octet-stream"

// View is what a registry needs to know of a manifest.
type View struct {
	SchemaVersion int                  `json:"schemaVersion"`
	MediaType     string               `json:"mediaType"`
	ArtifactType  string               `json:"artifactType"`
	Config        *ocispec.Descriptor  `json:"config"`
	Layers        []ocispec.Descriptor `json:"layers"`
	Manifests     []ocispec.Descriptor `json:"manifests"`
	Subject       *ocispec.Descriptor  `json:"subject"`
	Annotations   map[string]string    `json:"annotations"`
}

// IsImage reports whether a media type is that of an image manifest.
func IsImage(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageManifest || mediaType == dockerManifest
}

// IsIndex reports whether a media type is that of an index.
func IsIndex(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageIndex || mediaType == dockerManifestList
}

// IsKnown reports whether a media type is one of those that can be parsed.
func IsKnown(mediaType string) bool { return IsImage(mediaType) || IsIndex(mediaType) }

// Parse reads a manifest of a known media type.
func Parse(content []byte) (*View, error) {
	v := new(View)
	if err := json.Unmarshal(content, v); err != nil {
		return nil, fmt.Errorf("not the JSON of a manifest: %v", err)
	}
	return v, nil
}

// ParseHead reads no more than a registry that is not strict must know: the
// media type and, if there is a subject, everything.
func ParseHead(content []byte) (*View, error) {
	var head struct {
		MediaType string           `json:"mediaType"`
		Subject   *json.RawMessage `json:"subject"`
	}
	if err := json.Unmarshal(content, &head); err != nil || head.Subject != nil {
		return Parse(content)
	}
	return &View{MediaType: head.MediaType}, nil
}

// notDistributed are the layers that need not be there: image-spec 1.0's
// non-distributable ones and Docker's foreign ones.
func notDistributed(mediaType string) bool {
	switch mediaType {
	case "application/vnd.oci.image.layer.nondistributable.v1.tar",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
		"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip":
		return true
	}
	return false
}

// EachContent calls f for all that must be there for the manifest to be
// complete: config, layers and manifests, but not the subject. It stops at the
// first error, and returns it.
func (v *View) EachContent(f func(desc ocispec.Descriptor, manifest bool) error) error {
	if v.Config != nil {
		if err := f(*v.Config, false); err != nil {
			return err
		}
	}
	for _, desc := range v.Layers {
		if notDistributed(desc.MediaType) {
			continue
		}
		if err := f(desc, false); err != nil {
			return err
		}
	}
	for _, desc := range v.Manifests {
		if err := f(desc, true); err != nil {
			return err
		}
	}
	return nil
}

// descriptors lists all that are in the manifest.
func (v *View) descriptors() []ocispec.Descriptor {
	var list []ocispec.Descriptor
	if v.Config != nil {
		list = append(list, *v.Config)
	}
	list = append(append(list, v.Layers...), v.Manifests...)
	if v.Subject != nil {
		list = append(list, *v.Subject)
	}
	return list
}

// SortByDigest sorts descriptors by the bytes of their digests.
func SortByDigest(list []ocispec.Descriptor) {
	slices.SortFunc(list, func(a, b ocispec.Descriptor) int {
		return strings.Compare(a.Digest.String(), b.Digest.String())
	})
}
