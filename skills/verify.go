// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/reproducible"
)

// VerifyOptions say how to verify. The zero value is the usual case.
type VerifyOptions struct {
	// ModesFromFS says that the artifact was packed so; see [PackageOptions].
	ModesFromFS bool

	// Limits bound the skill.
	Limits

	// Progress is as in [PackageOptions].
	Progress func(done, total int64)
}

// VerifyResult tells whether an artifact was made from a directory.
type VerifyResult struct {
	// Identical says that packing the directory gives the artifact's digest.
	// The fields below Rebuilt are empty then.
	Identical bool
	// Digest is the artifact's, Rebuilt the one that the directory gives.
	Digest  digest.Digest
	Rebuilt digest.Digest

	// Added are files of the directory that the artifact lacks, Removed those
	// of the artifact that the directory lacks, and Changed those that both
	// have, with another content or mode. All are sorted by name.
	Added   []FileInfo
	Removed []FileInfo
	Changed []FileChange
	// Other says in words what differs besides files.
	Other []string
}

// FileChange is a file that differs: how the artifact has it, and how the
// directory.
type FileChange struct {
	Artifact  FileInfo
	Directory FileInfo
}

// Verify packs the directory dir again, with the epoch, the platforms and the
// source and revision that the artifact claims, and compares digests. Whether
// source and revision are true it can't tell. If the digests differ it compares
// file by file. A layer of the same digest and size is not fetched at all.
//
// A difference is no error. Errors are those of [Inspect] for the artifact,
// those of [Packager.Package] for the directory, and [ErrUnknownFormat] for an
// artifact of a newer format.
func Verify(ctx context.Context, src oras.ReadOnlyTarget, reference, dir string, opts VerifyOptions) (*VerifyResult, error) {
	source, err := openDir(dir)
	if err != nil {
		return nil, err
	}
	defer source.close()
	return verify(ctx, src, reference, source, opts)
}

// VerifyFS is [Verify] for the root of fsys. Errors are as of [Verify].
func VerifyFS(ctx context.Context, src oras.ReadOnlyTarget, reference string, fsys fs.FS, opts VerifyOptions) (*VerifyResult, error) {
	return verify(ctx, src, reference, openFS(fsys), opts)
}

func verify(ctx context.Context, src oras.ReadOnlyTarget, reference string, dir *source, opts VerifyOptions) (*VerifyResult, error) {
	a, err := openArtifact(ctx, src, reference)
	if err != nil {
		return nil, err
	}
	v, err := a.variant(ctx, 0)
	if err != nil {
		return nil, a.named(err)
	}
	if err := processCheck.run(); err != nil {
		return nil, err
	}
	r, notes, err := a.recipe(v)
	if err != nil {
		return nil, a.named(err)
	}
	r.modesFromFS, r.progress = opts.ModesFromFS, opts.Progress
	limits := opts.Limits.archive()
	skill, err := scan(ctx, dir, limits)
	if err != nil {
		return nil, err
	}
	rebuilt, err := seal(ctx, skill, r, io.Discard)
	if err != nil {
		return nil, err
	}
	result := &VerifyResult{Digest: a.root.Digest, Rebuilt: rebuilt.index.Digest, Other: notes}
	if a.index == nil {
		result.Rebuilt = rebuilt.manifests[0].Digest
	}
	if result.Digest == result.Rebuilt {
		// Whatever the notes doubt has turned out to be right.
		result.Identical, result.Other = true, nil
		return result, nil
	}
	// What the configuration claims of a layer is true only if the layer, once
	// read, says so too.
	if rebuilt.diffID != v.image.RootFS.DiffIDs[0] || !content.Equal(rebuilt.layer, v.manifest.Layers[0]) {
		if err := result.compareFiles(ctx, a, v, skill, r, limits); err != nil {
			return nil, err
		}
	}
	if len(result.Added)+len(result.Removed)+len(result.Changed) == 0 {
		result.compareRest(a, v, skill, rebuilt, r)
	}
	return result, nil
}

