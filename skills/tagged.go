// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

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

// taggedLater says that what is pushed will be tagged, or what refers to it, so
// that a layout need not list it before: one change of index.json does for an
// artifact.
func taggedLater(ctx context.Context) context.Context {
	return context.WithValue(ctx, taggedLaterKey{}, true)
}

// isTaggedLater reports whether [taggedLater] was said.
func isTaggedLater(ctx context.Context) bool { return ctx.Value(taggedLaterKey{}) != nil }

// onTagged asks a store to report what had a tag that it sets, if it knows for
// certain. The digest is empty if nothing had it.
func onTagged(ctx context.Context, report func(before digest.Digest)) context.Context {
	return context.WithValue(ctx, onTaggedKey{}, report)
}

// reportTagged calls what was given to [onTagged].
func reportTagged(ctx context.Context, before digest.Digest) {
	if report, ok := ctx.Value(onTaggedKey{}).(func(digest.Digest)); ok {
		report(before)
	}
}
