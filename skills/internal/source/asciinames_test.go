// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestASCIINames(t *testing.T) {
	t.Parallel()
	fsys := ASCIINames{fstest.MapFS{
		"%C3%A9/%E6%97%A5.md": {Data: []byte("a")},
		"[draft] #1":          {Data: []byte("b")},
	}}
	require.NoError(t, fstest.TestFS(fsys, "é/日.md", "[draft] #1"))
	_, err := fs.ReadDir(ASCIINames{fstest.MapFS{"50%": {}}}, ".")
	require.ErrorContains(t, err, `invalid URL escape "%"`)
}
