// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"errors"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// exclusive keeps others from changing the store, where an option makes a
// removal or a manifest depend on what is there. The caller calls unlock, and
// neither reads from a client nor answers one before: all others would wait for
// one that is slow.
func (q *request) exclusive() (unlock func()) {
	opts := &q.h.opts
	return q.h.lockIf(opts.Strict || opts.ImmutableTags || opts.Quota > 0)
}

func (h *Handler) lockIf(needed bool) (unlock func()) {
	if !needed {
		return func() {}
	}
	h.content.Lock()
	return h.content.Unlock
}

// has reports whether repo has content, and its size.
func (q *request) has(repo string, dgst digest.Digest) (size int64, found bool, err error) {
	body, size, err := q.store.OpenBlob(q.r.Context(), repo, dgst)
	if errors.Is(err, ErrBlobUnknown) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return size, true, body.Close()
}

// checkTags refuses to move a tag where tags are immutable.
func (q *request) checkTags(dgst digest.Digest, tags []string) error {
	if !q.h.opts.ImmutableTags {
		return nil
	}
	for _, tag := range tags {
		old, err := q.store.ResolveTag(q.r.Context(), q.repo, tag)
		if errors.Is(err, ErrManifestUnknown) {
			continue
		}
		if err != nil {
			return err
		}
		if old != dgst {
			return errorf(ErrDenied, "tag %s is immutable and points at %s", tag, old)
		}
	}
	return nil
}

// checkTagged refuses to delete a manifest that an immutable tag points at.
func (q *request) checkTagged() error {
	if !q.h.opts.ImmutableTags {
		return nil
	}
	tags, err := q.store.ListTags(q.r.Context(), q.repo)
	if errors.Is(err, ErrNameUnknown) {
		return nil
	}
	for _, tag := range tags {
		if got, err := q.store.ResolveTag(q.r.Context(), q.repo, tag); err == nil && got == q.digest {
			return errorf(ErrDenied, "tag %s is immutable", tag)
		}
	}
	return err
}

// remaining returns how many bytes may still be stored. h.content is held.
func (q *request) remaining() (int64, error) {
	h, ctx := q.h, q.r.Context()
	if h.used < 0 {
		var used int64
		repos, err := q.store.ListRepositories(ctx)
		if err != nil {
			return 0, err
		}
		for _, repo := range repos {
			list, err := q.store.ListContent(ctx, repo)
			if err != nil && !errors.Is(err, ErrNameUnknown) {
				return 0, err
			}
			for _, desc := range list {
				used += desc.Size
			}
		}
		h.used = used
	}
	return h.opts.Quota - h.used, nil
}

// addCharged runs a change that adds content of a size, if the quota has room for
// it. Content that is there already costs nothing. h.content is held.
func (q *request) addCharged(dgst digest.Digest, size int64, change func() error) error {
	if q.h.opts.Quota <= 0 {
		return change()
	}
	_, found, err := q.has(q.repo, dgst)
	if err != nil {
		return err
	}
	remaining, err := q.remaining()
	if err != nil {
		return err
	}
	if !found && size > remaining {
		return q.h.errQuota()
	}
	if err := change(); err != nil || found {
		return err
	}
	_, found, err = q.has(q.repo, dgst) // a store may say yes and not do it
	if found {
		q.h.used += size
	}
	return err
}

// removeCharged runs a change that removes the call's content. h.content is held.
func (q *request) removeCharged(change func() error) error {
	if q.h.opts.Quota <= 0 {
		return change()
	}
	size, _, err := q.has(q.repo, q.digest)
	if err != nil {
		return err
	}
	if _, err := q.remaining(); err != nil { // so that it is counted
		return err
	}
	if err := change(); err != nil {
		return err
	}
	_, found, err := q.has(q.repo, q.digest)
	if !found {
		q.h.used -= size
	}
	return err
}

func (h *Handler) errQuota() error {
	return errorf(ErrDenied, "the quota of %d bytes is used up", h.opts.Quota)
}

// limitedBody is the request's body, whose reading fails where it would make an
// upload of the given size exceed the quota by itself.
func (q *request) limitedBody(size int64) (io.Reader, error) {
	if q.h.opts.Quota <= 0 {
		return q.r.Body, nil
	}
	q.h.content.Lock()
	defer q.h.content.Unlock()
	remaining, err := q.remaining()
	return &quotaReader{q.r.Body, remaining - size, q.h.errQuota()}, err
}

type quotaReader struct {
	r    io.Reader
	rest int64
	err  error
}

func (q *quotaReader) Read(p []byte) (int, error) {
	n, err := q.r.Read(p)
	if q.rest -= int64(n); q.rest < 0 {
		return 0, q.err
	}
	return n, err
}

// checkPresent refuses a manifest whose content is absent (code-5) or not what
// the manifest says of it.
func (q *request) checkPresent(view *manifest.View) error {
	check := func(desc ocispec.Descriptor, isManifest bool) error {
		var err error
		size, mediaType := int64(0), desc.MediaType
		if isManifest {
			var m Manifest
			m, err = q.store.GetManifest(q.r.Context(), q.repo, desc.Digest)
			size, mediaType = int64(len(m.Content)), m.MediaType
		} else {
			var found bool
			if size, found, err = q.has(q.repo, desc.Digest); err == nil && !found {
				err = ErrBlobUnknown
			}
		}
		switch {
		case errors.Is(err, ErrBlobUnknown) || errors.Is(err, ErrManifestUnknown):
			return errorf(ErrManifestBlobUnknown, "%s is not in %s", desc.Digest, q.repo)
		case err != nil:
			return err
		case size != desc.Size:
			return errorf(ErrManifestInvalid, "%s has %d bytes, not %d", desc.Digest, size, desc.Size)
		case mediaType != desc.MediaType:
			return errorf(ErrManifestInvalid, "%s is %.100q, not %.100q", desc.Digest, mediaType, desc.MediaType)
		}
		return nil
	}
	return view.EachContent(check)
}
