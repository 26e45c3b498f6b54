// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"io"
	"maps"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/reproducible"
)

// InspectOptions say how to inspect. The zero value is the usual case.
type InspectOptions struct {
	// Limits bound what is read.
	Limits

	// Progress is as in [UnpackOptions].
	Progress func(done, total int64)
}

// Inspection describes an artifact.
type Inspection struct {
	// Root is the descriptor of the index, or of the only manifest.
	Root ocispec.Descriptor
	// Annotations are those of the index, or of the only manifest. Those that are
	// not named in this package may say anything.
	Annotations map[string]string
	// Requires are the references to other skills, from the annotations.
	Requires []string
	// Config holds the labels, which are the same for all platforms.
	Config *SkillConfig
	// Layer is the layer that all platforms share.
	Layer ocispec.Descriptor
	// Platforms are in the order of the index.
	Platforms []PlatformInfo
	// Files are the files in the layer.
	Files []FileInfo
}

// PlatformInfo is one platform of an artifact.
type PlatformInfo struct {
	// Platform is what the image configuration says, not the index.
	Platform ocispec.Platform
	// Manifest and Config are the digests of its manifest and configuration.
	Manifest digest.Digest
	Config   digest.Digest
}

// Inspect reads the skill that reference names in src: all manifests and
// configurations and the layer, whose sizes and digests it checks. It writes
// nothing.
//
// Everything must agree: the media types with what the documents are and say, the labels
// of all platforms with one another, with the annotations, with SKILL.md at the root of
// the layer, and with the files there. A contradiction is [ErrCorrupt], and the error
// names both sides.
//
// Errors wrap [ErrNotSkill], [ErrCorrupt], [ErrInvalidSkillFile] for an entry
// that is no regular file with a clean relative name, [ErrTooManyFiles],
// [ErrSkillTooLarge], and those of src, such as
// [oras.land/oras-go/v2/errdef.ErrNotFound]. Those of a registry are
// [ErrUnavailable], [ErrUnauthorized] and [ErrInterrupted], as of
// [Registry.Pull].
func Inspect(ctx context.Context, src oras.ReadOnlyTarget, reference string, opts InspectOptions) (_ *Inspection, err error) {
	a, err := openArtifact(ctx, src, reference)
	if err != nil {
		return nil, err
	}
	defer func() { err = a.named(err) }()
	result := &Inspection{Root: a.root, Annotations: map[string]string{}}
	if a.index != nil {
		maps.Copy(result.Annotations, a.index.Annotations)
	}
	for i, desc := range a.manifests {
		v := a.platforms[i]
		result.Platforms = append(result.Platforms, PlatformInfo{
			Platform: v.image.Platform,
			Manifest: desc.Digest,
			Config:   v.manifest.Config.Digest,
		})
		if i > 0 {
			continue
		}
		if a.index == nil {
			maps.Copy(result.Annotations, v.manifest.Annotations)
		}
		result.Config = v.config
		result.Layer = v.manifest.Layers[0]
		if result.Files, err = a.files(ctx, v, opts.Limits.archive(), opts.Progress); err != nil {
			return nil, err
		}
	}
	result.Requires = ParseRequiresAnnotation(result.Annotations)
	return result, nil
}

// files reads the layer and describes its files.
func (a *artifact) files(ctx context.Context, v *platformManifest, limits reproducible.Limits, progress func(done, total int64)) ([]FileInfo, error) {
	var files []FileInfo
	err := a.readLayer(ctx, v, limits, progress, func(entry reproducible.Entry, content io.Reader) error {
		digester := digest.Canonical.Digester()
		if _, err := io.Copy(digester.Hash(), content); err != nil {
			return err
		}
		files = append(files, FileInfo{Name: entry.Name, Size: entry.Size, Mode: entry.Mode, Digest: digester.Digest()})
		return nil
	})
	return files, err
}
