// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	orasremote "oras.land/oras-go/v2/registry/remote"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/remote"
)

// maxPlatforms bounds the manifests of an index.
const maxPlatforms = 100

// artifact is a skill in a store: its index, if it has one, and its manifests,
// which share one layer.
type artifact struct {
	src       content.Fetcher
	name      string // in messages
	reader    skillReader
	root      ocispec.Descriptor
	index     *ocispec.Index // nil if root is a manifest
	manifests []ocispec.Descriptor
	platforms []*platformManifest // as manifests
	claims    claims
}

// openArtifact resolves reference in src and reads the index, the manifests and
// the configurations of all platforms, which must agree with one another.
func openArtifact(ctx context.Context, src oras.ReadOnlyTarget, reference string) (*artifact, error) {
	root, err := src.Resolve(ctx, reference)
	if err != nil {
		return nil, remote.ExplainResolve(err, src, nameOf(src, reference))
	}
	a := &artifact{src: src, name: nameOf(src, reference), root: root}
	if err := checkPin(reference, root); err != nil {
		return nil, a.named(err)
	}
	return a, a.named(a.read(ctx))
}

// read reads all that the artifact is made of but its layer.
func (a *artifact) read(ctx context.Context) error {
	switch a.root.MediaType {
	case ocispec.MediaTypeImageManifest:
		a.manifests = []ocispec.Descriptor{a.root}
	case ocispec.MediaTypeImageIndex:
		var err error
		if a.index, err = a.reader.index(ctx, a.src, a.root); err != nil {
			return err
		}
		a.manifests = a.index.Manifests
	default:
		return fmt.Errorf("%w: its media type is %q; a skill is an OCI image index or manifest", ErrNotSkill, a.root.MediaType)
	}
	for _, desc := range a.manifests {
		v, err := a.readPlatform(ctx, desc)
		if err != nil {
			return err
		}
		a.platforms = append(a.platforms, v)
	}
	if a.index != nil {
		if err := a.claims.add(a.root, a.index.Annotations, a.platforms[0].config); err != nil {
			return err
		}
	}
	return nil
}

// named says which artifact an error is about.
func (a *artifact) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", a.name, remote.Explain(err, a.name))
}

// onDisk is a store that lies in a directory, as an OCI layout does.
type onDisk interface {
	// Path returns the directory.
	Path() string
}

// nameOf names what reference is in src.
func nameOf(src any, reference string) string {
	switch src := src.(type) {
	case onDisk:
		return fmt.Sprintf("%q in OCI layout %s", reference, src.Path())
	case *orasremote.Repository:
		if full, err := src.ParseReference(reference); err == nil {
			return full.String()
		}
	}
	return reference
}

// checkPin refuses a descriptor that a store returned for another digest.
func checkPin(reference string, got ocispec.Descriptor) error {
	if wanted := digest.Digest(reference); wanted.Validate() == nil && got.Digest != wanted {
		return fmt.Errorf("%w: the store has %s for %s", ErrCorrupt, got.Digest, wanted)
	}
	return nil
}

// checkIndex reports whether the index can be that of a skill.
func checkIndex(index *ocispec.Index) error {
	switch {
	case index.MediaType != ocispec.MediaTypeImageIndex: // others may take it for that
		return fmt.Errorf("%w: its media type is that of an index, it says that it is %q", ErrNotSkill, index.MediaType)
	case !isSkillArtifactType(index.ArtifactType):
		return fmt.Errorf("%w: its artifactType is %q, that of a skill is %q", ErrNotSkill, index.ArtifactType, ArtifactTypeSkill)
	case len(index.Manifests) == 0:
		return fmt.Errorf("%w: the index lists no manifest", ErrNotSkill)
	case len(index.Manifests) > maxPlatforms:
		return fmt.Errorf("%w: the index lists %d manifests, a skill has at most %d", ErrNotSkill, len(index.Manifests), maxPlatforms)
	}
	seen := map[digest.Digest]bool{}
	for _, desc := range index.Manifests {
		if seen[desc.Digest] {
			return fmt.Errorf("%w: the index lists %s twice, a skill has one manifest for each platform", ErrNotSkill, desc.Digest)
		}
		seen[desc.Digest] = true
		if desc.MediaType != ocispec.MediaTypeImageManifest {
			return fmt.Errorf("%w: the index lists %s of media type %q, that of a skill lists image manifests", ErrNotSkill, desc.Digest, desc.MediaType)
		}
	}
	return nil
}

