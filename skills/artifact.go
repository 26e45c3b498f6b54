// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
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
	kept      *oci.Kept // src, if it is in a registry
	name      string    // in messages
	scope     scope
	onLayer   func(layer ocispec.Descriptor) // called as soon as the layer is known; nil: nobody
	reader    skillReader
	root      ocispec.Descriptor
	index     *ocispec.Index       // nil if root is a manifest
	manifests []ocispec.Descriptor // in the scope
	platforms []*platformManifest  // as manifests
	claims    claims
}

// scope says how much of an artifact's metadata is read.
type scope int

const (
	everyPlatform scope = iota // all must agree
	hostPlatform               // of a registry only the one for this machine, else the first
	onePlatform                // only the first
	noPlatform                 // the index alone, if there is one
)

// openArtifact resolves reference in src and reads the index, the manifests and
// the configurations in the scope, which must agree with one another. If layer is not
// nil the layer is read next, within these limits. The artifact must be closed.
func openArtifact(ctx context.Context, src oras.ReadOnlyTarget, reference string, scope scope, layer *reproducible.Limits) (*artifact, error) {
	a := &artifact{src: src, name: nameOf(src, reference), scope: scope}
	if layer != nil {
		most := maxLayerBytes(layer.WithDefaults())
		a.onLayer = func(desc ocispec.Descriptor) {
			if a.kept != nil && desc.Size <= most {
				a.kept.Begin(ctx, oci.Plain(desc))
			}
		}
	}
	if err := a.resolve(ctx, src, reference); err != nil {
		return nil, remote.ExplainResolve(err, src, a.name)
	}
	if err := checkPin(reference, a.root); err != nil {
		return nil, a.closed(a.named(err))
	}
	return a, a.closed(a.named(a.read(ctx)))
}

// resolve finds the root. Of a registry it comes with its content, in one request.
func (a *artifact) resolve(ctx context.Context, src oras.ReadOnlyTarget, reference string) (err error) {
	repository, ok := src.(*orasremote.Repository)
	if !ok {
		if a.scope == hostPlatform { // the rest costs nothing
			a.scope = everyPlatform
		}
		a.root, err = src.Resolve(ctx, reference)
		return err
	}
	a.kept = oci.NewKept(remote.Source{Repository: repository})
	a.src = a.kept
	var body io.ReadCloser
	if a.root, body, err = repository.FetchReference(ctx, reference); err != nil {
		return err
	}
	defer body.Close()
	return a.kept.KeepFrom(a.root, body)
}

// close ends requests that were begun and not needed.
func (a *artifact) close() {
	if a.kept != nil {
		a.kept.Close()
	}
}

// closed closes the artifact if there is an error, which it returns.
func (a *artifact) closed(err error) error {
	if err != nil {
		a.close()
	}
	return err
}

// read reads what the artifact is made of but its layer, as far as it is in the scope.
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
	switch {
	case a.scope == noPlatform && a.index != nil:
		return nil
	case a.scope == hostPlatform:
		a.manifests = a.manifests[a.hostIndex():][:1]
	case a.scope != everyPlatform:
		a.manifests = a.manifests[:1]
	}
	return a.readPlatforms(ctx)
}

// readRest reads what the scope left out.
func (a *artifact) readRest(ctx context.Context) error {
	a.manifests = a.index.Manifests
	return a.readPlatforms(ctx)
}

// readPlatforms reads manifests and configurations, those of all platforms side by side
// if they come from a registry.
func (a *artifact) readPlatforms(ctx context.Context) error {
	if err := a.ahead(ctx, a.manifests); err != nil {
		return err
	}
	var manifests []*ocispec.Manifest
	var configs []ocispec.Descriptor
	for _, desc := range a.manifests {
		manifest, err := a.reader.manifest(ctx, a.src, desc)
		if err != nil {
			return err
		}
		manifests = append(manifests, manifest)
		configs = append(configs, manifest.Config)
	}
	if a.onLayer != nil {
		a.onLayer(manifests[0].Layers[0])
	}
	if err := a.ahead(ctx, configs); err != nil {
		return err
	}
	for i, desc := range a.manifests {
		v, err := a.readPlatform(ctx, desc, manifests[i])
		if err != nil {
			return err
		}
		a.platforms = append(a.platforms, v)
	}
	if a.index != nil {
		return a.claims.add(a.root, a.index.Annotations, a.platforms[0].config)
	}
	return nil
}

// ahead fetches documents side by side, if they come from a registry.
func (a *artifact) ahead(ctx context.Context, descs []ocispec.Descriptor) error {
	if a.kept != nil && len(descs) > 1 {
		a.kept.All(ctx, descs)
	}
	return ctx.Err()
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

// readPlatform reads the configuration of a manifest.
func (a *artifact) readPlatform(ctx context.Context, desc ocispec.Descriptor, manifest *ocispec.Manifest) (*platformManifest, error) {
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
