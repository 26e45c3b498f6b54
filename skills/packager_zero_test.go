// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
)

// TestPackagerWithoutAStore returns an error rather than to panic.
func TestPackagerWithoutAStore(t *testing.T) {
	t.Parallel()
	var none *skills.Packager
	for name, packager := range map[string]*skills.Packager{"nil": none, "the zero value": {}, "of nil": skills.NewPackager(nil)} {
		_, err := packager.Package(context.Background(), tree(t, smallSkill()), skills.PackageOptions{})
		require.ErrorContains(t, err, "packager without a store", name)
		_, err = packager.PackageFS(context.Background(), fstest.MapFS{"SKILL.md": {Data: []byte(skillMD)}}, skills.PackageOptions{Tag: "1"})
		require.ErrorContains(t, err, "packager without a store", name)
	}
}
