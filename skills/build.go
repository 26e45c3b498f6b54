// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"time"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// blob is content that is small enough to be in memory.
type blob struct {
	ocispec.Descriptor
	data []byte
}

func newBlob(mediaType string, data []byte) blob {
	return blob{content.NewDescriptorFromBytes(mediaType, data), data}
}

// built is an artifact except for the bytes of its layer.
type built struct {
	layer     ocispec.Descriptor
	diffID    digest.Digest
	configs   []blob // one for each platform, as manifests
	manifests []blob
	index     blob
}

// recipe is what an artifact depends on besides its files.
type recipe struct {
	epoch       time.Time
	platforms   []ocispec.Platform
	source      string
	revision    string
	modesFromFS bool
	progress    func(done, total int64)
}

// build makes the artifact of a skill and writes its layer to layer. If it fails
// it returns what was made until then.
func build(ctx context.Context, skill *skilldir.Skill, r recipe, layer io.Writer) (*built, error) {
	var a built
	if err := a.writeLayer(ctx, skill, r, layer); err != nil {
		return &a, err
	}
	annotations := r.annotations(&skill.Frontmatter)
	labels := configOf(&skill.Frontmatter, skill.Names).labels()
	for _, platform := range r.platforms {
		config, err := a.imageConfig(labels, platform, r.epoch)
		if err != nil {
			return &a, err
		}
		a.configs = append(a.configs, config)
		var manifest captured
		_, err = oras.PackManifest(ctx, &manifest, oras.PackManifestVersion1_1, ArtifactTypeSkill, oras.PackManifestOptions{
			ConfigDescriptor:    &config.Descriptor,
			Layers:              []ocispec.Descriptor{a.layer},
			ManifestAnnotations: annotations,
		})
		if err != nil {
			return &a, err
		}
		a.manifests = append(a.manifests, newBlob(ocispec.MediaTypeImageManifest, manifest.data))
		if err := a.checkMetadata(); err != nil {
			return &a, err
		}
	}
	if err := a.makeIndex(r.platforms, annotations); err != nil {
		return &a, err
	}
	return &a, a.checkMetadata()
}

// checkMetadata refuses what registries and readers would not take.
func (a *built) checkMetadata() error {
	total := 0
	for _, b := range append(append([]blob{a.index}, a.manifests...), a.configs...) {
		if len(b.data) > oci.MaxMetadataBytes {
			return fmt.Errorf("%w: its %s would have %d bytes, registries and readers take %d; use fewer or shorter file names, or less metadata in %s",
				ErrSkillTooLarge, b.MediaType, len(b.data), oci.MaxMetadataBytes, SkillFileName)
		}
		total += len(b.data)
	}
	if total > oci.MaxArtifactMetadataBytes {
		return fmt.Errorf("%w: its index, manifests and configurations would have more than %d bytes in all; use fewer platforms, fewer or shorter file names, or less metadata in %s",
			ErrSkillTooLarge, oci.MaxArtifactMetadataBytes, SkillFileName)
	}
	return nil
}

// writeLayer streams the files through tar and gzip, digesting both.
func (a *built) writeLayer(ctx context.Context, skill *skilldir.Skill, r recipe, w io.Writer) (err error) {
	layer := digestWriter{digester: digest.Canonical.Digester()}
	diff := digest.Canonical.Digester()
	zw := reproducible.NewGzipWriter(io.MultiWriter(w, &layer))
	_, err = reproducible.WriteTar(ctx, io.MultiWriter(zw, diff.Hash()), skill.Files(skilldir.FileOptions{ModesFromFS: r.modesFromFS, Progress: r.progress}), r.epoch)
	if cerr := zw.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return classifyFileError(err)
	}
	a.diffID = diff.Digest()
	a.layer = ocispec.Descriptor{
		MediaType:   ocispec.MediaTypeImageLayerGzip,
		Digest:      layer.digester.Digest(),
		Size:        layer.size,
		Annotations: map[string]string{ocispec.AnnotationTitle: layerTitle},
	}
	return nil
}

// annotations returns those of the manifests and the index.
func (r recipe) annotations(meta *skilldir.Frontmatter) map[string]string {
	m := map[string]string{
		ocispec.AnnotationCreated:     r.epoch.Format(time.RFC3339),
		ocispec.AnnotationTitle:       meta.Name,
		ocispec.AnnotationDescription: meta.Description,
		ocispec.AnnotationVersion:     meta.Version,
		ocispec.AnnotationLicenses:    meta.License,
		ocispec.AnnotationSource:      r.source,
		ocispec.AnnotationRevision:    r.revision,
		AnnotationSkillName:           meta.Name,
		AnnotationSkillDescription:    meta.Description,
		AnnotationSkillVersion:        meta.Version,
		AnnotationFormat:              strconv.Itoa(FormatNumber),
	}
	if len(meta.Requires) > 0 {
		m[AnnotationSkillRequires] = oci.JSONText(meta.Requires)
	}
	dropEmpty(m)
	return m
}

// imageConfig returns the image configuration of a platform.
func (a *built) imageConfig(labels map[string]string, platform ocispec.Platform, epoch time.Time) (blob, error) {
	data, err := json.Marshal(ocispec.Image{
		Created:  &epoch,
		Platform: platform,
		Config:   ocispec.ImageConfig{Labels: labels},
		RootFS:   ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{a.diffID}},
		History:  []ocispec.History{{Created: &epoch, CreatedBy: createdBy}},
	})
	return newBlob(ocispec.MediaTypeImageConfig, data), err
}

// makeIndex makes the index over the manifests.
func (a *built) makeIndex(platforms []ocispec.Platform, annotations map[string]string) error {
	index := ocispec.Index{
		Versioned:    specs.Versioned{SchemaVersion: 2},
		MediaType:    ocispec.MediaTypeImageIndex,
		ArtifactType: ArtifactTypeSkill,
		Annotations:  maps.Clone(annotations),
	}
	for i, manifest := range a.manifests {
		desc := manifest.Descriptor
		desc.Platform = &platforms[i]
		index.Manifests = append(index.Manifests, desc)
	}
	data, err := json.Marshal(index)
	a.index = newBlob(ocispec.MediaTypeImageIndex, data)
	// What resolves an index by its tag finds these in its descriptor too.
	a.index.ArtifactType = ArtifactTypeSkill
	return err
}

// captured is a pusher that keeps the content.
type captured struct{ data []byte }

func (c *captured) Push(_ context.Context, _ ocispec.Descriptor, r io.Reader) (err error) {
	c.data, err = io.ReadAll(r)
	return err
}

// digestWriter digests and counts what is written.
type digestWriter struct {
	digester digest.Digester
	size     int64
}

func (d *digestWriter) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	return d.digester.Hash().Write(p)
}

// classifyFileError gives the errors of reading files this package's sentinel.
func classifyFileError(err error) error {
	if errors.Is(err, reproducible.ErrFileChanged) {
		return fmt.Errorf("%w: %w; pack again when nothing writes to it", ErrInvalidSkillFile, err)
	}
	return err
}
