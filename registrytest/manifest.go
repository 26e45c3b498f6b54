// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"encoding/json"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Media types of manifests that the handler looks into. Docker's are the same
// in form and are pushed by many clients still.
const (
	dockerManifest     = "application/vnd.docker.distribution.manifest.v2+json"
	dockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json"
	octetStream        = "application/octet-stream"
)

// manifestView is what a registry needs to know of a manifest.
type manifestView struct {
	SchemaVersion int                  `json:"schemaVersion"`
	MediaType     string               `json:"mediaType"`
	ArtifactType  string               `json:"artifactType"`
	Config        *ocispec.Descriptor  `json:"config"`
	Layers        []ocispec.Descriptor `json:"layers"`
	Manifests     []ocispec.Descriptor `json:"manifests"`
	Subject       *ocispec.Descriptor  `json:"subject"`
	Annotations   map[string]string    `json:"annotations"`
}

func isImage(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageManifest || mediaType == dockerManifest
}

func isIndex(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageIndex || mediaType == dockerManifestList
}

func parseManifest(content []byte) (*manifestView, error) {
	v := new(manifestView)
	if err := json.Unmarshal(content, v); err != nil {
		return nil, fmt.Errorf("%w: not the JSON of a manifest: %v", ErrManifestInvalid, err)
	}
	return v, nil
}

// parseManifestHead reads no more than a registry that is not strict must know:
// the media type and, if there is a subject, everything.
func parseManifestHead(content []byte) (*manifestView, error) {
	var head struct {
		MediaType string           `json:"mediaType"`
		Subject   *json.RawMessage `json:"subject"`
	}
	if err := json.Unmarshal(content, &head); err != nil || head.Subject != nil {
		return parseManifest(content)
	}
	return &manifestView{MediaType: head.MediaType}, nil
}

// referrer makes the descriptor that the referrers list has for a manifest
// (specification, "Listing Referrers"); ok is false if it has no subject.
func referrer(m Manifest) (subject, desc ocispec.Descriptor, ok bool) {
	if !isImage(m.MediaType) && !isIndex(m.MediaType) {
		return subject, desc, false
	}
	v, err := m.view, error(nil)
	if v == nil {
		v, err = parseManifest(m.Content)
	}
	if err != nil || v.Subject == nil || v.Subject.Digest == "" {
		return subject, desc, false
	}
	desc = ocispec.Descriptor{
		MediaType:    m.MediaType,
		Digest:       m.Digest,
		Size:         int64(len(m.Content)),
		ArtifactType: v.ArtifactType,
		Annotations:  v.Annotations,
	}
	if desc.ArtifactType == "" && isImage(m.MediaType) && v.Config != nil {
		desc.ArtifactType = v.Config.MediaType
	}
	return *v.Subject, desc, true
}

// verify tells whether the digest is that of the content.
func (m Manifest) verify() error {
	if !m.verified && sum(m.Digest.Algorithm(), m.Content) != m.Digest {
		return fmt.Errorf("%w: the manifest is not %s", ErrDigestInvalid, m.Digest)
	}
	return nil
}
