// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"slices"
	"strings"

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
