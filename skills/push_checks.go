// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/skills/skilldir"
)

// refusedByPush are the rules whose findings are warnings when a directory is
// packed, and errors when it is pushed: what was published can't be taken back.
var refusedByPush = []string{"secret"}

// notAllowed returns those of the rules refuse that allow does not list.
func notAllowed(refuse, allow []string) ([]string, error) {
	for _, id := range allow {
		if _, err := skilldir.RuleByID(id); err != nil {
			return nil, err
		}
	}
	for _, id := range allow {
		if !slices.Contains(refusedByPush, id) {
			return nil, fmt.Errorf("%w to allow: %q: it stops no push that packing takes; %s does", skilldir.ErrUnknownRule, id, strings.Join(refusedByPush, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(refuse), func(id string) bool { return slices.Contains(allow, id) }), nil
}

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
