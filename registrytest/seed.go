// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/grammar"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// PutBlob stores a blob, as a client would push it, but past authentication, faults,
// the record and the rules of [Options], which hold for none of the methods that store.
// The descriptor has the media type application/octet-stream.
// Errors: [ErrNameInvalid]; those of the store.
func (h *Handler) PutBlob(repo string, content []byte) (ocispec.Descriptor, error) {
	return h.putBlob(repo, manifest.BlobMediaType, content)
}

func (h *Handler) putBlob(repo, mediaType string, content []byte) (ocispec.Descriptor, error) {
	desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
	if err := checkName(repo); err != nil {
		return desc, err
	}
	defer h.guard.recount()
	ctx, store := context.Background(), h.opts.Store
	id, err := store.StartUpload(ctx, repo, desc.Digest.Algorithm())
	if err != nil {
		return desc, err
	}
	if _, err := store.AppendUpload(ctx, repo, id, 0, bytes.NewReader(content)); err != nil {
		_ = store.CancelUpload(ctx, repo, id)
		return desc, err
	}
	return desc, store.CommitUpload(ctx, repo, id, desc.Digest)
}

// PutManifest stores a manifest as it is, be it a valid one or not, and points the tag
// at it, if that is not empty.
// Errors: [ErrNameInvalid]; [ErrManifestInvalid] if the tag can't be one; those of the
// store.
func (h *Handler) PutManifest(repo, tag, mediaType string, content []byte) (ocispec.Descriptor, error) {
	m := Manifest{MediaType: mediaType, Digest: digest.FromBytes(content), Content: bytes.Clone(content)}
	var tags []string
	if tag != "" {
		tags = []string{tag}
	}
	return m.descriptor(), h.tagManifest(repo, m, tags)
}

// Tag points tags at a manifest that is there.
// Errors: [ErrNameInvalid]; [ErrManifestUnknown]; [ErrManifestInvalid] if a tag can't be
// one; those of the store.
func (h *Handler) Tag(repo string, dgst digest.Digest, tags ...string) error {
	m, err := h.opts.Store.GetManifest(context.Background(), repo, dgst)
	if err != nil {
		return err
	}
	return h.tagManifest(repo, m, tags)
}

func (h *Handler) tagManifest(repo string, m Manifest, tags []string) error {
	if err := checkName(repo); err != nil {
		return err
	}
	for _, tag := range tags {
		if !grammar.ValidTag(tag) {
			return errorf(ErrManifestInvalid, "%.140q is no tag", tag)
		}
	}
	defer h.guard.recount()
	return h.opts.Store.PutManifest(context.Background(), repo, m, tags...)
}

// PutImage stores an image for linux/amd64 with its config and layers, tar archives that
// may be compressed by gzip. Without any it has one with a file that says repo and tag,
// so that each is another image. The same arguments give the same digests.
// Errors: those of [Handler.PutManifest], and of gzip.
func (h *Handler) PutImage(repo, tag string, layers ...[]byte) (desc ocispec.Descriptor, err error) {
	if len(layers) == 0 {
		layers = [][]byte{tarOf("image", repo+":"+tag)}
	}
	config := ocispec.Image{Platform: ocispec.Platform{OS: "linux", Architecture: "amd64"}, RootFS: ocispec.RootFS{Type: "layers"}}
	image := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest}
	for _, content := range layers {
		mediaType, diffID := ocispec.MediaTypeImageLayer, digest.FromBytes(content)
		if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) { // RFC 1952, section 2.3.1
			mediaType = ocispec.MediaTypeImageLayerGzip
			if diffID, err = gunzipped(content); err != nil {
				return desc, err
			}
		}
		layer, err := h.putBlob(repo, mediaType, content)
		if err != nil {
			return desc, err
		}
		image.Layers = append(image.Layers, layer)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, diffID)
	}
	b, err := json.Marshal(config)
	if err != nil {
		return desc, err
	}
	if image.Config, err = h.putBlob(repo, ocispec.MediaTypeImageConfig, b); err != nil {
		return desc, err
	}
	return h.putJSON(repo, tag, image.MediaType, image)
}

// PutIndex stores an index of manifests that are in repo, or may be absent, with the
// platforms that their descriptors have.
// Errors: those of [Handler.PutManifest].
func (h *Handler) PutIndex(repo, tag string, manifests ...ocispec.Descriptor) (ocispec.Descriptor, error) {
	return h.putJSON(repo, tag, ocispec.MediaTypeImageIndex, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Manifests: append([]ocispec.Descriptor{}, manifests...),
	})
}

