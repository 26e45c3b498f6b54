// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// packLayout packs a small skill with the tag "1" into a layout at path.
func packLayout(t *testing.T, path string) *ocilayout.Store {
	t.Helper()
	layout, err := ocilayout.Open(path)
	require.NoError(t, err)
	_, err = skills.NewPackager(layout).Package(context.Background(), tree(t, smallSkill()), skills.PackageOptions{Tag: "1"})
	require.NoError(t, err)
	return layout
}

// TestUnpackIntoItsLayout names destinations inside the layout that is read,
// by its own name and through links.
func TestUnpackIntoItsLayout(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	path := filepath.Join(work, "L")
	packLayout(t, path)
	require.NoError(t, os.Mkdir(filepath.Join(path, "empty"), 0o755))
	link("L", "link")(t, work)
	link("L/blobs", "blobs")(t, work)
	before := listTree(t, path)
	for _, from := range []string{"L", "link"} {
		layout, err := ocilayout.Open(filepath.Join(work, from))
		require.NoError(t, err)
		for _, dest := range []string{"L/blobs", "L/blobs/sha256", "L/new", "L/new/deep", "L/empty", "link/blobs", "link/new", "blobs", "blobs/new"} {
			for _, force := range []bool{false, true} {
				_, err := skills.Unpack(context.Background(), layout, "1", filepath.Join(work, dest), skills.UnpackOptions{Force: force})
				require.ErrorIs(t, err, skills.ErrInvalidDestination, "%s into %s", from, dest)
				require.ErrorContains(t, err, "lies in the OCI layout")
				require.Equal(t, before, listTree(t, path))
				require.NoDirExists(t, filepath.Join(path, "new"))
			}
		}
	}
}

// TestUnpackLeavesNoParents fails before, while and after the parents of the
// destination are made.
func TestUnpackLeavesNoParents(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	layout := packLayout(t, t.TempDir())
	for name, below := range map[string]string{
		"a name that is too long": "a/" + strings.Repeat("x", 300) + "/dest",
		// The system takes no longer path than that of the last parent.
		"no room for the temporary directory": strings.Repeat(strings.Repeat("y", 99)+"/", 60),
		"a parent that is a file":             "file/b/dest",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			work := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(work, "file"), nil, 0o644))
			dest := filepath.Join(work, filepath.FromSlash(below))
			if strings.HasPrefix(below, "y") {
				dest = dest[:4085]
			}
			_, err := skills.Unpack(ctx, layout, "1", dest, skills.UnpackOptions{})
			require.Error(t, err)
			require.Equal(t, []string{"file"}, names(t, work))
		})
	}
}
