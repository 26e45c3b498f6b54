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
)

// tagList is the answer of end-8.
type tagList struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

// listTags answers end-8.
func (h *Handler) listTags(w http.ResponseWriter, r *http.Request, c *call) error {
	tags, err := h.store.ListTags(r.Context(), c.repo)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	if last := query.Get("last"); last != "" {
		i, found := slices.BinarySearch(tags, last)
		if found {
			i++
		}
		tags = tags[i:]
	}
	limit := len(tags)
	if query.Has("n") {
		n, ok := parseDecimal(query.Get("n"))
		if !ok {
			return withStatus(http.StatusBadRequest, errorf(ErrUnsupported, "n=%.20q is not a number of tags", query.Get("n")))
		}
		limit = int(min(n, int64(limit)))
	}
	if limit < len(tags) && limit > 0 {
		next := url.Values{"last": {tags[limit-1]}}
		if query.Has("n") {
			next.Set("n", query.Get("n"))
		}
		setNext(w, r, next)
	}
	writeJSON(w, "application/json", tagList{Name: c.repo, Tags: append([]string{}, tags[:limit]...)})
	return nil
}

// listReferrers answers end-12.
func (h *Handler) listReferrers(w http.ResponseWriter, r *http.Request, c *call) error {
	list, err := h.store.ListReferrers(r.Context(), c.repo, c.digest)
	if err != nil {
		return err
	}
	if want := r.URL.Query().Get("artifactType"); want != "" {
		list = slices.DeleteFunc(list, func(d ocispec.Descriptor) bool { return d.ArtifactType != want })
		w.Header().Set("OCI-Filters-Applied", "artifactType")
	}
	writeJSON(w, ocispec.MediaTypeImageIndex, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageIndex,
		Manifests: append([]ocispec.Descriptor{}, list...),
	})
	return nil
}

// setNext sets a Link to the next page of a list (RFC 8288).
func setNext(w http.ResponseWriter, r *http.Request, query url.Values) {
	u := url.URL{Path: r.URL.Path, RawQuery: query.Encode()}
	w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="next"`, u.String()))
}

func writeJSON(w http.ResponseWriter, mediaType string, v any) {
	body, _ := json.Marshal(v)
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}
