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
	// Files reads the layer too, and the manifests of all platforms, and compares
	// what the artifact says of itself with what it holds. Default: that is believed.
	Files bool

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
	// Config holds the labels, which are the same for all platforms. Unless Files was
	// asked for they are those of the first, and nothing has shown that they are true.
	Config *SkillConfig
	// Layer is the layer that all platforms share.
	Layer ocispec.Descriptor
	// Platforms are in the order of the index.
	Platforms []PlatformInfo
	// Files are the files in the layer, if they were asked for. The names in Config
	// are what the artifact says that they are.
	Files []FileInfo
}

// PlatformInfo is one platform of an artifact.
type PlatformInfo struct {
	// Platform is what the image configuration says, or if that was not read, the
	// index.
	Platform ocispec.Platform
	// Manifest and Config are the digests of its manifest and configuration. Config
	// is empty if the manifest was not read.
	Manifest digest.Digest
	Config   digest.Digest
}

// Inspect tells what the skill is that reference names in src. It writes nothing.
//
// It reads the index, the first manifest and its configuration, checks their sizes and
// digests, and that they agree. With opts.Files it reads the manifests and configurations
// of all platforms and the layer, and everything must agree: the labels of all platforms
// with one another, with the annotations, with SKILL.md at the root of the layer, and with
// the files there. A contradiction is [ErrCorrupt], and the error names both sides.
//
// Errors wrap [ErrNotSkill], [ErrCorrupt], [ErrInvalidSkillFile] for an entry
// that is no regular file with a clean relative name, [ErrTooManyFiles],
// [ErrSkillTooLarge], and those of src, such as
// [oras.land/oras-go/v2/errdef.ErrNotFound]. Those of a registry are
// [ErrUnavailable], [ErrUnauthorized] and [ErrInterrupted], as of
// [Registry.Pull].
func Inspect(ctx context.Context, src oras.ReadOnlyTarget, reference string, opts InspectOptions) (_ *Inspection, err error) {
	limits := opts.Limits.archive()
	scope, layer := onePlatform, (*reproducible.Limits)(nil)
	if opts.Files {
		scope, layer = everyPlatform, &limits
	}
	a, err := openArtifact(ctx, src, reference, scope, layer)
	if err != nil {
		return nil, err
	}
	defer a.close()
	defer func() { err = a.named(err) }()
	first := a.platforms[0]
	result := &Inspection{Root: a.root, Annotations: map[string]string{}, Config: first.config, Layer: first.manifest.Layers[0]}
	listed := a.manifests
	if a.index == nil {
		maps.Copy(result.Annotations, first.manifest.Annotations)
	} else {
		maps.Copy(result.Annotations, a.index.Annotations)
		listed = a.index.Manifests
	}
	for i, desc := range listed {
		info := PlatformInfo{Manifest: desc.Digest}
		if i < len(a.platforms) {
			info.Platform, info.Config = a.platforms[i].image.Platform, a.platforms[i].manifest.Config.Digest
		} else if desc.Platform != nil {
			info.Platform = *desc.Platform
		}
		result.Platforms = append(result.Platforms, info)
	}
	if opts.Files {
		result.Files, err = a.files(ctx, first, limits, opts.Progress)
	} else {
		err = first.checkLimits(limits)
	}
	if err != nil {
		return nil, err
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
