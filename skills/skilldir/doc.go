// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package skilldir reads a skill's directory and checks it: the input of package skills,
// before there is an artifact.
//
//   - [Validate] checks a directory against the rules that packing enforces, plus advice;
//     [Rules] lists all of them.
//   - [Open] and [Dir.Scan] find the files of an artifact and the front matter for its
//     labels; [Skill.Files] returns them for archiving.
//   - [ParseSkillMD] reads a SKILL.md from elsewhere.
//
// Regular files whose names are portable go in; see
// [github.com/skillcask/skillcask/reproducible.CheckName]. Hidden files stay
// out unless a .skillignore, in the syntax of .dockerignore, brings them back.
// Symbolic links and special files are errors. Limits that can be changed: 1,000
// files, 95 MiB. SKILL.md may have 64 KiB of front matter.
//
// Nothing is written, and nothing outside the directory is read, even if it changes
// meanwhile.
package skilldir
