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

	"github.com/skillcask/skillcask/registrytest/internal/chunks"
	"github.com/skillcask/skillcask/registrytest/internal/grammar"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// resolve turns the tag of a call into a digest.
func (q *request) resolve() (digest.Digest, error) {
	if q.tag == "" {
		return q.digest, nil
	}
	return q.store.ResolveTag(q.r.Context(), q.repo, q.tag)
}

// getManifest answers end-3.
func (q *request) getManifest() error {
	dgst, err := q.resolve()
	if err != nil {
		return err
	}
	m, err := q.store.GetManifest(q.r.Context(), q.repo, dgst)
	if err != nil {
		return err
	}
	if q.h.opts.StrictAccept && !accepts(q.r.Header["Accept"], m.MediaType) {
		return errorf(ErrManifestUnknown, "the Accept header does not list %.100q", m.MediaType)
	}
	if done, err := q.answerUnchanged(dgst); done || err != nil {
		return err
	}
	setHeaders(q.w.Header(), "Content-Type", m.MediaType, "Content-Length", strconv.Itoa(len(m.Content)), "Etag", etag(dgst))
	q.setDigest(dgst)
	q.w.WriteHeader(http.StatusOK)
	if q.r.Method != http.MethodHead {
		_, _ = q.w.Write(m.Content)
	}
	return nil
}

// accepts reports whether Accept headers list a media type (RFC 9110, section 12.5.1).
func accepts(headers []string, mediaType string) bool {
	for _, header := range headers {
		for item := range strings.SplitSeq(header, ",") {
			item, _, _ = strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(item), mediaType) {
				return true
			}
		}
	}
	return false
}

// putManifest answers end-7.
func (q *request) putManifest() error {
	content, err := q.readManifest()
	if err != nil {
		return err
	}
	tags, err := q.tagParams()
	if err != nil {
		return err
	}
	m := Manifest{MediaType: contentType(q.r, content), Digest: q.digest, Content: content}
	if q.tag != "" {
		m.Digest = chunks.Sum(digest.Canonical, content)
	} else if got := chunks.Sum(q.digest.Algorithm(), content); got != q.digest {
		return errorf(ErrDigestInvalid, "the manifest is %s, not %s", got, q.digest)
	}
	m.verified = true
	view, err := q.h.viewOf(m)
	if err != nil {
		return err
	}
	m.view = view
	err = q.ifUnchanged(func() error { return q.store.PutManifest(q.r.Context(), q.repo, m, tags...) })
	if err != nil {
		return err
	}
	head := q.w.Header()
	setHeaders(head, "Location", "/v2/"+q.repo+"/manifests/"+m.Digest.String())
	q.setDigest(m.Digest)
	if view != nil && view.Subject != nil && !q.h.opts.NoReferrers {
		head.Set("OCI-Subject", view.Subject.Digest.String())
	}
	if q.tag == "" {
		for _, tag := range tags {
			head.Add("OCI-Tag", tag)
		}
	}
	q.w.WriteHeader(http.StatusCreated)
	return nil
}

func (q *request) readManifest() ([]byte, error) {
	r, limit := q.r, q.h.opts.MaxManifestSize
	tooLarge := func() error {
		return withStatus(http.StatusRequestEntityTooLarge,
			errorf(ErrManifestInvalid, "a manifest may have at most %d bytes", limit))
	}
	if r.ContentLength > limit {
		return nil, tooLarge()
	}
	body := io.Reader(r.Body)
	if r.ContentLength < 0 { // of others net/http gives no more than they say
		body = http.MaxBytesReader(q.w, r.Body, limit)
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
		// io.ReadFull would hide one that comes with the last byte.
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
func (q *request) tagParams() ([]string, error) {
	if q.tag != "" {
		return []string{q.tag}, nil
	}
	tags := q.query["tag"]
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

// viewOf is checkManifest, and [manifest.CheckStrict] if that is asked for. Else it
// remembers the last answer that depends on nothing but the manifest: who pushes
// one by digest pushes it again to give it a tag.
func (h *Handler) viewOf(m Manifest) (*manifest.View, error) {
	if h.opts.Strict {
		view, err := checkManifest(m, true)
		if err != nil {
			return nil, err
		}
		if err := manifest.CheckStrict(m.MediaType, m.Content, view); err != nil {
			return nil, errorf(ErrManifestInvalid, "%v", err)
		}
		return view, nil
	}
	if last := h.checked.Load(); last != nil && last.digest == m.Digest && last.mediaType == m.MediaType {
		return last.view, nil
	}
	view, err := checkManifest(m, false)
	if err == nil && view != nil && view.Subject == nil {
		h.checked.Store(&checked{m.Digest, m.MediaType, view})
	}
	return view, err
}

// checkManifest refuses what can't be a manifest of its type. It takes anything of a
// type that it does not know but what says that it is a manifest of a known one, and
// returns nil for the view. The view is full if that
// is asked for, or if there is a subject.
func checkManifest(m Manifest, full bool) (*manifest.View, error) {
	if !manifest.IsKnown(m.MediaType) {
		view, err := manifest.ParseHead(m.Content)
		if err == nil && manifest.IsKnown(view.MediaType) {
			return nil, errOtherType(view, m)
		}
		return nil, nil
	}
	parse := manifest.ParseHead
	if full {
		parse = manifest.Parse
	}
	view, err := parse(m.Content)
	if err != nil {
		return nil, errorf(ErrManifestInvalid, "%v", err)
	}
	if view.MediaType != "" && view.MediaType != m.MediaType {
		return nil, errOtherType(view, m)
	}
	if s := view.Subject; s != nil {
		if _, err := parseDigest(s.Digest.String()); err != nil {
			return nil, errorf(ErrManifestInvalid, "subject: %v", err)
		}
	}
	return view, nil
}

func errOtherType(view *manifest.View, m Manifest) error {
	return errorf(ErrManifestInvalid, "mediaType is %.100q, but Content-Type %.100q", view.MediaType, m.MediaType)
}

// deleteManifest answers end-9, for a manifest or a tag.
func (q *request) deleteManifest() error {
	err := q.ifUnchanged(func() error {
		if q.tag != "" {
			return q.store.DeleteTag(q.r.Context(), q.repo, q.tag)
		}
		return q.store.DeleteManifest(q.r.Context(), q.repo, q.digest)
	})
	if err == nil {
		q.w.WriteHeader(http.StatusAccepted)
	}
	return err
}

// ifUnchanged makes a change of a manifest or a tag if the request's preconditions
// hold. Meanwhile no other request to this handler makes one.
func (q *request) ifUnchanged(change func() error) error {
	changes := &q.h.guard.changes
	if q.r.Header["If-Match"] == nil && q.r.Header["If-None-Match"] == nil {
		changes.RLock()
		defer changes.RUnlock()
		return change()
	}
	changes.Lock()
	defer changes.Unlock()
	now, err := q.resolve()
	if err == nil {
		_, err = q.store.GetManifest(q.r.Context(), q.repo, now)
	}
	if errors.Is(err, ErrManifestUnknown) {
		now, err = "", nil
	}
	if err == nil {
		err = q.precondition(now)
	}
	if err != nil {
		return err
	}
	return change()
}
