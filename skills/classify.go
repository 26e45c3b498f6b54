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
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/remote"
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
