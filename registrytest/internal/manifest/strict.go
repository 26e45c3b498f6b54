// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"regexp"
	"strings"

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
// not known; else it is that of the content.
func CheckStrict(mediaType string, content []byte, v *View) error {
	if v == nil {
		return fmt.Errorf("%.100q is not the media type of a manifest or an index", mediaType)
	}
	if err := checkMembers(json.NewDecoder(bytes.NewReader(content)), manifestMembers); err != nil {
		return err
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

// members are those that an object may have which mean something, with the members
// of the objects in them.
type members map[string]members

var (
	platformMembers = members{"architecture": nil, "os": nil, "os.version": nil, "os.features": nil, "variant": nil, "features": nil}

	descriptorMembers = members{"mediaType": nil, "digest": nil, "size": nil, "urls": nil, "annotations": nil,
		"data": nil, "artifactType": nil, "platform": platformMembers}

	manifestMembers = members{"schemaVersion": nil, "mediaType": nil, "artifactType": nil, "config": descriptorMembers,
		"layers": descriptorMembers, "manifests": descriptorMembers, "subject": descriptorMembers, "annotations": nil}
)

// checkMembers refuses a member that is there twice, and one that differs from one
// that means something by case only: readers do not agree on what they say. It reads
// one value of JSON that is valid.
func checkMembers(d *json.Decoder, known members) error {
	start, err := d.Token()
	if err != nil {
		return err
	}
	if delim, ok := start.(json.Delim); !ok || delim != '{' && delim != '[' {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		inner := known
		if start == json.Delim('{') {
			token, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := token.(string)
			if seen[name] {
				return fmt.Errorf("member %.100q is there twice", name)
			}
			seen[name] = true
			var ok bool
			if inner, ok = known[name]; !ok {
				for right := range known {
					if strings.EqualFold(right, name) {
						return fmt.Errorf("member %.100q is not %q", name, right)
					}
				}
			}
		}
		if err := checkMembers(d, inner); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
