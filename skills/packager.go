// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// SkillPackager makes artifacts from skill directories. [Packager] is one. The
// interface is complete: it will have no more methods than these.
type SkillPackager interface {
	// Package packs the directory skillDir; see [Packager.Package].
	Package(ctx context.Context, skillDir string, opts PackageOptions) (*PackageResult, error)
}

// PackageOptions say how to pack. The zero value packs for the default
// platforms at second 0 of 1970.
type PackageOptions struct {
	// Epoch is the time that the artifact carries, in whole seconds from 1970
	// to 9999. The zero value is second 0 of 1970. To honour SOURCE_DATE_EPOCH
	// pass the result of [reproducible.Epoch].
	Epoch time.Time

	// Platforms are those that the index lists, in this order. Default:
	// [DefaultPlatforms]. The order is part of the digest.
	Platforms []ocispec.Platform

	// Tag names the artifact in a store that is a [content.Tagger]; with any other a tag
	// is an error. It is what a registry takes for a tag, or a full reference with a tag
	// or digest. If it is empty the artifact is still resolvable by digest.
	Tag string

	// Source and Revision become the annotations
	// org.opencontainers.image.source and .revision if they are not empty. They
	// must be UTF-8.
	Source, Revision string

	// ModesFromFS takes the owner's executable bit of each file for its mode.
	// By default the content decides; see [reproducible.ModeOf].
	ModesFromFS bool

	// ExactFiles packs every file there is: hidden files too, and a .skillignore is a
	// file like any other. With it, files that [Unpack] wrote pack to the digest they
	// came from, if the other options are the same.
	ExactFiles bool

	// Format is the number of the format whose bytes are written. Default: 1,
	// the newest. Every format stays, so that an artifact can always be rebuilt.
	Format int

	// Limits bound the files of the skill.
	Limits

	// Silence lists rules whose warnings are left out; see [skilldir.Rules].
	Silence []string

	// Allow lists rules whose findings do not stop a push, and stay warnings.
	// The one rule that can be listed is "secret"; packing does not look at it.
	Allow []string

	// Progress, if not nil, is called as files are read, with the bytes read
	// and the bytes of all files; by [Registry.PushDir] as the artifact is sent.
	Progress func(done, total int64)
}

// PackageResult describes a packed artifact.
type PackageResult struct {
	// IndexDigest is the artifact's digest.
	IndexDigest digest.Digest
	// ManifestDigest and ConfigDigest are those of the first platform.
	ManifestDigest digest.Digest
	ConfigDigest   digest.Digest
	// LayerDigest is that of the layer, which all platforms share.
	LayerDigest digest.Digest
	// Config is the metadata in the artifact's labels.
	Config *SkillConfig
	// Platforms are those of the index, in its order.
	Platforms []ocispec.Platform

	// Index is the descriptor of the index, for [oras.land/oras-go/v2.CopyGraph].
	Index ocispec.Descriptor
	// Replaced is the digest that the tag pointed to before, if another. It is empty too
	// where the store does not say: one that is no [content.Resolver], or that tags and
	// writes in one step, as a remote repository does. An OCI layout of package layout
	// keeps the replaced artifact under its digest.
	Replaced digest.Digest
	// Excluded lists the files left out, sorted by name.
	Excluded []skilldir.Excluded
	// Warnings are the findings that did not stop packing.
	Warnings []skilldir.Diagnostic
}

// Packager packs skill directories into a store. It has no state of its own;
// one may be used by many goroutines if its store may.
//
// The digest of an artifact is a function of the paths and contents of its files, of
// the epoch and of the platforms, and of the options Source, Revision and ModesFromFS
// where they are used. It does not depend on the Go release, the operating system,
// the processor, the file system's modes, owners and times, the directory's name or
// the version of a dependency: see [ErrFormatDrift].
//
// Regular files whose names are portable go in; see [reproducible.CheckName]. Hidden
// files stay out unless a .skillignore, in the syntax of .dockerignore, brings them back;
// [PackageResult] lists those left out. The option ExactFiles leaves nothing out. Links
// and special files are errors. SKILL.md may have 64 KiB of front matter.
type Packager struct {
	store content.Storage
	check *selfCheck
	// refuse lists rules whose warnings stop packing.
	refuse []string
}

var _ SkillPackager = (*Packager)(nil)

// NewPackager returns a packager that writes to store: a memory store, an OCI
// layout or a remote repository of oras-go, an OCI layout of package layout, or
// any other. One of a nil store, as the zero Packager, packs nothing: its methods
// return an error that says so.
func NewPackager(store content.Storage) *Packager {
	return &Packager{store: store, check: &processCheck}
}

