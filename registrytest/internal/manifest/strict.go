// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"fmt"
	"mime"
	"regexp"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// mediaTypeExp is the grammar of RFC 6838, section 4.2.
var mediaTypeExp = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)

func isMediaType(s string) bool {
	base, _, err := mime.ParseMediaType(s)
	return err == nil && mediaTypeExp.MatchString(base)
}

// CheckStrict holds a manifest to the image specification 1.1 ("manifest",
// "image-index" and "descriptor"). A nil view is that of a media type which is
// not known.
func CheckStrict(mediaType string, v *View) error {
	if v == nil {
		return fmt.Errorf("%.100q is not the media type of a manifest or an index", mediaType)
	}
	if v.SchemaVersion != 2 {
		return fmt.Errorf("schemaVersion is %d, not 2", v.SchemaVersion)
	}
	if v.ArtifactType != "" && !isMediaType(v.ArtifactType) {
		return fmt.Errorf("artifactType %.100q is no media type (RFC 6838)", v.ArtifactType)
	}
	if IsImage(mediaType) {
		if v.Config == nil || v.Layers == nil || v.Manifests != nil {
			return fmt.Errorf("an image manifest has config and layers, and no manifests")
		}
		if v.ArtifactType == "" && v.Config.MediaType == ocispec.MediaTypeEmptyJSON {
			return fmt.Errorf("artifactType is needed where the config is %s", ocispec.MediaTypeEmptyJSON)
		}
	} else if v.Manifests == nil || v.Config != nil || v.Layers != nil {
		return fmt.Errorf("an index has manifests, and neither config nor layers")
	}
	for _, desc := range v.descriptors() {
		if !isMediaType(desc.MediaType) {
			return fmt.Errorf("mediaType %.100q of %s is no media type (RFC 6838)", desc.MediaType, desc.Digest)
		}
		if _, err := grammar.ParseDigest(desc.Digest.String()); err != nil {
			return err
		}
		if desc.Size < 0 {
			return fmt.Errorf("size of %s is %d", desc.Digest, desc.Size)
		}
	}
	return nil
}
