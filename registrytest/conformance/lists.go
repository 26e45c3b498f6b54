// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

var listChecks = []suiteCheck{
	{"list of tags", "Listing Tags", func(s *suite) {
		content := s.image("tags", nil)
		tags := []string{"a", "B", "c1", "c10", "c2"}
		for _, i := range []int{4, 0, 1, 3, 2} { // in no order at all
			s.putImage(tags[i], content)
		}
		all := s.tags("")
		s.must(len(all) == 5, "%d tags of 5", len(all))
		ascii := slices.IsSorted(all)
		lexical := slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		s.must(ascii || lexical, "tags are in the order %q", all)
		for i, last := range all {
			s.must(slices.Equal(s.tags("?last="+last), all[i+1:]), "last=%s does not give the tags after it", last)
		}
		a := s.do(http.MethodGet, s.path("tags/list?n=0"), nil).is(http.StatusOK)
		s.must(len(a.tags()) == 0, "%s: n=0 gives %q", a.what, a.tags())
		s.must(a.header.Get("Link") == "", "%s: n=0 gives a Link", a.what)
	}},
	{"pages of tags", "Listing Tags", func(s *suite) {
		content := s.image("tags", nil)
		for _, i := range []int{3, 0, 4, 1, 2} {
			s.putImage(fmt.Sprintf("v%d", i), content)
		}
		var got []string
		target := s.path("tags/list?n=2")
		for pages := 0; target != "" && pages < 10; pages++ {
			a := s.do(http.MethodGet, target, nil).is(http.StatusOK)
			page := a.tags()
			target = a.next()
			s.must(len(page) <= 2, "%s: %d tags for n=2", a.what, len(page))
			s.must(len(page) == 2 || target != "" || len(got)+len(page) == 5, "%s: a short page without a Link", a.what)
			if target == "" && len(got)+len(page) < 5 && len(page) > 0 {
				target = s.path("tags/list?n=2&last=" + page[len(page)-1]) // a Link is a MAY
			}
			got = append(got, page...)
		}
		s.must(slices.Equal(got, []string{"v0", "v1", "v2", "v3", "v4"}), "the pages hold %q", got)
	}},
	{"tags of an absent repository", "Listing Tags", func(s *suite) {
		s.do(http.MethodGet, s.path("tags/list"), nil).is(http.StatusNotFound).code("NAME_UNKNOWN")
	}},
	{"no referrers", "Listing Referrers", func(s *suite) {
		s.pushBlob(randomBytes(9))
		s.must(len(s.referrers(digest.FromBytes(randomBytes(9)), "")) == 0, "there are referrers")
	}},
	{"referrers of a bad digest", "Listing Referrers", func(s *suite) {
		s.pushBlob(randomBytes(9))
		s.supportsReferrers(s.do(http.MethodGet, s.path("referrers/sha256:0123"), nil)).is(http.StatusBadRequest)
	}},
	{"referrers", "Listing Referrers", func(s *suite) {
		s.pushBlob(randomBytes(9))
		s.supportsReferrers(s.do(http.MethodGet, s.path("referrers/"+digest.FromBytes(randomBytes(9)).String()), nil))
		base := s.image("subject", nil)
		subject := describe(ocispec.MediaTypeImageManifest, base)
		refer := func(change func(*ocispec.Manifest)) digest.Digest {
			content := s.image("referrer", func(m *ocispec.Manifest) { m.Subject = &subject; change(m) })
			s.putImage(digest.FromBytes(content).String(), content).has("OCI-Subject", subject.Digest.String())
			return digest.FromBytes(content)
		}
		// The subject need not be there yet ("Push").
		typed := refer(func(m *ocispec.Manifest) {
			m.ArtifactType, m.Annotations = "application/vnd.example.a", map[string]string{"org.example.k": "v"}
		})
		config := s.pushBlob([]byte(`{"suite":1}`))
		untyped := refer(func(m *ocispec.Manifest) {
			m.ArtifactType = ""
			m.Config = ocispec.Descriptor{MediaType: "application/vnd.example.config", Digest: config, Size: 11}
		})
		s.putImage("subject", base)
		index, _ := json.Marshal(ocispec.Index{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
			Manifests: []ocispec.Descriptor{}, Subject: &subject,
		})
		s.put(digest.FromBytes(index).String(), ocispec.MediaTypeImageIndex, index).
			is(http.StatusCreated).has("OCI-Subject", subject.Digest.String())
		got := map[digest.Digest]ocispec.Descriptor{}
		for _, desc := range s.referrers(subject.Digest, "") {
			got[desc.Digest] = desc
		}
		s.must(len(got) == 3, "%d referrers of 3", len(got))
		s.must(got[typed].ArtifactType == "application/vnd.example.a", "artifactType is %q", got[typed].ArtifactType)
		s.must(got[typed].Annotations["org.example.k"] == "v", "the annotations are %v", got[typed].Annotations)
		s.must(got[untyped].ArtifactType == "application/vnd.example.config",
			"without artifactType it is %q, not the config's type", got[untyped].ArtifactType)
		s.must(got[digest.FromBytes(index)].ArtifactType == "", "the index has artifactType %q", got[digest.FromBytes(index)].ArtifactType)
		filtered := s.referrers(subject.Digest, "application/vnd.example.a")
		s.should(len(filtered) == 1 && filtered[0].Digest == typed, "the filter lets %d pass, not 1", len(filtered))
		a := s.do(http.MethodDelete, s.path("manifests/"+typed.String()), nil)
		if a.status == http.StatusAccepted {
			s.must(len(s.referrers(subject.Digest, "")) == 2, "a deleted referrer is still listed")
		}
	}},
}