// checkManifest reports whether the manifest can be that of a skill.
func checkManifest(manifest *ocispec.Manifest) error {
	switch {
	case manifest.MediaType != ocispec.MediaTypeImageManifest: // others may take it for that
		return fmt.Errorf("%w: its media type is that of an image manifest, it says that it is %q", ErrNotSkill, manifest.MediaType)
	case !isSkillArtifactType(manifest.ArtifactType):
		return fmt.Errorf("%w: its artifactType is %q, that of a skill is %q", ErrNotSkill, manifest.ArtifactType, ArtifactTypeSkill)
	case manifest.Config.MediaType != ocispec.MediaTypeImageConfig:
		return fmt.Errorf("%w: its configuration has media type %q, that of a skill has %q", ErrNotSkill, manifest.Config.MediaType, ocispec.MediaTypeImageConfig)
	case len(manifest.Layers) != 1:
		return fmt.Errorf("%w: it has %d layers, a skill has one", ErrNotSkill, len(manifest.Layers))
	case manifest.Layers[0].MediaType != ocispec.MediaTypeImageLayerGzip:
		return fmt.Errorf("%w: its layer has media type %q, that of a skill has %q", ErrNotSkill, manifest.Layers[0].MediaType, ocispec.MediaTypeImageLayerGzip)
	}
	return nil
}

// platformManifest is the part of an artifact for one platform, as far as it is needed.
type platformManifest struct {
	desc     ocispec.Descriptor
	manifest ocispec.Manifest // with annotations only if it is the first
	image    *ocispec.Image   // without its history
	config   *SkillConfig     // one for all
}

// readPlatform reads a manifest and its configuration.
func (a *artifact) readPlatform(ctx context.Context, desc ocispec.Descriptor) (*platformManifest, error) {
	manifest, err := a.reader.manifest(ctx, a.src, desc)
	if err != nil {
		return nil, err
	}
	image, err := a.reader.image(ctx, a.src, manifest.Config)
	if err != nil {
		return nil, err
	}
	v := &platformManifest{
		desc:     desc,
		manifest: ocispec.Manifest{Config: oci.Plain(manifest.Config), Layers: []ocispec.Descriptor{oci.Plain(manifest.Layers[0])}},
		image:    &ocispec.Image{Platform: image.Platform, RootFS: image.RootFS},
	}
	if len(a.platforms) == 0 { // it speaks for the artifact
		v.manifest.Annotations, v.manifest.Layers[0].Annotations = manifest.Annotations, manifest.Layers[0].Annotations
		v.image.Config.Labels = image.Config.Labels
		v.config, err = SkillConfigFromImageConfig(image)
	} else {
		first := a.platforms[0]
		v.image.Config.Labels, v.config = first.image.Config.Labels, first.config
		err = sameLabels(image.Config.Labels, first.image.Config.Labels)
	}
	if err == nil {
		err = a.checkPlatform(v)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", desc.Digest, err)
	}
	return v, a.claims.add(desc, manifest.Annotations, v.config)
}

// checkPlatform compares a configuration with the index and with the others.
func (a *artifact) checkPlatform(v *platformManifest) error {
	if n := len(v.image.RootFS.DiffIDs); n != 1 {
		return fmt.Errorf("%w: its configuration has %d diff IDs for one layer", ErrCorrupt, n)
	}
	if len(a.platforms) > 0 {
		if own, first := v.image.RootFS.DiffIDs[0], a.platforms[0].image.RootFS.DiffIDs[0]; own != first {
			return fmt.Errorf("%w: its diff ID is %s, that of another platform is %s; the platforms of a skill share one layer", ErrCorrupt, own, first)
		}
	}
	if listed := v.desc.Platform; listed != nil && !samePlatform(*listed, v.image.Platform) {
		return fmt.Errorf("%w: the index says that it is for %q, its configuration says %q", ErrCorrupt, PlatformString(*listed), PlatformString(v.image.Platform))
	}
	return nil
}

