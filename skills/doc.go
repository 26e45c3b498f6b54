// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package skills seals agent skills into OCI artifacts that anyone can rebuild,
// and brings them back. A skill is a directory with a SKILL.md.
//
//   - [Packager] packs a directory or an [io/fs.FS] into any store of oras-go:
//     memory, an OCI layout, a remote repository.
//   - [Validate] judges a directory by the rules that packing holds to, and
//     gives advice; [Rules] is the table of all of them.
//   - [Registry] pushes artifacts to registries and pulls them.
//   - [Unpack] writes an artifact's files to a directory, [Inspect] tells what
//     it holds, [Verify] proves that it was made from a directory, and [Check]
//     that a directory holds its files and nothing else.
//
// [github.com/skillcask/skillcask/skills/layout] keeps artifacts in an OCI layout
// on disk.
//
// The artifact is the one of ToolHive: an index over one manifest per
// platform, each with an image configuration whose labels describe the skill,
// and one shared layer. It is a valid OCI image on purpose.
//
// # The promise
//
// The digest of an artifact is a function of the paths and contents of its
// files, of the epoch and of the platforms, and of the options Source, Revision
// and ModesFromFS where they are used. It does not depend on the Go release, the operating system,
// the processor, the file system's modes, owners and times, the directory's
// name or the version of a dependency: see [ErrFormatDrift].
//
// # What goes in
//
// Regular files whose names are portable; see [reproducible.CheckName]. Hidden
// files stay out unless a .skillignore, in the syntax of .dockerignore, brings
// them back; [PackageResult] lists what stayed out. The option ExactFiles leaves
// nothing out. Symbolic links and special files are errors. Limits, all of which
// can be changed: 1,000 files, 95 MiB. SKILL.md may have 64 KiB of front matter.
//
// # What is believed
//
// Nothing that an artifact says of itself. Sizes, digests and diff ID must match,
// a document must be of the one media type that it came with and states, its JSON
// must mean the same to every reader, and labels, annotations, the list of files,
// SKILL.md and the platforms must agree. What does not is refused by whoever reads
// the layer: [Inspect], [Unpack], [Registry.Pull] and [Registry.Push]. [Verify]
// need not read it if packing the directory gives the same digests.
package skills
