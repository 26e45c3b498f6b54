// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// image makes a manifest whose config is in the check's repository. The text
// makes it differ from all others.
func (s *suite) image(text string, change func(*ocispec.Manifest)) []byte {
	s.pushBlob(ocispec.DescriptorEmptyJSON.Data)
	config := ocispec.DescriptorEmptyJSON
	config.Data = nil
	m := ocispec.Manifest{
		Versioned:    specs.Versioned{SchemaVersion: 2},
		MediaType:    ocispec.MediaTypeImageManifest,
		ArtifactType: "application/vnd.example.suite",
		Config:       config,
		Layers:       []ocispec.Descriptor{config},
		Annotations:  map[string]string{"org.example.text": text},
	}
	if change != nil {
		change(&m)
	}
	b, _ := json.Marshal(m)
	return b
}

func describe(mediaType string, content []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
}

// put pushes a manifest by tag or digest.
func (s *suite) put(ref, mediaType string, content []byte) *answer {
	return s.do(http.MethodPut, s.path("manifests/"+ref), content, "Content-Type", mediaType)
}

// returns notes a finding if the answer to a push by digest names another
// ("Pushing Manifests"; the header may be missing).
func (a *answer) returns(dgst digest.Digest) {
	got := a.header.Get(headerDigest)
	a.s.must(got == "" || got == dgst.String(), "%s: %s is %q, not %q", a.what, headerDigest, got, dgst)
}

func (s *suite) putImage(ref string, content []byte) *answer {
	return s.put(ref, ocispec.MediaTypeImageManifest, content).is(http.StatusCreated)
}

// readManifestBack pulls a manifest in both ways.
func (s *suite) readManifestBack(ref, mediaType string, content []byte) {
	target := s.path("manifests/" + ref)
	s.do(http.MethodHead, target, nil, "Accept", mediaType).is(http.StatusOK).describes(content)
	a := s.do(http.MethodGet, target, nil, "Accept", mediaType).is(http.StatusOK).describes(content).holds(content)
	got := a.header.Get("Content-Type")
	s.should(got == mediaType, "%s: Content-Type is %q, not %q", a.what, got, mediaType)
}