// Package packs the directory skillDir of the operating system. Nothing
// outside of it is read, even if a symbolic link is put in while it is packed.
//
// Content goes to the store before what refers to it, the index and the tag
// last. Content that the store already has is not written again. Besides
// errors of the store and of ctx, errors wrap:
//
//   - [ErrInvalidSkillDir] for a directory that is missing or unreadable;
//   - [ErrSkillMDMissing] and [ErrInvalidFrontmatter];
//   - [ErrInvalidSkillFile] for what can't be part of a skill or changes while
//     it is read;
//   - [ErrTooManyFiles] and [ErrSkillTooLarge];
//   - [ErrInvalidPlatform] and [ErrUnknownFormat];
//   - [skilldir.ErrUnknownRule] for a rule to silence or to allow;
//   - [ErrInvalidReference] for a tag that is a digest or malformed;
//   - [ErrLayoutInSkill] if the store is an OCI layout of package layout inside of skillDir;
//   - [errdef.ErrUnsupported] for a tag and a store that can't hold tags;
//   - [reproducible.ErrEpoch];
//   - [ErrFormatDrift] if this program can't write the format's bytes.
//
// Source and Revision that are not UTF-8 are an error that wraps none of these.
// Findings about the content come as an [*skilldir.InvalidError], all at once.
func (p *Packager) Package(ctx context.Context, skillDir string, opts PackageOptions) (*PackageResult, error) {
	if err := p.ready(); err != nil {
		return nil, err
	}
	if layout, ok := p.store.(onDisk); ok && atomicfile.Contains(skillDir, layout.Path()) {
		return nil, fmt.Errorf("%w: %s: it lies in the directory that is packed; name one outside of %s", ErrLayoutInSkill, layout.Path(), skillDir)
	}
	dir, err := skilldir.Open(skillDir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return p.pack(ctx, dir, opts)
}

// PackageFS packs the root of fsys, such as an embed.FS or a zip archive. The digest is
// that of a directory with the same files. Errors are those of [Packager.Package], except
// [ErrLayoutInSkill].
func (p *Packager) PackageFS(ctx context.Context, fsys fs.FS, opts PackageOptions) (*PackageResult, error) {
	if err := p.ready(); err != nil {
		return nil, err
	}
	return p.pack(ctx, skilldir.OpenFS(fsys), opts)
}

// ready returns an error if there is no store to pack into.
func (p *Packager) ready() error {
	if p == nil || p.store == nil {
		return errors.New("packager without a store: make one with NewPackager and a store that is not nil")
	}
	return nil
}

func (p *Packager) pack(ctx context.Context, dir *skilldir.Dir, opts PackageOptions) (*PackageResult, error) {
	recipe, err := opts.recipe()
	if err != nil {
		return nil, err
	}
	if err := p.check.run(); err != nil {
		return nil, err
	}
	tagger, canTag := p.store.(content.Tagger)
	if opts.Tag != "" && !canTag {
		return nil, fmt.Errorf("tag %q: %w: the store %T can't hold tags; leave the tag out", opts.Tag, errdef.ErrUnsupported, p.store)
	}
	if opts.Tag != "" {
		if err := checkTag(opts.Tag); err != nil {
			return nil, err
		}
	}
	refuse, err := notAllowed(p.refuse, opts.Allow)
	if err != nil {
		return nil, err
	}
	skill, err := dir.Scan(ctx, skilldir.ScanOptions{
		ExactFiles: opts.ExactFiles,
		Advice:     true,
		Silence:    opts.Silence, Refuse: refuse,
		MaxFiles: opts.MaxFiles, MaxBytes: opts.MaxBytes,
	})
	if err != nil {
		return nil, err
	}
	var layer spool
	defer layer.close()
	artifact, err := build(ctx, skill, recipe, &layer)
	if err != nil {
		return nil, err
	}
	skill.CheckArtifact(len(recipe.platforms), artifact.layer.Size)
	tagged, err := p.push(ctx, artifact, &layer, opts.Tag)
	if err != nil {
		return nil, err
	}
	var replaced digest.Digest
	if canTag && !tagged {
		if replaced, err = tagOnce(ctx, tagger, artifact.index.Descriptor, opts.Tag); err != nil {
			return nil, err
		}
		// oras-go's memory store resolves only what it was told of, so it is told
		// of the digest too. All is there and tagged: if this fails, packing has not.
		if opts.Tag != "" {
			_, _ = tagOnce(ctx, tagger, artifact.index.Descriptor, "")
		}
	}
	return &PackageResult{
		IndexDigest:    artifact.index.Digest,
		ManifestDigest: artifact.manifests[0].Digest,
		ConfigDigest:   artifact.configs[0].Digest,
		LayerDigest:    artifact.layer.Digest,
		Config:         configOf(&skill.Frontmatter, skill.Names),
		Platforms:      recipe.platforms,
		Index:          artifact.index.Descriptor,
		Replaced:       replaced,
		Excluded:       skill.Excluded,
		Warnings:       skill.Warnings(),
	}, nil
}

// recipe checks the options and fills in defaults.
func (o PackageOptions) recipe() (recipe, error) {
	epoch, err := reproducible.NormalizeEpoch(o.Epoch)
	if err != nil {
		return recipe{}, err
	}
	if o.Format != 0 && o.Format != FormatNumber {
		return recipe{}, fmt.Errorf("%w %d: this skillcask knows format %d", ErrUnknownFormat, o.Format, FormatNumber)
	}
	platforms := slices.Clone(o.Platforms)
	if len(platforms) == 0 {
		platforms = DefaultPlatforms()
	}
	// encoding/json replaces invalid UTF-8, and how differs by release.
	for name, text := range map[string]string{"source": o.Source, "revision": o.Revision} {
		if !utf8.ValidString(text) {
			return recipe{}, fmt.Errorf("%s %q: it is not valid UTF-8", name, text)
		}
	}
	if err := checkPlatforms(platforms); err != nil {
		return recipe{}, err
	}
	return recipe{
		epoch:       epoch,
		platforms:   platforms,
		source:      o.Source,
		revision:    o.Revision,
		modesFromFS: o.ModesFromFS,
		progress:    o.Progress,
	}, nil
}

// push writes the artifact to the store, what is referred to first. It reports
// whether the tag was set too: then nothing is left to be done that could fail.
func (p *Packager) push(ctx context.Context, a *built, layer *spool, tag string) (tagged bool, err error) {
	if sending, ok := p.store.(sendingStore); ok {
		sending.expect(a)
	}
	store, untagged := p.store, ctx
	if _, ok := store.(content.Tagger); ok {
		untagged = oci.TaggedLater(ctx)
	}
	if err := pushOnce(untagged, store, a.layer, layer.reader()); err != nil {
		return false, err
	}
	for _, blobs := range [][]blob{a.configs, a.manifests} {
		for _, b := range blobs {
			if err := pushOnce(untagged, store, b.Descriptor, bytes.NewReader(b.data)); err != nil {
				return false, err
			}
		}
	}
	if pusher, ok := store.(registry.ReferencePusher); ok && tag != "" {
		store = taggingStore{store, pusher, tag, &tagged}
	}
	err = pushOnce(untagged, store, a.index.Descriptor, bytes.NewReader(a.index.data))
	return tagged, err
}

// taggingStore pushes and tags in one request.
type taggingStore struct {
	content.Storage
	pusher registry.ReferencePusher
	tag    string
	tagged *bool
}

func (s taggingStore) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	err := s.pusher.PushReference(ctx, desc, r, s.tag)
	*s.tagged = err == nil
	return err
}

