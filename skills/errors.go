// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import "errors"

// Errors that callers may act on; use [errors.Is]. The message of an error that
// wraps one names the file or reference, what is wrong and what would be right.
var (
	// ErrInvalidSkillDir says that a skill directory is missing, is no
	// directory or can't be read.
	ErrInvalidSkillDir = errors.New("invalid skill directory")
	// ErrSkillMDMissing says that a directory has no SKILL.md.
	ErrSkillMDMissing = errors.New("SKILL.md missing")
	// ErrInvalidFrontmatter says that the front matter of SKILL.md is missing,
	// is no YAML mapping, is too long, or has a field missing or invalid.
	ErrInvalidFrontmatter = errors.New("invalid SKILL.md frontmatter")
	// ErrTooManyFiles says that a skill has more files than the limit.
	ErrTooManyFiles = errors.New("too many files in skill")
	// ErrSkillTooLarge says that the files of a skill have more bytes than the
	// limit, or its metadata more than registries take.
	ErrSkillTooLarge = errors.New("skill too large")
	// ErrInvalidSkillFile says that a file can't be part of a skill: a symbolic
	// link, a device, a socket, a fifo, a name that is not portable, or one that
	// changed while it was read.
	ErrInvalidSkillFile = errors.New("invalid skill file")
	// ErrInvalidPlatform says that a platform is unknown, malformed or given twice.
	ErrInvalidPlatform = errors.New("invalid platform")
	// ErrUnknownFormat says that a format has a number that this package does
	// not know.
	ErrUnknownFormat = errors.New("unknown format")
	// ErrNotSkill says that an artifact is not a skill that this package reads.
	ErrNotSkill = errors.New("not a skill artifact")
	// ErrCorrupt says that an artifact contradicts itself: content that does not
	// match its digest, its size or its diff ID.
	ErrCorrupt = errors.New("corrupt artifact")
	// ErrDestinationExists says that a directory to unpack into is in use.
	ErrDestinationExists = errors.New("destination exists")
	// ErrLayoutInSkill says that an OCI layout to pack into lies in the directory
	// that is packed, so that each pack would hold the ones before.
	ErrLayoutInSkill = errors.New("layout inside the skill")
	// ErrInvalidReference says that a reference can't be parsed or lacks a tag
	// or digest, or that a tag is a digest.
	ErrInvalidReference = errors.New("invalid reference")
)
