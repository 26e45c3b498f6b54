// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestModuleVersion(t *testing.T) {
	t.Parallel()
	require.Equal(t, "v1.2.3", moduleVersion(&debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, true))
	require.Equal(t, "(devel)", moduleVersion(&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, true))
	require.Equal(t, "(devel)", moduleVersion(&debug.BuildInfo{}, true))
	require.Equal(t, "(devel)", moduleVersion(nil, false))
}