// tags reads a list of tags with all its pages.
func (s *suite) tags(query string) (list []string) {
	target := s.path("tags/list" + query)
	for pages := 0; target != "" && pages < 10; pages++ {
		a := s.do(http.MethodGet, target, nil).is(http.StatusOK)
		list = append(list, a.tags()...)
		target = a.next()
	}
	return list
}

func (a *answer) tags() []string {
	var list struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	err := json.Unmarshal(a.body, &list)
	a.s.must(err == nil && list.Name == a.s.repo, "%s: %.100s is no list of tags", a.what, a.body)
	return list.Tags
}

// supportsReferrers ends the check of a registry that has no referrers API: it
// answers 404, and clients fall back ("Unavailable Referrers API"). The API is
// part of "Content Discovery", which registries SHOULD support.
func (s *suite) supportsReferrers(a *answer) *answer {
	if a.status == http.StatusNotFound {
		defer s.in("Requirements")()
		s.should(false, "%s: 404, there is no referrers API", a.what)
		panic(stopCheck{})
	}
	return a
}

// referrers reads a list of referrers with all its pages.
func (s *suite) referrers(subject digest.Digest, artifactType string) []ocispec.Descriptor {
	target := s.path("referrers/" + subject.String())
	if artifactType != "" {
		target += "?artifactType=" + url.QueryEscape(artifactType)
	}
	var list []ocispec.Descriptor
	for pages := 0; target != "" && pages < 10; pages++ {
		a := s.supportsReferrers(s.do(http.MethodGet, target, nil)).is(http.StatusOK).has("Content-Type", ocispec.MediaTypeImageIndex)
		var index ocispec.Index
		err := json.Unmarshal(a.body, &index)
		s.must(err == nil && index.MediaType == ocispec.MediaTypeImageIndex && index.SchemaVersion == 2,
			"%s: %.100s is no image index", a.what, a.body)
		if artifactType != "" && a.header.Get("OCI-Filters-Applied") != "artifactType" {
			s.should(false, "%s: the filter is not applied", a.what)
		}
		list = append(list, index.Manifests...)
		target = a.next()
	}
	return list
}

// next is where the Link header leads, or "".
func (a *answer) next() string {
	link := a.header.Get("Link")
	if link == "" {
		return ""
	}
	target, ok := parseNext(link)
	u, err := a.url.Parse(target)
	if !a.s.must(ok && err == nil, "%s: Link is %q", a.what, link) {
		return ""
	}
	return u.String()
}

// parseNext reads a Link of relation "next" (RFC 8288, section 3).
func parseNext(link string) (target string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(link), "<")
	if !ok {
		return "", false
	}
	target, params, ok := strings.Cut(rest, ">")
	if !ok {
		return "", false
	}
	for param := range strings.SplitSeq(params, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if strings.EqualFold(strings.TrimSpace(key), "rel") && strings.Trim(strings.TrimSpace(value), `"`) == "next" {
			return target, true
		}
	}
	return "", false
}
