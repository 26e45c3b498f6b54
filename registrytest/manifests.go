// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// resolve turns the tag of a call into a digest.
func (h *Handler) resolve(r *http.Request, c *call) (digest.Digest, error) {
	if c.tag == "" {
		return c.digest, nil
	}
	return h.store.ResolveTag(r.Context(), c.repo, c.tag)
}

// getManifest answers end-3.
func (h *Handler) getManifest(w http.ResponseWriter, r *http.Request, c *call) error {
	dgst, err := h.resolve(r, c)
	if err != nil {
		return err
	}
	m, err := h.store.GetManifest(r.Context(), c.repo, dgst)
	if err != nil {
		return err
	}
	setHeaders(w.Header(), "Content-Type", m.MediaType, "Content-Length", strconv.Itoa(len(m.Content)),
		headerDigest, dgst.String())
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(m.Content)
	}
	return nil
}

// putManifest answers end-7.
func (h *Handler) putManifest(w http.ResponseWriter, r *http.Request, c *call) error {
	content, err := h.readManifest(w, r)
	if err != nil {
		return err
	}
	tags, err := tagParams(r, c)
	if err != nil {
		return err
	}
	m := Manifest{MediaType: contentType(r, content), Digest: c.digest, Content: content}
	if c.tag != "" {
		m.Digest = sum(digest.Canonical, content)
	} else if got := sum(c.digest.Algorithm(), content); got != c.digest {
		return errorf(ErrDigestInvalid, "the manifest is %s, not %s", got, c.digest)
	}
	m.verified = true
	view, err := h.viewOf(m)
	if err != nil {
		return err
	}
	m.view = view
	if err := h.storeManifest(r, c, m, tags); err != nil {
		return err
	}
	head := w.Header()
	setHeaders(head, "Location", "/v2/"+c.repo+"/manifests/"+m.Digest.String(), headerDigest, m.Digest.String())
	if view != nil && view.Subject != nil && !h.opts.NoReferrers {
		head.Set("OCI-Subject", view.Subject.Digest.String())
	}
	if c.tag == "" {
		for _, tag := range tags {
			head.Add("OCI-Tag", tag)
		}
	}
	w.WriteHeader(http.StatusCreated)
	return nil
}

// storeManifest stores a manifest if the options allow it.
func (h *Handler) storeManifest(r *http.Request, c *call, m Manifest, tags []string) error {
	ctx := r.Context()
	if h.opts.Strict {
		if err := manifest.CheckStrict(m.MediaType, m.view); err != nil {
			return errorf(ErrManifestInvalid, "%v", err)
		}
	}
	defer h.exclusive()()
	if h.opts.Strict {
		if err := h.checkPresent(ctx, c.repo, m.view); err != nil {
			return err
		}
	}
	if err := h.checkTags(ctx, c.repo, m.Digest, tags); err != nil {
		return err
	}
	return h.charge(ctx, c.repo, m.Digest, int64(len(m.Content)), func() error {
		return h.storeFor(c).PutManifest(ctx, c.repo, m, tags...)
	})
}

func (h *Handler) readManifest(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	limit := h.opts.MaxManifestSize
	tooLarge := func() error {
		return withStatus(http.StatusRequestEntityTooLarge,
			errorf(ErrManifestInvalid, "a manifest may have at most %d bytes", limit))
	}
	if r.ContentLength > limit {
		return nil, tooLarge()
	}
	body := io.Reader(r.Body)
	if r.ContentLength < 0 { // of others net/http gives no more than they say
		body = http.MaxBytesReader(w, r.Body, limit)
	}
	content, err := readAll(body, r.ContentLength)
	if err == nil {
		return content, nil
	}
	var mbe *http.MaxBytesError
	if errors.As(err, &mbe) {
		return nil, tooLarge()
	}
	return nil, bodyError(err)
}

// readAll reads a body whose length is known or below 0.
func readAll(r io.Reader, length int64) ([]byte, error) {
	if length < 0 {
		return io.ReadAll(r)
	}
	content := make([]byte, length)
	for n := 0; n < len(content); {
		m, err := r.Read(content[n:])
		n += m
		if err == io.EOF && n < len(content) {
			return nil, io.ErrUnexpectedEOF
		}
		// io.ReadFull would not tell of one that comes with the last byte.
		if err != nil && err != io.EOF {
			return nil, err
		}
	}
	return content, nil
}

