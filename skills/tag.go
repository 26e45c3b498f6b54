// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"regexp"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/registry"
)

// tagPattern is the grammar of a tag (distribution-spec 1.1, "Pulling
// manifests").
var tagPattern = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

// checkTag refuses a tag for an artifact in a store that no registry would take.
// A full reference is one too: layouts hold what was pulled under its own.
func checkTag(tag string) error {
	if digest.Digest(tag).Validate() == nil {
		return fmt.Errorf("%w: tag %q: a digest cannot be a tag; choose another", ErrInvalidReference, tag)
	}
	if tagPattern.MatchString(tag) {
		return nil
	}
	if ref, err := registry.ParseReference(tag); err == nil && ref.Reference != "" {
		return nil
	}
	return fmt.Errorf("%w: tag %q: want 1 to 128 letters, digits, '_', '.' and '-', of which '.' and '-' are not the first, or HOST/REPOSITORY:TAG", ErrInvalidReference, tag)
}
