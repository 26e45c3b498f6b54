// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// VerifyOptions say how to verify. The zero value is the usual case.
type VerifyOptions struct {
	// Limits bound the skill.
	Limits

	// Progress is as in [PackageOptions]. A directory that is packed a second
	// time is reported a second time.
	Progress func(done, total int64)
}

// VerifyResult says whether an artifact was made from a directory.
type VerifyResult struct {
	// Identical says that packing the directory gives the artifact's digest.
	// Added, Removed, Changed and Other are empty then.
	Identical bool
	// Digest is the artifact's, Rebuilt the one that the directory gives.
	Digest  digest.Digest
	Rebuilt digest.Digest

	// Exact and ModesFromFS say with which options the directory was packed for
	// the comparison; see [PackageOptions.ExactFiles] and
	// [PackageOptions.ModesFromFS]. If nothing is identical they are those that
	// come closest.
	Exact       bool
	ModesFromFS bool

	// Excluded lists what packing leaves out, sorted by name. It is in the
	// directory and was compared with nothing, even if Identical. [Check]
	// leaves out nothing.
	Excluded []skilldir.Excluded

	// Added are files of the directory that the artifact lacks, Removed those
	// of the artifact that the directory lacks, and Changed those that both
	// have, with another content or mode. All are sorted by name.
	Added   []FileInfo
	Removed []FileInfo
	Changed []FileChange
	// Other is what differs besides files.
	Other []Reason
}

// FileChange is a file that differs: how the artifact has it, and how the
// directory.
type FileChange struct {
	Artifact  FileInfo
	Directory FileInfo
}

// Verify packs the directory dir again, with the epoch, platforms, source and revision
// that the artifact claims, and compares digests. It cannot tell whether source and
// revision are true; it finds out whether the artifact was packed with ExactFiles or
// ModesFromFS. If the digests differ it compares file by file. A layer of the same digest
// and size is not fetched.
//
// Files that packing leaves out, as a .skillignore in dir may say, are not compared:
// Excluded lists them. To see whether a directory holds exactly the files of an artifact,
// use [Check].
//
// A difference is no error. Errors are those of [Inspect] for the artifact,
// those of [Packager.Package] for the directory, and [ErrUnknownFormat] for an
// artifact of a newer format.
func Verify(ctx context.Context, src oras.ReadOnlyTarget, reference, dir string, opts VerifyOptions) (*VerifyResult, error) {
	opened, err := skilldir.Open(dir)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return verify(ctx, src, reference, opened, opts)
}

// VerifyFS is [Verify] for the root of fsys. Errors are as of [Verify].
func VerifyFS(ctx context.Context, src oras.ReadOnlyTarget, reference string, fsys fs.FS, opts VerifyOptions) (*VerifyResult, error) {
	return verify(ctx, src, reference, skilldir.OpenFS(fsys), opts)
}

func verify(ctx context.Context, src oras.ReadOnlyTarget, reference string, dir *skilldir.Dir, opts VerifyOptions) (*VerifyResult, error) {
	a, err := openArtifact(ctx, src, reference, noPlatform, nil)
	if err != nil {
		return nil, err
	}
	defer a.close()
	if err := processCheck.run(); err != nil {
		return nil, err
	}
	r, notes, err := a.recipe()
	if err != nil {
		return nil, a.named(err)
	}
	r.progress = opts.Progress
	usual, scanErr := dir.Scan(ctx, usualScan(opts.Limits))
	var tries []rebuilt
	if a.index != nil { // it says all that a digest is made of besides the files
		if scanErr == nil {
			first, err := a.packAgain(ctx, usual, r)
			if err != nil {
				return nil, err
			}
			if first.digest == a.root.Digest {
				result := &VerifyResult{Identical: true, Digest: a.root.Digest, Excluded: usual.Excluded}
				result.take(first)
				return result, nil
			}
			tries = append(tries, first)
		}
		if err := a.readRest(ctx); err != nil {
			return nil, a.named(err)
		}
	}
	v := a.platforms[0]
	limits := opts.Limits.archive()
	skill, exact, err := scanLike(ctx, dir, opts.Limits, v.config.Files, usual, scanErr)
	if err != nil {
		return nil, err
	}
	if exact {
		tries = nil
	}
	result := &VerifyResult{Digest: a.root.Digest, Exact: exact, Excluded: skill.Excluded}
	for _, note := range notes {
		result.differs(ReasonUnknown, note)
	}
	if tries, err = rebuild(ctx, a, v, skill, r, tries); err != nil {
		return nil, err
	}
	last := tries[len(tries)-1]
	if last.digest == a.root.Digest {
		// Whatever the notes doubt has turned out to be right.
		result.take(last)
		result.Identical, result.Other = true, nil
		return result, nil
	}
	if err := result.compare(ctx, a, v, skill, tries, limits); err != nil {
		return nil, err
	}
	return result, nil
}

