// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"archive/tar"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"

	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/remote"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// Errors that callers may act on; use [errors.Is]. The message of an error that
// wraps one names the file or reference, what is wrong and what would be right.
var (
	// ErrInvalidSkillDir says that a skill directory is missing, is no
	// directory or can't be read.
	ErrInvalidSkillDir = skilldir.ErrInvalidSkillDir
	// ErrSkillMDMissing says that a directory has no SKILL.md.
	ErrSkillMDMissing = skilldir.ErrSkillMDMissing
	// ErrInvalidFrontmatter says that the front matter of SKILL.md is missing,
	// is no YAML mapping, is too long, or has a field missing or invalid.
	ErrInvalidFrontmatter = skilldir.ErrInvalidFrontmatter
	// ErrTooManyFiles says that a skill has more files than the limit.
	ErrTooManyFiles = skilldir.ErrTooManyFiles
	// ErrInvalidSkillFile says that a file can't be part of a skill: a symbolic
	// link, a device, a socket, a fifo, a name that is not portable, or one that
	// changed while it was read.
	ErrInvalidSkillFile = skilldir.ErrInvalidSkillFile
	// ErrSkillTooLarge says that the files of a skill have more bytes than the
	// limit, or its metadata more than registries take.
	ErrSkillTooLarge = skilldir.ErrSkillTooLarge
	// ErrInvalidPlatform says that a platform is unknown, malformed or given twice.
	ErrInvalidPlatform = errors.New("invalid platform")
	// ErrUnknownFormat says that a format has a number that this package does
	// not know.
	ErrUnknownFormat = errors.New("unknown format")
	// ErrFormatDrift says that this program would produce bytes that differ from the
	// format: a dependency that it was built with makes something else of a built-in
	// skill, which has every construct that FORMAT.md names. Nothing is packed or
	// verified then, since nobody else could rebuild the digest.
	ErrFormatDrift = errors.New("format drift")
	// ErrNotSkill says that an artifact is not a skill that this package reads.
	ErrNotSkill = oci.ErrNotSkill
	// ErrCorrupt says that an artifact contradicts itself: content that arrived complete
	// and does not match its digest, its size or its diff ID, labels that do not agree
	// with the files, or a layer that two programs would read differently.
	ErrCorrupt = oci.ErrCorrupt
	// ErrInterrupted says that a transfer broke off or stalled. What was to
	// arrive may be sound; trying again is right.
	ErrInterrupted = remote.ErrInterrupted
	// ErrUnauthorized says that a registry refused the credentials that were
	// found, or wants some and none were.
	ErrUnauthorized = remote.ErrUnauthorized
	// ErrUnavailable says that a registry could not be reached, or could not
	// answer: no such host, no connection, none that can be trusted, an answer of
	// 429 or 5xx.
	ErrUnavailable = remote.ErrUnavailable
	// ErrWantsTLS says that a registry was asked in plain HTTP and speaks TLS. Such
	// an error wraps ErrUnavailable too.
	ErrWantsTLS = remote.ErrWantsTLS
	// ErrWantsPlainHTTP says that a registry was asked with TLS and speaks HTTP
	// without it. Such an error wraps ErrUnavailable too.
	ErrWantsPlainHTTP = remote.ErrWantsPlainHTTP
	// ErrDestinationExists says that a directory to unpack into is in use.
	ErrDestinationExists = atomicfile.ErrDestinationExists
	// ErrHoldsSkill says, together with ErrDestinationExists, that the directory
	// holds a skill, which [UnpackOptions].Force would replace.
	ErrHoldsSkill = atomicfile.ErrHoldsSkill
	// ErrInvalidDestination says that a name can't be that of a directory to
	// unpack into, whatever stands there.
	ErrInvalidDestination = atomicfile.ErrInvalidDestination
	// ErrLayoutInSkill says that an OCI layout to pack into lies in the directory
	// that is packed, so that each pack would hold the ones before.
	ErrLayoutInSkill = errors.New("layout inside the skill")
	// ErrInvalidReference says that a reference can't be parsed or lacks a tag
	// or digest, or that a tag is malformed or a digest.
	ErrInvalidReference = errors.New("invalid reference")
)

// classify gives errors about damaged content this package's sentinels.
func classify(err error) error {
	switch {
	case errors.Is(err, ErrInterrupted), errors.Is(err, ErrCorrupt), remote.IsKnown(err):
		return err // known: a connection that broke is no damage
	case errors.Is(err, reproducible.ErrTooManyFiles):
		return fmt.Errorf("%w: %w", ErrTooManyFiles, err)
	case errors.Is(err, reproducible.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrSkillTooLarge, err)
	case errors.Is(err, reproducible.ErrName), errors.Is(err, reproducible.ErrFileType):
		return fmt.Errorf("%w: %w", ErrInvalidSkillFile, err)
	case errors.Is(err, reproducible.ErrAmbiguous): // as it was made, so getting it again is no cure
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	var response *errcode.ErrorResponse
	if errors.As(err, &response) && slices.ContainsFunc(response.Errors, func(e errcode.Error) bool { return e.Code == errcode.ErrorCodeDigestInvalid }) {
		return fmt.Errorf("%w: %w; the source does not match its digest", ErrCorrupt, err)
	}
	damaged := errors.As(err, new(flate.CorruptInputError))
	for _, damage := range []error{gzip.ErrHeader, gzip.ErrChecksum, tar.ErrHeader, io.ErrUnexpectedEOF, io.EOF,
		content.ErrMismatchedDigest, content.ErrTrailingData, content.ErrInvalidDescriptorSize} {
		damaged = damaged || errors.Is(err, damage)
	}
	if damaged {
		return fmt.Errorf("%w: %w; %s", ErrCorrupt, err, oci.GetAgain)
	}
	return err
}
