// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package skills seals agent skills into OCI artifacts that anyone can rebuild, and
// brings them back. A skill is a directory with a SKILL.md. Its artifact is that of
// ToolHive: an index over a manifest per platform, each with a configuration whose
// labels describe the skill, and one shared layer; a valid OCI image on purpose.
//
// A [Packager] packs into any store of oras-go, a [Registry] pushes and pulls.
// [Inspect], [Unpack], [Check] and [Verify] read an artifact: they show what it
// holds, write its files, compare a directory with it, and prove what it was made
// from. They believe nothing that it says of itself. The digest is a function of
// paths, contents, epoch and platforms alone: see [Packager].
package skills