// usualScan finds what packing takes.
func usualScan(limits Limits) skilldir.ScanOptions {
	return skilldir.ScanOptions{MaxFiles: limits.MaxFiles, MaxBytes: limits.MaxBytes}
}

// scanLike finds the files of a skill: without what packing leaves out, as the usual scan
// has found them, or all of them if that gives the files that the artifact lists. An
// artifact that lists others than it has is identical to nothing.
func scanLike(ctx context.Context, dir *skilldir.Dir, limits Limits, listed []string, usual *skilldir.Skill, err error) (_ *skilldir.Skill, exact bool, _ error) {
	if ctx.Err() != nil || err == nil && (len(usual.Excluded) == 0 || slices.Equal(usual.Names, listed)) {
		return usual, false, err
	}
	opts := usualScan(limits)
	opts.ExactFiles = true
	all, exactErr := dir.Scan(ctx, opts)
	if exactErr == nil && slices.Equal(all.Names, listed) {
		return all, true, nil
	}
	return usual, false, err
}

// rebuilt is a directory that was packed again.
type rebuilt struct {
	*built
	made   recipe
	digest digest.Digest // to be compared with the artifact's
}

// take says which one the result is about.
func (r *VerifyResult) take(b rebuilt) {
	r.Rebuilt, r.ModesFromFS = b.digest, b.made.modesFromFS
}

// packAgain packs the skill for a comparison with the artifact.
func (a *artifact) packAgain(ctx context.Context, skill *skilldir.Skill, r recipe) (rebuilt, error) {
	made, err := build(ctx, skill, r, io.Discard)
	if err != nil {
		return rebuilt{}, err
	}
	b := rebuilt{built: made, made: r, digest: made.index.Digest}
	if a.index == nil {
		b.digest = made.manifests[0].Digest
	}
	return b, nil
}

// rebuild packs the skill with modes by content, unless tries have that already, and
// then, if the layer is another and may be the right one so, with those of the file
// system.
func rebuild(ctx context.Context, a *artifact, v *platformManifest, skill *skilldir.Skill, r recipe, tries []rebuilt) ([]rebuilt, error) {
	for {
		if len(tries) == 0 || r.modesFromFS {
			b, err := a.packAgain(ctx, skill, r)
			if err != nil {
				return nil, err
			}
			tries = append(tries, b)
		}
		b := tries[len(tries)-1]
		if b.digest == a.root.Digest || b.diffID == v.image.RootFS.DiffIDs[0] || r.modesFromFS {
			return tries, nil
		}
		if differ, err := modesDiffer(ctx, skill); err != nil || !differ {
			return tries, err
		}
		r.modesFromFS = true
	}
}

// recipe recovers what the artifact was made with. What can't be recovered is
// told in notes.
func (a *artifact) recipe() (r recipe, notes []string, err error) {
	var annotations map[string]string
	if a.index != nil {
		annotations = a.index.Annotations
	} else {
		annotations = a.platforms[0].manifest.Annotations
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
			r.platforms = append(r.platforms, a.platforms[0].image.Platform)
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
