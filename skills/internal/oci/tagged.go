// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"

	"github.com/opencontainers/go-digest"
)

// What one who writes to a store says of it beyond the interfaces of oras-go goes
// by the context: a store that wraps another passes it on unseen.

type (
	taggedLaterKey struct{}
	onTaggedKey    struct{}
)

// TaggedLater says that what is pushed will be tagged, or what refers to it, so
// that a layout need not list it before: one change of index.json does for an
// artifact.
func TaggedLater(ctx context.Context) context.Context {
	return context.WithValue(ctx, taggedLaterKey{}, true)
}

// IsTaggedLater reports whether [TaggedLater] was said.
func IsTaggedLater(ctx context.Context) bool { return ctx.Value(taggedLaterKey{}) != nil }

// OnTagged asks a store to report what had a tag that it sets, if it knows for
// certain. The digest is empty if nothing had it.
func OnTagged(ctx context.Context, report func(before digest.Digest)) context.Context {
	return context.WithValue(ctx, onTaggedKey{}, report)
}

// ReportTagged calls what was given to [OnTagged].
func ReportTagged(ctx context.Context, before digest.Digest) {
	if report, ok := ctx.Value(onTaggedKey{}).(func(digest.Digest)); ok {
		report(before)
	}
}
