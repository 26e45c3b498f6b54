// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir

import (
	"errors"

	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/source"
)

// Errors that callers may act on; use [errors.Is]. An [*InvalidError] wraps those of
// its findings.
var (
	// ErrInvalidSkillDir says that a skill directory is missing, is no
	// directory or can't be read.
	ErrInvalidSkillDir = source.ErrInvalidSkillDir
	// ErrSkillMDMissing says that a directory has no SKILL.md.
	ErrSkillMDMissing = errors.New("SKILL.md missing")
	// ErrInvalidFrontmatter says that the front matter of SKILL.md is missing,
	// is no YAML mapping, is too long, or has a field missing or invalid.
	ErrInvalidFrontmatter = errors.New("invalid SKILL.md frontmatter")
	// ErrTooManyFiles says that a skill has more files than the limit.
	ErrTooManyFiles = errors.New("too many files in skill")
	// ErrInvalidSkillFile says that a file can't be part of a skill: a symbolic
	// link, a device, a socket, a fifo, a name that is not portable, or one that
	// changed while it was read.
	ErrInvalidSkillFile = errors.New("invalid skill file")
	// ErrSecret says that a directory holds what looks like a private key or an
	// access token. It is an error where the rule "secret" is refused, as when a
	// directory is pushed.
	ErrSecret = errors.New("secret in skill")
	// ErrSkillTooLarge says that the files of a skill have more bytes than the
	// limit, or its metadata more than registries take.
	ErrSkillTooLarge = oci.ErrSkillTooLarge
	// ErrUnknownRule says that a rule to be silenced does not exist, or that one to
	// be allowed does not or would stop nothing.
	ErrUnknownRule = errors.New("unknown rule")
	// ErrUnknownProfile says that a profile does not exist.
	ErrUnknownProfile = errors.New("unknown profile")
)
