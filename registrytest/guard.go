// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
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
func (h *Handler) exclusive() (unlock func()) {
	return h.lockIf(h.opts.Strict || h.opts.ImmutableTags || h.opts.Quota > 0)
}

func (h *Handler) lockIf(needed bool) (unlock func()) {
	if !needed {
		return func() {}
	}
	h.content.Lock()
	return h.content.Unlock
}

// has tells whether repo has content, and its size.
func (h *Handler) has(ctx context.Context, repo string, dgst digest.Digest) (int64, bool, error) {
	body, size, err := h.store.OpenBlob(ctx, repo, dgst)
	if errors.Is(err, ErrBlobUnknown) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return size, true, body.Close()
}

// checkTags refuses to move a tag where tags are immutable.
func (h *Handler) checkTags(ctx context.Context, repo string, dgst digest.Digest, tags []string) error {
	if !h.opts.ImmutableTags {
		return nil
	}
	for _, tag := range tags {
		old, err := h.store.ResolveTag(ctx, repo, tag)
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
func (h *Handler) checkTagged(ctx context.Context, repo string, dgst digest.Digest) error {
	if !h.opts.ImmutableTags {
		return nil
	}
	tags, err := h.store.ListTags(ctx, repo)
	if errors.Is(err, ErrNameUnknown) {
		return nil
	}
	for _, tag := range tags {
		if got, err := h.store.ResolveTag(ctx, repo, tag); err == nil && got == dgst {
			return errorf(ErrDenied, "tag %s is immutable", tag)
		}
	}
	return err
}

// room tells how many bytes may still be stored. h.content is held.
func (h *Handler) room(ctx context.Context) (int64, error) {
	if h.used < 0 {
		var used int64
		repos, err := h.store.ListRepositories(ctx)
		if err != nil {
			return 0, err
		}
		for _, repo := range repos {
			list, err := h.store.ListContent(ctx, repo)
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

// charge runs a change that adds content of a size to repo, if the quota has
// room for it. What is there already costs nothing. h.content is held.
func (h *Handler) charge(ctx context.Context, repo string, dgst digest.Digest, size int64, change func() error) error {
	if h.opts.Quota <= 0 {
		return change()
	}
	_, found, err := h.has(ctx, repo, dgst)
	if err != nil {
		return err
	}
	room, err := h.room(ctx)
	if err != nil {
		return err
	}
	if !found && size > room {
		return h.errQuota()
	}
	if err := change(); err != nil || found {
		return err
	}
	_, found, err = h.has(ctx, repo, dgst) // not if a fault made it forget
	if found {
		h.used += size
	}
	return err
}

// release runs a change that removes content. h.content is held.
func (h *Handler) release(ctx context.Context, repo string, dgst digest.Digest, change func() error) error {
	if h.opts.Quota <= 0 {
		return change()
	}
	size, _, err := h.has(ctx, repo, dgst)
	if err != nil {
		return err
	}
	if _, err := h.room(ctx); err != nil { // so that it is counted
		return err
	}
	if err := change(); err != nil {
		return err
	}
	_, found, err := h.has(ctx, repo, dgst)
	if !found {
		h.used -= size
	}
	return err
}

func (h *Handler) errQuota() error {
	return errorf(ErrDenied, "the quota of %d bytes is used up", h.opts.Quota)
}

// limitUpload makes reading fail where an upload alone exceeds the quota.
func (h *Handler) limitUpload(ctx context.Context, size int64, r io.Reader) (io.Reader, error) {
	if h.opts.Quota <= 0 {
		return r, nil
	}
	h.content.Lock()
	defer h.content.Unlock()
	room, err := h.room(ctx)
	return &quotaReader{r, room - size, h.errQuota()}, err
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
func (h *Handler) checkPresent(ctx context.Context, repo string, view *manifest.View) error {
	check := func(desc ocispec.Descriptor, isManifest bool) error {
		var err error
		size, mediaType := int64(0), desc.MediaType
		if isManifest {
			var m Manifest
			m, err = h.store.GetManifest(ctx, repo, desc.Digest)
			size, mediaType = int64(len(m.Content)), m.MediaType
		} else {
			var found bool
			if size, found, err = h.has(ctx, repo, desc.Digest); err == nil && !found {
				err = ErrBlobUnknown
			}
		}
		switch {
		case errors.Is(err, ErrBlobUnknown) || errors.Is(err, ErrManifestUnknown):
			return errorf(ErrManifestBlobUnknown, "%s is not in %s", desc.Digest, repo)
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
