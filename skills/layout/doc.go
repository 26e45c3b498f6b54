// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package layout keeps OCI artifacts in a directory: an image layout (image-spec
// 1.1, "Image Layout") that any number of goroutines and processes may read and
// change at the same time. It knows nothing of skills, and any program of oras-go
// can use a [Store] as a source or a destination.
//
// The sentinels ErrCorrupt, ErrNotSkill and ErrSkillTooLarge that its comments
// name are those of package skills.
package layout
