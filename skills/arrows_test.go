// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dependencies returns all packages that the program or package path links.
func dependencies(t *testing.T, path string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", path).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

// TestNoProgramLinksTheTestingPackage: registrytest serves outside of tests too.
func TestNoProgramLinksTheTestingPackage(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"./cmd/skillcask", "./cmd/demo", "../registrytest", "../registrytest/layout", "../registrytest/conformance"} {
		deps := dependencies(t, program)
		require.NotContains(t, deps, "testing", program)
		require.NotContains(t, deps, "net/http/httptest", program)
	}
}
