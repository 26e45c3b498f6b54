// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"errors"
	"fmt"
)

// ErrTruncated says that a document ends before its JSON does.
var ErrTruncated = errors.New("its JSON ends too early")

// Errors that package skills has by the same names.
var (
	// ErrNotSkill says that an artifact is not a skill that this package reads.
	ErrNotSkill = errors.New("not a skill artifact")
	// ErrCorrupt says that an artifact contradicts itself: content that arrived
	// whole and does not match its digest, its size or its diff ID, labels that
	// do not agree with the files, or a layer that two programs would read
	// differently.
	ErrCorrupt = errors.New("corrupt artifact")
	// ErrSkillTooLarge says that the files of a skill have more bytes than the
	// limit, or its metadata more than registries take.
	ErrSkillTooLarge = errors.New("skill too large")
)

// WrongSize is the error of content of another size than its descriptor says.
func WrongSize(size int64) error {
	return fmt.Errorf("%w: its content has another size than the %d bytes it should; %s", ErrCorrupt, size, GetAgain)
}

// GetAgain is what to do about damaged content.
const GetAgain = "download it again, or from another source"
