// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import "errors"

// Errors that package skills has by the same names.
var (
	// ErrInterrupted says that a transfer broke off or stalled. What was to
	// arrive may be sound; trying again is right.
	ErrInterrupted = errors.New("transfer interrupted")
	// ErrUnauthorized says that a registry refused the credentials that were
	// found, or wants some and none were.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrUnavailable says that a registry could not be reached, or could not
	// answer: no such host, no connection, none that can be trusted, an answer of
	// 429 or 5xx.
	ErrUnavailable = errors.New("registry unavailable")
	// ErrWantsTLS says that a registry was asked in plain HTTP and speaks TLS. Such
	// an error wraps ErrUnavailable too.
	ErrWantsTLS = errors.New("registry speaks TLS")
	// ErrWantsPlainHTTP says that a registry was asked with TLS and speaks HTTP
	// without it. Such an error wraps ErrUnavailable too.
	ErrWantsPlainHTTP = errors.New("registry speaks plain HTTP")
)
