// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// Media types of Docker's, which say the same as those of OCI
// (image-spec 1.1, "Compatibility Matrix").
const (
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// isManifest reports whether mediaType is of a manifest or an index.
func isManifest(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageManifest || mediaType == dockerManifest || isIndex(mediaType)
}

func isIndex(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageIndex || mediaType == dockerList
}

// node is a manifest or an index, and what it refers to.
type node struct {
	desc    ocispec.Descriptor
	parts   []ocispec.Descriptor // manifests, or layers and configuration
	subject digest.Digest        // what it is attached to, or empty
}

// readNode reads a manifest or an index. Another blob refers to nothing.
func (s *Store) readNode(ctx context.Context, desc ocispec.Descriptor) (node, error) {
	n := node{desc: oci.Plain(desc)}
	var subject *ocispec.Descriptor
	switch {
	case isIndex(desc.MediaType):
		index, err := oci.FetchJSON(ctx, s, desc, nil, oci.DecodeIndex)
		if err != nil {
			return n, err
		}
		n.parts, subject = index.Manifests, index.Subject
	case isManifest(desc.MediaType):
		manifest, err := oci.FetchJSON(ctx, s, desc, nil, oci.DecodeManifest)
		if err != nil {
			return n, err
		}
		n.parts, subject = append(manifest.Layers, manifest.Config), manifest.Subject
	}
	if subject != nil {
		n.subject = subject.Digest
	}
	return n, nil
}

// maxNodes bounds the manifests and indexes that are read in search of one.
const maxNodes = 10 * oci.MaxListed

// eachNode reads what index.json lists or leads to, as far as wanted says yes to
// its media type, each once, and calls visit with it, or with why it can't be read.
// It ends with the error of visit; errStop is none.
func (s *Store) eachNode(ctx context.Context, index *indexFile, wanted func(mediaType string) bool, visit func(node, error) error) error {
	seen := map[digest.Digest]bool{}
	var left []ocispec.Descriptor
	later := func(desc ocispec.Descriptor) {
		if wanted(desc.MediaType) && !seen[desc.Digest] {
			seen[desc.Digest] = true
			left = append(left, oci.Plain(desc))
		}
	}
	for _, entry := range index.entries {
		later(entry.desc)
	}
	for len(left) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(seen) > maxNodes {
			return fmt.Errorf("%w: %s: it leads to more than %d manifests", ErrFull, s.path, maxNodes)
		}
		n, err := s.readNode(ctx, left[0])
		left = left[1:]
		if err := visit(n, err); err != nil {
			if err == errStop {
				return nil
			}
			return err
		}
		if isIndex(n.desc.MediaType) {
			for _, part := range n.parts {
				later(part)
			}
		}
	}
	return nil
}

// errStop ends eachNode.
var errStop = errors.New("stop")

// indexOf returns the place of a digest among descriptors, or -1.
func indexOf(parts []ocispec.Descriptor, dgst digest.Digest) int {
	return slices.IndexFunc(parts, func(d ocispec.Descriptor) bool { return d.Digest == dgst })
}

// resolveChild looks for a digest among what the listed indexes lead to.
func (s *Store) resolveChild(ctx context.Context, index *indexFile, wanted digest.Digest) (found ocispec.Descriptor, err error) {
	err = s.eachNode(ctx, index, isIndex, func(n node, _ error) error { // others may be whole
		if i := indexOf(n.parts, wanted); i >= 0 {
			found = n.parts[i]
			return errStop
		}
		return nil
	})
	if err == nil && found.Digest == "" {
		err = errdef.ErrNotFound
	}
	return found, err
}

// isListed reports whether index.json lists a digest, or leads to it.
func (s *Store) isListed(ctx context.Context, dgst digest.Digest) (bool, error) {
	index, err := s.readIndex()
	if err != nil {
		return false, err
	}
	if index.find(dgst) >= 0 {
		return true, nil
	}
	_, err = s.resolveChild(ctx, index, dgst)
	if errors.Is(err, errdef.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Predecessors returns the manifests and indexes, of those that index.json lists or
// leads to, that refer to target: as a manifest, a layer, a configuration, or as the
// subject that they are attached to, as signatures are. They come in the order of
// index.json. What is absent or damaged refers to nothing. Errors are as of
// [Store.Tags], or those of files that can't be read.
func (s *Store) Predecessors(ctx context.Context, target ocispec.Descriptor) (list []ocispec.Descriptor, err error) {
	index, err := s.readIndex()
	if err != nil {
		return nil, err
	}
	err = s.eachNode(ctx, index, isManifest, func(n node, err error) error {
		if err != nil && !isDamage(err) {
			return err
		}
		if n.subject == target.Digest || indexOf(n.parts, target.Digest) >= 0 {
			list = append(list, n.desc)
		}
		return nil
	})
	return list, err
}

// isDamage reports whether content is absent or not what it should be, unlike
// content that can't be read now.
func isDamage(err error) bool {
	return errors.Is(err, errdef.ErrNotFound) || errors.Is(err, oci.ErrCorrupt) || errors.Is(err, oci.ErrNotSkill) || errors.Is(err, oci.ErrSkillTooLarge)
}
