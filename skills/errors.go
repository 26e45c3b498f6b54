// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"errors"

	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/remote"
)

// Errors that callers may act on; use [errors.Is]. The message of an error that
// wraps one names the file or reference, what is wrong and what would be right.
var (
	// ErrInvalidPlatform says that a platform is unknown, malformed or given twice.
	ErrInvalidPlatform = errors.New("invalid platform")
	// ErrUnknownFormat says that a format has a number that this package does
	// not know.
	ErrUnknownFormat = errors.New("unknown format")
	// ErrNotSkill says that an artifact is not a skill that this package reads.
	ErrNotSkill = oci.ErrNotSkill
	// ErrCorrupt says that an artifact contradicts itself: content that arrived
	// whole and does not match its digest, its size or its diff ID, labels that
	// do not agree with the files, or a layer that two programs would read
	// differently.
	ErrCorrupt = oci.ErrCorrupt
	// ErrInterrupted says that a transfer broke off or stalled. What was to
	// arrive may be sound; trying again is right.
	ErrInterrupted = remote.ErrInterrupted
	// ErrUnauthorized says that a registry refused the credentials that were
	// found, or wants some and none were.
	ErrUnauthorized = remote.ErrUnauthorized
	// ErrUnavailable says that a registry could not be reached, or could not
	// answer: no such host, no connection, none that can be trusted, an answer of
	// 429 or 5xx.
	ErrUnavailable = remote.ErrUnavailable
	// ErrWantsTLS says that a registry was asked in plain HTTP and speaks TLS. Such
	// an error wraps ErrUnavailable too.
	ErrWantsTLS = remote.ErrWantsTLS
	// ErrWantsPlainHTTP says that a registry was asked with TLS and speaks HTTP
	// without it. Such an error wraps ErrUnavailable too.
	ErrWantsPlainHTTP = remote.ErrWantsPlainHTTP
	// ErrDestinationExists says that a directory to unpack into is in use.
	ErrDestinationExists = atomicfile.ErrDestinationExists
	// ErrHoldsSkill says, together with ErrDestinationExists, that the directory
	// holds a skill, which [UnpackOptions].Force would replace.
	ErrHoldsSkill = atomicfile.ErrHoldsSkill
	// ErrInvalidDestination says that a name can't be that of a directory to
	// unpack into, whatever stands there.
	ErrInvalidDestination = atomicfile.ErrInvalidDestination
	// ErrLayoutInSkill says that an OCI layout to pack into lies in the directory
	// that is packed, so that each pack would hold the ones before.
	ErrLayoutInSkill = errors.New("layout inside the skill")
	// ErrInvalidReference says that a reference can't be parsed or lacks a tag
	// or digest, or that a tag is malformed or a digest.
	ErrInvalidReference = errors.New("invalid reference")
)