// recipe recovers what the artifact was made with. What can't be recovered is
// told in notes.
func (a *artifact) recipe(v *variant) (r recipe, notes []string, err error) {
	annotations := v.manifest.Annotations
	if a.index != nil {
		annotations = a.index.Annotations
	}
	r.epoch = time.Unix(0, 0).UTC()
	if t, err := time.Parse(time.RFC3339, annotations[ocispec.AnnotationCreated]); err != nil {
		notes = append(notes, fmt.Sprintf("its annotation %s is %q, no time", ocispec.AnnotationCreated, annotations[ocispec.AnnotationCreated]))
	} else if t, err = reproducible.NormalizeEpoch(t); err != nil {
		notes = append(notes, err.Error())
	} else {
		r.epoch = t
	}
	switch format := annotations[AnnotationFormat]; format {
	case strconv.Itoa(FormatNumber):
	case "":
		notes = append(notes, "it was not made by skillcask: it has no annotation "+AnnotationFormat)
	default:
		return r, nil, fmt.Errorf("%w %q: this skillcask knows format %d; verify with a newer one", ErrUnknownFormat, format, FormatNumber)
	}
	r.source, r.revision = annotations[ocispec.AnnotationSource], annotations[ocispec.AnnotationRevision]
	for _, desc := range a.manifests {
		switch {
		case a.index == nil:
			r.platforms = append(r.platforms, v.image.Platform)
		case desc.Platform != nil:
			r.platforms = append(r.platforms, *desc.Platform)
		default:
			r.platforms = append(r.platforms, ocispec.Platform{})
		}
	}
	if err := checkPlatforms(r.platforms); err != nil {
		notes = append(notes, err.Error())
	}
	return r, notes, nil
}

// compareFiles lists the files that differ.
func (r *VerifyResult) compareFiles(ctx context.Context, a *artifact, v *variant, skill *scanned, made recipe, limits reproducible.Limits) error {
	theirs, err := a.files(ctx, v, limits, nil)
	if err != nil {
		return a.named(err)
	}
	ours, err := skill.describe(ctx, made)
	if err != nil {
		return err
	}
	byName := make(map[string]FileInfo, len(theirs))
	for _, f := range theirs {
		byName[f.Name] = f
	}
	for _, f := range ours {
		other, ok := byName[f.Name]
		delete(byName, f.Name)
		switch {
		case !ok:
			r.Added = append(r.Added, f)
		case other != f:
			r.Changed = append(r.Changed, FileChange{Artifact: other, Directory: f})
		}
	}
	r.Removed = slices.SortedFunc(maps.Values(byName), func(a, b FileInfo) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// describe reads the directory's files.
func (s *scanned) describe(ctx context.Context, r recipe) ([]FileInfo, error) {
	var files []FileInfo
	r.progress = nil
	for _, f := range s.tarFiles(r) {
		content, err := f.Open()
		if err != nil {
			return nil, classifyFileError(fmt.Errorf("%s: %w", f.Name, err))
		}
		head := make([]byte, 8)
		n, _ := io.ReadFull(content, head)
		digester := digest.Canonical.Digester()
		digester.Hash().Write(head[:n])
		_, err = io.Copy(digester.Hash(), contextReader(ctx, content))
		content.Close()
		if err != nil {
			return nil, classifyFileError(fmt.Errorf("%s: %w", f.Name, err))
		}
		files = append(files, FileInfo{Name: f.Name, Size: f.Size, Mode: f.ModeFor(head[:n]), Digest: digester.Digest()})
	}
	return files, nil
}

// compareRest says what differs if all files are the same.
func (r *VerifyResult) compareRest(a *artifact, v *variant, skill *scanned, rebuilt *sealed, made recipe) {
	diffID := v.image.RootFS.DiffIDs[0]
	switch {
	case diffID.Algorithm() != digest.Canonical, v.manifest.Layers[0].Digest.Algorithm() != digest.Canonical:
		r.Other = append(r.Other, "the layer holds the same files, named by a digest of another algorithm")
	case rebuilt.diffID != diffID:
		r.Other = append(r.Other, "the layer holds the same files in another archive")
	case rebuilt.layer.Digest != v.manifest.Layers[0].Digest:
		r.Other = append(r.Other, "the layer holds the same archive, compressed otherwise")
	}
	r.Other = append(r.Other, compareMaps("annotation", v.manifest.Annotations, made.annotations(skill.meta))...)
	r.Other = append(r.Other, compareMaps("label", v.image.Config.Labels, skill.meta.labels())...)
	if len(r.Other) == 0 {
		r.Other = append(r.Other, "a manifest, a configuration or the index is written otherwise")
	}
}

// compareMaps says which keys differ.
func compareMaps(kind string, artifact, rebuilt map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(rebuilt)) {
		if got, ok := artifact[key]; !ok {
			out = append(out, fmt.Sprintf("it lacks the %s %s", kind, key))
		} else if got != rebuilt[key] {
			out = append(out, fmt.Sprintf("its %s %s differs", kind, key))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(artifact)) {
		if _, ok := rebuilt[key]; !ok {
			out = append(out, fmt.Sprintf("it has the %s %s besides", kind, key))
		}
	}
	return out
}
