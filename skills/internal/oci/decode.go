// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Limits on metadata. A few bytes of JSON can become a hundred in memory, and
// an index can list the largest of manifests many times, so that a limit on
// each text is not enough.
const (
	// MaxListed bounds the descriptors in one list.
	MaxListed = 10_000
	// MaxArtifactMetadataBytes bounds index, manifests and configurations of
	// one artifact together.
	MaxArtifactMetadataBytes = 16 << 20
	// maxOSFeatures bounds what a platform asks of its system.
	maxOSFeatures = 100
)

// descriptors is a list that is read no further than its limit.
type descriptors []ocispec.Descriptor

// ErrListed says that a list is longer.
var ErrListed = fmt.Errorf("it lists more than %d descriptors", MaxListed)

// UnmarshalJSON implements [json.Unmarshaler].
func (d *descriptors) UnmarshalJSON(data []byte) error {
	*d = nil
	dec := json.NewDecoder(bytes.NewReader(data))
	start, err := dec.Token()
	if err != nil || start == nil { // null
		return err
	}
	if start != json.Delim('[') {
		return fmt.Errorf("it has %v where a list of descriptors should be", start)
	}
	for dec.More() {
		if len(*d) == MaxListed {
			return ErrListed
		}
		var desc ocispec.Descriptor
		if err := dec.Decode(&desc); err != nil {
			return err
		}
		*d = append(*d, desc)
	}
	return nil
}

// Members that make a document one of another kind: what a reader took it for
// would depend on the media type that it came with, and one digest be two
// artifacts (CVE-2021-41190).
var (
	NotInIndex    = []string{"config", "layers", "fsLayers", "rootfs"}
	NotInManifest = []string{"manifests", "fsLayers", "rootfs"}
	NotInImage    = []string{"schemaVersion", "manifests", "layers", "fsLayers"}
)

// DecodeIndex decodes an index, over what is in it.
func DecodeIndex(data []byte, index *ocispec.Index) error {
	if err := CheckJSON(data, reflect.TypeFor[ocispec.Index](), nil); err != nil {
		return err
	}
	document := struct {
		*ocispec.Index
		Manifests descriptors `json:"manifests"` // takes the place of Index's
	}{Index: index}
	err := json.Unmarshal(data, &document)
	index.Manifests = document.Manifests
	return err
}

// DecodeManifest is DecodeIndex for a manifest.
func DecodeManifest(data []byte, manifest *ocispec.Manifest) error {
	if err := CheckJSON(data, reflect.TypeFor[ocispec.Manifest](), nil); err != nil {
		return err
	}
	document := struct {
		*ocispec.Manifest
		Layers descriptors `json:"layers"`
	}{Manifest: manifest}
	err := json.Unmarshal(data, &document)
	manifest.Layers = document.Layers
	return err
}

// DecodeImage is DecodeIndex for an image configuration, without its history.
func DecodeImage(data []byte, image *ocispec.Image) error {
	if err := CheckJSON(data, reflect.TypeFor[ocispec.Image](), nil); err != nil {
		return err
	}
	document := struct {
		*ocispec.Image
		History Skipped `json:"history"`
	}{Image: image}
	err := json.Unmarshal(data, &document)
	if n := len(image.OSFeatures); err == nil && n > maxOSFeatures {
		err = fmt.Errorf("its platform has %d os.features, the limit is %d", n, maxOSFeatures)
	}
	return err
}

// NotIn is decode for a document that must not have the members foreign.
func NotIn[T any](decode func([]byte, *T) error, foreign []string) func([]byte, *T) error {
	return func(data []byte, into *T) error {
		if err := decode(data, into); err != nil {
			return err
		}
		return CheckJSON(data, nil, foreign)
	}
}

// Skipped is a value that nobody needs.
type Skipped struct{}

// UnmarshalJSON implements [json.Unmarshaler].
func (Skipped) UnmarshalJSON([]byte) error { return nil }

const (
	// MaxMetadataBytes bounds each manifest, index and image configuration,
	// in bytes. Registries take manifests of 4 MiB (distribution-spec 1.1,
	// "Pushing Manifests"), and readers of images take configurations of 4 MiB.
	MaxMetadataBytes = 4 << 20
)

// IsManifestType reports whether mediaType is of a manifest or an index.
func IsManifestType(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageManifest || mediaType == ocispec.MediaTypeImageIndex
}

// Plain returns a descriptor without anything that is not needed to fetch the content.
func Plain(desc ocispec.Descriptor) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
}

// Excerpt shortens text for a message.
func Excerpt(s string) string {
	const most = 40
	s = strings.ToValidUTF8(s, "\ufffd")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