// Referrer stores an artifact of one blob with that type and subject, which may be
// absent, and returns the descriptor that the referrers list has of it. Where
// [Options.NoReferrers] is set it goes into the index of the fallback tag as well, as
// clients do it ("Unavailable Referrers API").
// Errors: those of [Handler.PutManifest]; [ErrDigestInvalid] of the subject.
func (h *Handler) Referrer(repo string, subject ocispec.Descriptor, artifactType string, content []byte) (desc ocispec.Descriptor, err error) {
	if _, err := parseDigest(subject.Digest.String()); err != nil {
		return desc, err
	}
	layer, err := h.PutBlob(repo, content)
	if err != nil {
		return desc, err
	}
	config, err := h.putBlob(repo, ocispec.MediaTypeEmptyJSON, ocispec.DescriptorEmptyJSON.Data)
	if err != nil {
		return desc, err
	}
	desc, err = h.putJSON(repo, "", ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: artifactType, Config: config, Layers: []ocispec.Descriptor{layer},
		Subject: &ocispec.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size},
	})
	if desc.ArtifactType = artifactType; artifactType == "" {
		desc.ArtifactType = config.MediaType
	}
	if err != nil || !h.opts.NoReferrers {
		return desc, err
	}
	list, err := h.opts.Store.ListReferrers(context.Background(), repo, subject.Digest)
	if err != nil {
		return desc, err
	}
	algorithm, encoded := subject.Digest.Algorithm().String(), subject.Digest.Encoded()
	_, err = h.PutIndex(repo, algorithm+"-"+encoded[:min(len(encoded), 64)], list...)
	return desc, err
}

func (h *Handler) putJSON(repo, tag, mediaType string, v any) (ocispec.Descriptor, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return h.PutManifest(repo, tag, mediaType, b)
}

// Count returns how many requests of an operation are in the record.
func (h *Handler) Count(op Operation) (n int) {
	for _, r := range h.Requests() {
		if r.Operation == op {
			n++
		}
	}
	return n
}

// recount has the content counted anew, which was changed past the rules.
func (g *guard) recount() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.used = -1
}

// tarOf is an archive of one file.
func tarOf(name, content string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b) // writing to memory can't fail
	_ = w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))})
	_, _ = io.WriteString(w, content)
	_ = w.Close()
	return b.Bytes()
}

// gunzipped is the digest of what was compressed.
func gunzipped(content []byte) (digest.Digest, error) {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return "", err
	}
	return digest.FromReader(r)
}

// PutBlob is [Handler.PutBlob]. As with the methods that follow, an error fails the test
// of [New]; where there is none it panics.
func (s *Server) PutBlob(repo string, content []byte) ocispec.Descriptor {
	s.t.Helper()
	return s.must(s.Handler.PutBlob(repo, content))
}

// PutManifest is [Handler.PutManifest].
func (s *Server) PutManifest(repo, tag, mediaType string, content []byte) ocispec.Descriptor {
	s.t.Helper()
	return s.must(s.Handler.PutManifest(repo, tag, mediaType, content))
}

// PutImage is [Handler.PutImage].
func (s *Server) PutImage(repo, tag string, layers ...[]byte) ocispec.Descriptor {
	s.t.Helper()
	return s.must(s.Handler.PutImage(repo, tag, layers...))
}

// PutIndex is [Handler.PutIndex].
func (s *Server) PutIndex(repo, tag string, manifests ...ocispec.Descriptor) ocispec.Descriptor {
	s.t.Helper()
	return s.must(s.Handler.PutIndex(repo, tag, manifests...))
}

// Referrer is [Handler.Referrer].
func (s *Server) Referrer(repo string, subject ocispec.Descriptor, artifactType string, content []byte) ocispec.Descriptor {
	s.t.Helper()
	return s.must(s.Handler.Referrer(repo, subject, artifactType, content))
}

// Tag is [Handler.Tag].
func (s *Server) Tag(repo string, dgst digest.Digest, tags ...string) {
	s.t.Helper()
	s.must(ocispec.Descriptor{}, s.Handler.Tag(repo, dgst, tags...))
}

func (s *Server) must(desc ocispec.Descriptor, err error) ocispec.Descriptor {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(fmt.Errorf("registrytest: %w", err))
	}
	return desc
}

// failer is what seeding needs of a test.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// noTest is where there is none.
type noTest struct{}

func (noTest) Helper()           {}
func (noTest) Fatal(args ...any) { panic(fmt.Sprint(args...)) }
