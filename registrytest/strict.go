// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"mime"
	"regexp"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// mediaTypeExp is the grammar of RFC 6838, section 4.2.
var mediaTypeExp = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)

func isMediaType(s string) bool {
	base, _, err := mime.ParseMediaType(s)
	return err == nil && mediaTypeExp.MatchString(base)
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

// eachContent calls f for all that must be there for the manifest to be whole:
// config, layers and manifests, but not the subject.
func (v *manifestView) eachContent(f func(desc ocispec.Descriptor, manifest bool) error) error {
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

// checkStrict holds a manifest to the image specification 1.1 ("manifest",
// "image-index" and "descriptor").
func checkStrict(m Manifest, v *manifestView) error {
	invalid := func(format string, args ...any) error { return errorf(ErrManifestInvalid, format, args...) }
	if v == nil {
		return invalid("%.100q is not the media type of a manifest or an index", m.MediaType)
	}
	if v.SchemaVersion != 2 {
		return invalid("schemaVersion is %d, not 2", v.SchemaVersion)
	}
	if v.ArtifactType != "" && !isMediaType(v.ArtifactType) {
		return invalid("artifactType %.100q is no media type (RFC 6838)", v.ArtifactType)
	}
	if isImage(m.MediaType) {
		if v.Config == nil || v.Layers == nil || v.Manifests != nil {
			return invalid("an image manifest has config and layers, and no manifests")
		}
		if v.ArtifactType == "" && v.Config.MediaType == ocispec.MediaTypeEmptyJSON {
			return invalid("artifactType is needed where the config is %s", ocispec.MediaTypeEmptyJSON)
		}
	} else if v.Manifests == nil || v.Config != nil || v.Layers != nil {
		return invalid("an index has manifests, and neither config nor layers")
	}
	for _, desc := range v.descriptors() {
		if !isMediaType(desc.MediaType) {
			return invalid("mediaType %.100q of %s is no media type (RFC 6838)", desc.MediaType, desc.Digest)
		}
		if _, err := parseDigest(desc.Digest.String()); err != nil {
			return invalid("%v", err)
		}
		if desc.Size < 0 {
			return invalid("size of %s is %d", desc.Digest, desc.Size)
		}
	}
	return nil
}

// descriptors lists all that are in the manifest.
func (v *manifestView) descriptors() []ocispec.Descriptor {
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