var manifestChecks = []suiteCheck{
	{"manifest by tag and digest", "Pushing Manifests", func(s *suite) {
		content := s.image("tag", nil)
		dgst := digest.FromBytes(content)
		a := s.putImage("v1", content).describes(content)
		s.do(http.MethodGet, a.location(), nil, "Accept", ocispec.MediaTypeImageManifest).is(http.StatusOK).holds(content)
		s.readManifestBack("v1", ocispec.MediaTypeImageManifest, content)
		s.readManifestBack(dgst.String(), ocispec.MediaTypeImageManifest, content)
		content = s.image("digest", nil)
		dgst = digest.FromBytes(content)
		s.putImage(dgst.String(), content).returns(dgst)
		s.readManifestBack(dgst.String(), ocispec.MediaTypeImageManifest, content)
	}},
	{"manifest kept byte by byte", "Pushing Manifests", func(s *suite) {
		content := []byte(" \n" + strings.Replace(string(s.image("bytes", nil)), `,"`, ",\r\n\t\"", 3) + "\n\n")
		s.putImage("odd", content)
		s.readManifestBack("odd", ocispec.MediaTypeImageManifest, content)
	}},
	{"Content-Type with parameters", "Pushing Manifests", func(s *suite) {
		content := s.image("parameters", nil)
		a := s.put("v1", ocispec.MediaTypeImageManifest+"; charset=utf-8", content)
		a.isShould(http.StatusCreated)
		if a.status == http.StatusCreated {
			got := s.do(http.MethodGet, s.path("manifests/v1"), nil, "Accept", ocispec.MediaTypeImageManifest).is(http.StatusOK)
			s.should(got.header.Get("Content-Type") == ocispec.MediaTypeImageManifest,
				"%s: Content-Type %q has parameters", got.what, got.header.Get("Content-Type"))
		}
	}},
	{"sha512 manifest", "Pushing Manifests", func(s *suite) {
		content := s.image("sha512", nil)
		dgst := digest.SHA512.FromBytes(content)
		// To know sha512 is a MAY (image specification, "Digests").
		a := s.put(dgst.String(), ocispec.MediaTypeImageManifest, content).is(http.StatusCreated, http.StatusBadRequest)
		if a.status != http.StatusCreated {
			return
		}
		a.returns(dgst)
		s.readManifestBack(dgst.String(), ocispec.MediaTypeImageManifest, content)
	}},
	{"tag moved", "Pushing Manifests", func(s *suite) {
		for _, text := range []string{"one", "two"} {
			content := s.image(text, nil)
			s.putImage("v1", content)
			s.readManifestBack("v1", ocispec.MediaTypeImageManifest, content)
		}
	}},
	{"manifest with the wrong digest", "Pushing Manifests", func(s *suite) {
		content := s.image("wrong", nil)
		dgst := digest.FromString("another")
		s.put(dgst.String(), ocispec.MediaTypeImageManifest, content).refused(http.StatusBadRequest).code("DIGEST_INVALID")
		s.do(http.MethodHead, s.path("manifests/"+dgst.String()), nil).is(http.StatusNotFound)
	}},
	{"manifest that is no JSON", "Pushing Manifests", func(s *suite) {
		s.put("v1", ocispec.MediaTypeImageManifest, []byte("{not json")).isShould(http.StatusBadRequest).code("MANIFEST_INVALID")
	}},
	{"absent manifest", "Pulling manifests", func(s *suite) {
		target := s.path("manifests/" + digest.FromBytes(randomBytes(9)).String())
		s.do(http.MethodGet, s.path("manifests/absent"), nil).is(http.StatusNotFound)
		s.putImage("v1", s.image("present", nil))
		s.do(http.MethodGet, target, nil).is(http.StatusNotFound).code("MANIFEST_UNKNOWN")
		s.do(http.MethodHead, target, nil).is(http.StatusNotFound)
		s.do(http.MethodGet, s.path("manifests/absent"), nil).is(http.StatusNotFound).code("MANIFEST_UNKNOWN")
	}},
	{"bad tag", "Pulling manifests", func(s *suite) {
		content := s.image("tag", nil)
		for _, bad := range []string{"-a", ".a", strings.Repeat("a", 129), "a%20b", "a+b"} {
			a := s.put(bad, ocispec.MediaTypeImageManifest, content)
			s.must(a.status >= 400 && a.status < 500, "%s: %d for a tag that does not match the grammar", a.what, a.status)
		}
	}},
	{"manifest of 4 megabytes", "Pushing Manifests", func(s *suite) {
		content := s.image(strings.Repeat("x", s.large-2000), nil)
		a := s.put("large", ocispec.MediaTypeImageManifest, content)
		a.isShould(http.StatusCreated)
		if a.status == http.StatusCreated {
			s.do(http.MethodGet, s.path("manifests/large"), nil, "Accept", ocispec.MediaTypeImageManifest).is(http.StatusOK).holds(content)
		}
	}},
	{"manifest of absent content", "Push", func(s *suite) {
		blob := randomBytes(9)
		layer := describe(octetStream, blob)
		content := s.image("sparse", func(m *ocispec.Manifest) { m.Layers = []ocispec.Descriptor{layer} })
		a := s.put("sparse", ocispec.MediaTypeImageManifest, content)
		if a.status == http.StatusCreated {
			return
		}
		s.pushBlob(blob)
		s.putImage("sparse", content) // that was the reason
		s.must(a.status >= 400 && a.status < 500 && strings.Contains(string(a.body), "MANIFEST_BLOB_UNKNOWN"),
			"%s: %d %.100s, not MANIFEST_BLOB_UNKNOWN", a.what, a.status, a.body)
	}},
	{"index", "Pushing Manifests", func(s *suite) {
		child := s.image("child", nil)
		s.putImage(digest.FromBytes(child).String(), child)
		content, _ := json.Marshal(ocispec.Index{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
			Manifests: []ocispec.Descriptor{describe(ocispec.MediaTypeImageManifest, child)},
		})
		s.put("index", ocispec.MediaTypeImageIndex, content).is(http.StatusCreated)
		s.readManifestBack("index", ocispec.MediaTypeImageIndex, content)
	}},
	{"tags as parameters", "Pushing Manifests", func(s *suite) {
		content := s.image("parameters", nil)
		a := s.putImage(digest.FromBytes(content).String()+"?tag=one&tag=two", content)
		accepted := strings.Join(a.header.Values("OCI-Tag"), ",")
		for tag := range strings.SplitSeq(accepted, ",") {
			if tag = strings.TrimSpace(tag); tag != "" {
				s.readManifestBack(tag, ocispec.MediaTypeImageManifest, content)
			}
		}
	}},
	{"tag deleted", "Deleting tags", func(s *suite) {
		content := s.image("delete", nil)
		s.putImage("v1", content)
		s.putImage("v2", content)
		a := s.do(http.MethodDelete, s.path("manifests/v1"), nil).is(http.StatusAccepted, http.StatusBadRequest, http.StatusMethodNotAllowed)
		if a.status == http.StatusAccepted {
			s.do(http.MethodGet, s.path("manifests/v1"), nil).is(http.StatusNotFound)
			s.readManifestBack("v2", ocispec.MediaTypeImageManifest, content)
		}
	}},
	{"manifest deleted", "Deleting Manifests", func(s *suite) {
		content := s.image("delete", nil)
		target := s.path("manifests/" + digest.FromBytes(content).String())
		s.putImage("v1", content)
		a := s.do(http.MethodDelete, target, nil).is(http.StatusAccepted, http.StatusBadRequest, http.StatusMethodNotAllowed)
		if a.status == http.StatusAccepted {
			s.do(http.MethodGet, target, nil).is(http.StatusNotFound)
			s.do(http.MethodGet, s.path("manifests/v1"), nil).is(http.StatusNotFound)
		}
		s.do(http.MethodDelete, "/v2/"+s.repo+"-absent/manifests/"+digest.FromBytes(content).String(), nil).
			is(http.StatusNotFound, http.StatusBadRequest, http.StatusMethodNotAllowed)
	}},
}