// maxTagParams is how many tags one push may set. The specification wants 10.
const maxTagParams = 100

// tagParams returns the tags that a push sets: the one of the path, or those
// of the query when it goes by digest (end-7b).
func tagParams(r *http.Request, c *call) ([]string, error) {
	if c.tag != "" {
		return []string{c.tag}, nil
	}
	tags := c.query["tag"]
	if len(tags) > maxTagParams {
		return nil, withStatus(http.StatusRequestURITooLong, errorf(ErrManifestInvalid, "more than %d tags", maxTagParams))
	}
	for _, tag := range tags {
		if !grammar.ValidTag(tag) {
			return nil, errorf(ErrManifestInvalid, "%.140q is no tag", tag)
		}
	}
	return tags, nil
}

// contentType is the media type that a manifest is pushed as: that of the
// header without parameters, or else the one in the manifest.
func contentType(r *http.Request, content []byte) string {
	if ct := r.Header.Get("Content-Type"); ct != "" {
		if !strings.ContainsAny(ct, "; ") {
			return ct
		}
		if mt, _, err := mime.ParseMediaType(ct); err == nil {
			return mt
		}
		mt, _, _ := strings.Cut(ct, ";")
		return strings.TrimSpace(mt)
	}
	if view, err := manifest.Parse(content); err == nil && view.MediaType != "" {
		return view.MediaType
	}
	return ocispec.MediaTypeImageManifest
}

// checked is a manifest without a subject that was found to be in order.
type checked struct {
	digest    digest.Digest
	mediaType string
	view      *manifest.View
}

// viewOf is checkManifest. It remembers the last answer that depends on nothing
// but the manifest: who pushes one by digest pushes it again to give it a tag.
func (h *Handler) viewOf(m Manifest) (*manifest.View, error) {
	last := h.checked.Load()
	if !h.opts.Strict && last != nil && last.digest == m.Digest && last.mediaType == m.MediaType {
		return last.view, nil
	}
	view, err := checkManifest(m, h.opts.Strict)
	if err == nil && view != nil && view.Subject == nil {
		h.checked.Store(&checked{m.Digest, m.MediaType, view})
	}
	return view, err
}

// checkManifest refuses what can't be a manifest of its type. Of types that it
// does not know it asks nothing, and returns nil for the view. The view is whole
// if that is asked for, or if there is a subject.
func checkManifest(m Manifest, whole bool) (*manifest.View, error) {
	if !manifest.IsKnown(m.MediaType) {
		return nil, nil
	}
	parse := manifest.ParseHead
	if whole {
		parse = manifest.Parse
	}
	view, err := parse(m.Content)
	if err != nil {
		return nil, errorf(ErrManifestInvalid, "%v", err)
	}
	if view.MediaType != "" && view.MediaType != m.MediaType {
		return nil, errorf(ErrManifestInvalid, "mediaType is %.100q, but Content-Type %.100q", view.MediaType, m.MediaType)
	}
	if s := view.Subject; s != nil {
		if _, err := parseDigest(s.Digest.String()); err != nil {
			return nil, errorf(ErrManifestInvalid, "subject: %v", err)
		}
	}
	return view, nil
}

// deleteManifest answers end-9.
func (h *Handler) deleteManifest(w http.ResponseWriter, r *http.Request, c *call) error {
	if err := h.removeManifest(r, c); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func (h *Handler) removeManifest(r *http.Request, c *call) error {
	defer h.exclusive()()
	ctx := r.Context()
	if c.tag != "" {
		if err := h.checkTags(ctx, c.repo, "", []string{c.tag}); err != nil {
			return err
		}
		return h.storeFor(c).DeleteTag(ctx, c.repo, c.tag)
	}
	if err := h.checkTagged(ctx, c.repo, c.digest); err != nil {
		return err
	}
	return h.release(ctx, c.repo, c.digest, func() error {
		return h.storeFor(c).DeleteManifest(ctx, c.repo, c.digest)
	})
}
