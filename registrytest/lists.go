// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
)

// tagList is the answer of end-8.
type tagList struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

// listTags answers end-8, in the order of [grammar.CompareTags].
func (q *request) listTags() error {
	tags, err := q.store.ListTags(q.r.Context(), q.repo)
	if err != nil {
		return err
	}
	if !slices.IsSortedFunc(tags, grammar.CompareTags) {
		tags = slices.SortedFunc(slices.Values(tags), grammar.CompareTags)
	}
	query := q.query
	if q.h.opts.IgnoreN {
		query = nil
	}
	if last := query.Get("last"); last != "" {
		i, found := slices.BinarySearchFunc(tags, last, grammar.CompareTags)
		if found {
			i++
		}
		tags = tags[i:]
	}
	limit := len(tags)
	if n := q.h.opts.PageSize; n > 0 {
		limit = min(limit, n)
	}
	next := url.Values{}
	if query.Has("n") {
		n, ok := grammar.ParseDecimal(query.Get("n"))
		if !ok {
			return withStatus(http.StatusBadRequest, errorf(ErrUnsupported, "n=%.20q is not a number of tags", query.Get("n")))
		}
		limit = int(min(n, int64(limit)))
		next.Set("n", query.Get("n"))
	}
	if limit < len(tags) && limit > 0 {
		next.Set("last", tags[limit-1])
		q.setNext(next)
	}
	writeJSON(q.w, "application/json", tagList{Name: q.repo, Tags: append([]string{}, tags[:limit]...)})
	return nil
}

// repositoryList is the answer of the list of repositories.
type repositoryList struct {
	Repositories []string `json:"repositories"`
}

// listRepositories answers what the specification leaves to others, as the distribution
// project's "HTTP API V2" does ("Listing Repositories"), with those that the client may
// pull from.
func (q *request) listRepositories() error {
	names, err := q.store.ListRepositories(q.r.Context())
	if err != nil {
		return err
	}
	last, a := q.query.Get("last"), q.h.opts.Auth
	names = slices.DeleteFunc(names, func(name string) bool {
		return name <= last || a != nil && !a.allows(q.user, access{name, actionPull})
	})
	limit, next := len(names), url.Values{}
	if n := q.h.opts.PageSize; n > 0 {
		limit = min(limit, n)
	}
	if q.query.Has("n") {
		n, ok := grammar.ParseDecimal(q.query.Get("n"))
		if !ok {
			return withStatus(http.StatusBadRequest, errorf(ErrUnsupported, "n=%.20q is not a number of repositories", q.query.Get("n")))
		}
		limit = int(min(n, int64(limit)))
		next.Set("n", q.query.Get("n"))
	}
	if limit < len(names) && limit > 0 {
		next.Set("last", names[limit-1])
		q.setNext(next)
	}
	writeJSON(q.w, "application/json", repositoryList{append([]string{}, names[:limit]...)})
	return nil
}

// listReferrers answers end-12. Pages begin after the digest "last".
func (q *request) listReferrers() error {
	if q.h.opts.NoReferrers {
		return errNotFound
	}
	list, err := q.store.ListReferrers(q.r.Context(), q.repo, q.digest)
	if err != nil {
		return err
	}
	query := q.query
	next := url.Values{}
	if want := query.Get("artifactType"); want != "" && !q.h.opts.NoFilter {
		list = slices.DeleteFunc(list, func(d ocispec.Descriptor) bool { return d.ArtifactType != want })
		q.w.Header().Set("OCI-Filters-Applied", "artifactType")
		next.Set("artifactType", want)
	}
	if last := query.Get("last"); last != "" {
		list = slices.DeleteFunc(list, func(d ocispec.Descriptor) bool { return d.Digest.String() <= last })
	}
	if n := q.h.referrersPage(list); n < len(list) {
		next.Set("last", list[n-1].Digest.String())
		list = list[:n]
		q.setNext(next)
	}
	writeJSON(q.w, ocispec.MediaTypeImageIndex, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageIndex,
		Manifests: append([]ocispec.Descriptor{}, list...),
	})
	return nil
}

// referrersPage returns how many referrers, one at least, go into an answer that
// is itself a manifest of acceptable size.
func (h *Handler) referrersPage(list []ocispec.Descriptor) int {
	size := 0
	for i, desc := range list {
		b, _ := json.Marshal(desc)
		size += len(b) + 1
		full := h.opts.PageSize > 0 && i >= h.opts.PageSize
		if i > 0 && (full || size > defaultMaxManifestSize-256) {
			return i
		}
	}
	return len(list)
}

// setNext sets a Link to the next page of a list (RFC 8288), where the options let it.
func (q *request) setNext(query url.Values) {
	if q.h.opts.NoLink {
		return
	}
	u := url.URL{Path: q.r.URL.Path, RawQuery: query.Encode()}
	if q.h.opts.AbsoluteLinks {
		u.Scheme, u.Host = q.scheme(), q.r.Host
	}
	q.w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="next"`, u.String()))
}

// scheme is that of the request's URL.
func (q *request) scheme() string {
	if q.r.TLS != nil {
		return "https"
	}
	return "http"
}

func writeJSON(w http.ResponseWriter, mediaType string, v any) {
	writeJSONStatus(w, http.StatusOK, mediaType, v)
}

func writeJSONStatus(w http.ResponseWriter, status int, mediaType string, v any) {
	body, _ := json.Marshal(v)
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