// pushOnce pushes content that the store does not have yet.
func pushOnce(ctx context.Context, store content.Storage, desc ocispec.Descriptor, r io.Reader) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	exists, err := store.Exists(ctx, desc)
	if err == nil && !exists {
		err = store.Push(ctx, desc, oci.ContextReader(ctx, r))
		if errors.Is(err, errdef.ErrAlreadyExists) {
			err = nil // another writer was faster
		}
	}
	if err != nil {
		return fmt.Errorf("store the %s: %w", partOf(desc), err)
	}
	return nil
}

// partOf says which part of an artifact desc is.
func partOf(desc ocispec.Descriptor) string {
	switch desc.MediaType {
	case ocispec.MediaTypeImageIndex:
		return "index"
	case ocispec.MediaTypeImageManifest:
		return "manifest"
	case ocispec.MediaTypeImageConfig:
		return "configuration"
	}
	return "layer"
}

// tagOnce tags desc with tag, or with its digest if tag is empty, unless the
// store resolves that to it already. It returns what the tag pointed to before,
// if that was something else and the store can tell.
func tagOnce(ctx context.Context, store content.Tagger, desc ocispec.Descriptor, tag string) (replaced digest.Digest, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if tag == "" {
		tag = desc.Digest.String()
	}
	if resolver, ok := store.(content.Resolver); ok {
		if got, err := resolver.Resolve(ctx, tag); err == nil {
			if got.Digest == desc.Digest {
				return "", nil
			}
			replaced = got.Digest
		}
	}
	// A layout knows for certain, also if others tag at the same time.
	err = store.Tag(oci.OnTagged(ctx, func(before digest.Digest) { replaced = before }), desc, tag)
	if err != nil && tag == desc.Digest.String() {
		return "", fmt.Errorf("list %s: %w", tag, err)
	}
	if err != nil {
		return "", fmt.Errorf("tag %s as %q: %w", desc.Digest, tag, err)
	}
	if replaced == desc.Digest {
		replaced = ""
	}
	return replaced, nil
}
