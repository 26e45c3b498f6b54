// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package skills packs agent skills, directories with a SKILL.md, into OCI artifacts
// that anyone can rebuild, and brings them back. The artifact is that of ToolHive: an
// index of one manifest per platform, each with a configuration whose labels describe
// the skill, and one shared layer; a valid OCI image on purpose.
//
// A [Packager] packs into any store of oras-go, a [Registry] pushes and pulls.
// [Inspect], [Unpack], [Check] and [Verify] read an artifact and believe nothing that
// it says of itself. Its digest is a function of paths, contents, epoch and platforms
// alone: see [Packager].
package skills
