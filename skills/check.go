// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/skills/internal/bounds"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// CheckOptions say how to check. The zero value is the usual case.
type CheckOptions struct {
	// Limits bound the artifact, and with it the directory: what the artifact
	// lacks is looked at up to ten times MaxFiles.
	Limits

	// Progress is as in [UnpackOptions].
	Progress func(done, total int64)
}

// CheckResult tells whether a directory holds what an artifact holds.
type CheckResult struct {
	// Identical says that there is no difference.
	Identical bool
	// Digest is that of the artifact, Manifest that of the platform's manifest.
	Digest   digest.Digest
	Manifest digest.Digest

	// Differences are sorted by name. At most 1,000 are listed.
	Differences []Difference
	// More is how many were found besides.
	More int
	// Stopped says that the directory holds more that the artifact lacks than
	// the limit, and that the comparison ended there: there may be other
	// differences.
	Stopped bool
}

// Difference is one thing that a directory and an artifact do not share. A file
// can have two.
type Difference struct {
	Kind DifferenceKind `json:"kind"`
	// Name is relative to the directory, with slashes. That of a directory that
	// the artifact lacks ends with "/" and stands for all that is in it.
	Name string `json:"name"`
	// Detail says for people what the artifact has and what the directory.
	Detail string `json:"detail"`
}

// DifferenceKind says how a directory and an artifact differ.
type DifferenceKind string

const (
	// DifferenceExtra is a file, a directory, a link or a special file that the
	// artifact lacks.
	DifferenceExtra DifferenceKind = "extra"
	// DifferenceMissing is a file that the directory lacks.
	DifferenceMissing DifferenceKind = "missing"
	// DifferenceType is a file or a directory of the artifact in whose place
	// something else stands, such as a link.
	DifferenceType DifferenceKind = "type"
	// DifferenceContent is a file with other content.
	DifferenceContent DifferenceKind = "content"
	// DifferenceMode is a file that its owner may execute where the artifact
	// says no, or may not where it says yes.
	DifferenceMode DifferenceKind = "mode"
)

// Check compares the directory dir with the skill that reference names in src,
// as [Unpack] would write it: of an index it takes the manifest of this
// machine's platform, else the first. It reads the layer and writes nothing.
//
// Nothing is ignored, hidden or not; a .skillignore is a file like any other.
// Names are compared byte by byte, as the file system lists them. Of modes the
// owner's executable bit counts, except on Windows, which has none. Empty
// directories are differences, times and owners are not. Links are never
// followed, except that dir itself may be one.
//
// A difference is no error. Errors wrap [ErrInvalidSkillDir] if dir is missing
// or unreadable, [ErrInvalidSkillFile] for what can't be read in it or changes
// meanwhile, and else those of [Inspect].
func Check(ctx context.Context, src oras.ReadOnlyTarget, reference, dir string, opts CheckOptions) (*CheckResult, error) {
	opened, err := source.Open(dir)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	a, err := openArtifact(ctx, src, reference)
	if err != nil {
		return nil, err
	}
	v := a.platforms[a.hostIndex()]
	limits := opts.Limits.archive().WithDefaults()
	files, err := a.files(ctx, v, limits, opts.Progress)
	if err != nil {
		return nil, a.named(err)
	}
	c := newChecker(opened, files, bounds.Extra(limits.Files))
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	result := &CheckResult{Digest: a.root.Digest, Manifest: v.desc.Digest, Stopped: c.stopped}
	result.Differences, result.More = c.found.list()
	result.Identical = len(result.Differences) == 0
	return result, nil
}
