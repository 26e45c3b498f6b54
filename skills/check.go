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
	// Limits bound the artifact, and with it the directory: of what is not in the
	// artifact, at most ten times MaxFiles entries are visited.
	Limits

	// Progress is as in [UnpackOptions].
	Progress func(done, total int64)
}

// CheckResult says whether a directory holds the files of an artifact.
type CheckResult struct {
	// Identical says that there is no difference.
	Identical bool
	// Digest is that of the artifact, Manifest that of the platform's manifest.
	Digest   digest.Digest
	Manifest digest.Digest

	// Differences are sorted by name. At most 1,000 are listed.
	Differences []Difference
	// More is how many more were found.
	More int
	// Stopped says that the directory holds too many extra entries and the comparison
	// ended there: there may be other differences.
	Stopped bool
}

// Difference is one way in which a directory differs from an artifact. A file can have
// two.
type Difference struct {
	Kind DifferenceKind `json:"kind"`
	// Name is relative to the directory, with slashes. The name of a directory that is
	// not in the artifact ends with "/" and covers everything below it.
	Name string `json:"name"`
	// Detail describes both sides, for people.
	Detail string `json:"detail"`
}

// DifferenceKind says how a directory and an artifact differ.
type DifferenceKind string

const (
	// DifferenceExtra is a file, directory, link or special file that is not in the
	// artifact.
	DifferenceExtra DifferenceKind = "extra"
	// DifferenceMissing is a file that is not in the directory.
	DifferenceMissing DifferenceKind = "missing"
	// DifferenceType is a file or directory of the artifact that is of another type in
	// the directory, such as a link.
	DifferenceType DifferenceKind = "type"
	// DifferenceContent is a file with other content.
	DifferenceContent DifferenceKind = "content"
	// DifferenceMode is a file whose owner may execute it in one of the two only.
	DifferenceMode DifferenceKind = "mode"
)

// Check compares the directory dir with the skill that reference names in src, as
// [Unpack] would write it: for an index it uses the host's manifest, else the first. It
// reads the layer and writes nothing.
//
// Hidden files count, and a .skillignore is a file like any other. Names are compared
// byte by byte, as the file system lists them. Of a mode only the owner's executable bit
// counts; Windows has none. Empty directories are differences, times and owners are not.
// Links are never followed, except that dir itself may be one.
//
// A difference is no error. Errors wrap [ErrInvalidSkillDir] if dir is missing or
// unreadable, [ErrInvalidSkillFile] for a file that can't be read or changes meanwhile,
// and otherwise those of [Inspect].
func Check(ctx context.Context, src oras.ReadOnlyTarget, reference, dir string, opts CheckOptions) (*CheckResult, error) {
	opened, err := source.Open(dir)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	limits := opts.Limits.archive().WithDefaults()
	a, err := openArtifact(ctx, src, reference, hostPlatform, &limits)
	if err != nil {
		return nil, err
	}
	defer a.close()
	v := a.platforms[a.hostIndex()]
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
