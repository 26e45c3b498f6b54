// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package skilldir reads a skill's directory and says what is wrong with it: what
// package skills packs, before there is an artifact.
//
//   - [Validate] judges a directory by the rules that packing holds to, and gives
//     advice; [Rules] is the table of all of them.
//   - [Open] and [Dir.Scan] find the files that go into an artifact and the front
//     matter that its labels are made of; [Skill.Files] are to be archived.
//   - [ParseSkillMD] reads a SKILL.md from elsewhere.
//
// Regular files whose names are portable go in; see
// [github.com/skillcask/skillcask/reproducible.CheckName]. Hidden files stay
// out unless a .skillignore, in the syntax of .dockerignore, brings them back.
// Symbolic links and special files are errors. Limits that can be changed: 1,000
// files, 95 MiB. SKILL.md may have 64 KiB of front matter.
//
// Nothing is written, and nothing outside of the directory is read, whatever happens
// to it meanwhile.
package skilldir