// hostIndex returns the number of the manifest for this machine's platform, or 0.
func (a *artifact) hostIndex() int {
	return max(0, slices.IndexFunc(a.manifests, func(desc ocispec.Descriptor) bool {
		p := desc.Platform
		return p != nil && p.OS == runtime.GOOS && p.Architecture == runtime.GOARCH
	}))
}

// readLayer calls each with every file of the layer, in the order of the archive. In the
// end it compares size, digest and diff ID, and what the layer holds with the labels and
// annotations. What each has seen must not be relied on unless readLayer returns nil.
// progress, if not nil, gets the bytes of the layer that were read and its size.
func (a *artifact) readLayer(ctx context.Context, v *platformManifest, limits reproducible.Limits, progress func(done, total int64), each func(reproducible.Entry, io.Reader) error) error {
	layer := v.manifest.Layers[0]
	if err := v.checkLimits(limits); err != nil {
		return err
	}
	blob, err := oci.Fetch(ctx, a.src, layer)
	if err != nil {
		return fmt.Errorf("layer %s: %w", layer.Digest, err)
	}
	defer blob.Close()
	var done int64
	watched := oci.ReaderFunc(func(p []byte) (int, error) {
		n, err := blob.Read(p)
		if done += int64(n); progress != nil && n > 0 {
			progress(min(done, layer.Size), layer.Size)
		}
		return n, err
	})
	if err := a.readLayerFrom(ctx, v, watched, limits, each); err != nil {
		return fmt.Errorf("layer %s: %w", layer.Digest, err)
	}
	return nil
}

// checkLimits refuses a layer that claims to be too large, before any of it is read.
func (v *platformManifest) checkLimits(limits reproducible.Limits) error {
	limits = limits.WithDefaults()
	layer := v.manifest.Layers[0]
	if err := oci.CheckDescriptor(layer); err != nil {
		return err
	}
	if layer.Size > maxLayerBytes(limits) {
		return fmt.Errorf("%w: its layer has %d bytes, the limit is %d", ErrSkillTooLarge, layer.Size, maxLayerBytes(limits))
	}
	if n := len(v.config.Files); n > limits.Files {
		return fmt.Errorf("%w: label %s lists %d, at most %d are allowed", ErrTooManyFiles, LabelSkillFiles, n, limits.Files)
	}
	return nil
}

// readLayerFrom is readLayer for a layer that comes from blob.
func (a *artifact) readLayerFrom(ctx context.Context, v *platformManifest, blob io.Reader, limits reproducible.Limits, each func(reproducible.Entry, io.Reader) error) error {
	var seen layerContents
	layer := v.manifest.Layers[0]
	err := readArchive(ctx, blob, layer, v.image.RootFS.DiffIDs[0], limits, func(entry reproducible.Entry, content io.Reader) error {
		content, err := seen.record(entry, content)
		if err != nil {
			return err
		}
		return each(entry, content)
	})
	if err != nil {
		return err
	}
	return a.agree(v, &seen)
}

func readArchive(ctx context.Context, blob io.Reader, layer ocispec.Descriptor, diffID digest.Digest, limits reproducible.Limits, each func(reproducible.Entry, io.Reader) error) error {
	if err := diffID.Validate(); err != nil {
		return fmt.Errorf("%w: diff ID %q: %w", ErrCorrupt, diffID, err)
	}
	verified := content.NewVerifyReader(oci.ContextReader(ctx, blob), layer)
	zr, err := reproducible.NewGzipReader(verified)
	if err != nil {
		return classify(err)
	}
	diff := diffID.Algorithm().Digester()
	archive := reproducible.NewReader(io.TeeReader(zr, diff.Hash()), limits)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = each(entry, archive)
		}
		if err != nil {
			return classify(err)
		}
	}
	if err := verified.Verify(); err != nil {
		return classify(err)
	}
	if got := diff.Digest(); got != diffID {
		return fmt.Errorf("%w: its diff ID is %s, the configuration says %s", ErrCorrupt, got, diffID)
	}
	return nil
}
