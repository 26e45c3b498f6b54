// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime/debug"

	"github.com/skillcask/skillcask/skills"
)

// printVersion prints which skillcask this is. A digest depends on the format
// alone, so that stands beside it.
func (a *app) printVersion() error {
	a.started = true
	version := moduleVersion(debug.ReadBuildInfo())
	return a.print(versionJSON{version, skills.FormatNumber}, fmt.Sprintf("skillcask %s, format %d", version, skills.FormatNumber))
}

// moduleVersion returns the version that go install or the version control gave.
func moduleVersion(info *debug.BuildInfo, ok bool) string {
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
