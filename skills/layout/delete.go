// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"

	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/oci"
)

// Delete removes a manifest or an index with all its tags, the content it references
// and the manifests attached to it, such as signatures. Content that another manifest
// references stays, and so does a manifest with a tag of its own. Delete also removes
// a blob that no manifest references.
//
// index.json is changed first, so a process that is killed in between leaves only
// unreferenced blobs, which do no harm. A concurrent push of the same content may
// find it gone when it is to be listed: its error wraps [errdef.ErrNotFound], and
// nothing incomplete is listed.
//
// Errors wrap [errdef.ErrNotFound] for content that does not exist, [ErrInUse] for
// content that a manifest references, are those of [Store.Tag], or those of another
// manifest that can't be read and may reference the same content.
func (s *Store) Delete(ctx context.Context, target ocispec.Descriptor) error {
	path, err := s.blobPath(target)
	if err != nil {
		return err
	}
	notThere := fmt.Errorf("%s in OCI layout %s: %w", target.Digest, s.path, errdef.ErrNotFound)
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		return notThere
	}
	return s.locked(ctx, func(index *indexFile) error {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && index.find(target.Digest) < 0 {
			return notThere
		}
		doomed, err := s.doomed(ctx, index, target)
		if err != nil {
			return err
		}
		if err := s.checkOwn(doomed); err != nil {
			return err
		}
		if index.drop(doomed) {
			if err := s.writeIndex(ctx, index, true); err != nil {
				return err
			}
		}
		return s.removeBlobs(doomed)
	})
}

// doomed returns what goes with target, in an order in which what refers to
// another comes first.
func (s *Store) doomed(ctx context.Context, index *indexFile, target ocispec.Descriptor) ([]digest.Digest, error) {
	graph, err := s.readGraph(ctx, index, target.Digest)
	if err != nil {
		return nil, err
	}
	if parents := graph.parents[target.Digest]; len(parents) > 0 {
		return nil, fmt.Errorf("%s is part of %s: %w; delete that first", target.Digest, parents[0], ErrInUse)
	}
	doomed := map[digest.Digest]bool{target.Digest: true}
	lives := func(dgst digest.Digest) bool { return !doomed[dgst] }
	order := []digest.Digest{target.Digest}
	for i := 0; i < len(order); i++ { // more come
		for _, dgst := range graph.attached[order[i]] {
			if lives(dgst) && !index.isTagged(dgst) && !slices.ContainsFunc(graph.parents[dgst], lives) {
				doomed[dgst], order = true, append(order, dgst)
			}
		}
		for _, dgst := range graph.parts[order[i]] {
			// What is listed goes with an index of it, and with nothing that claims
			// it for a layer.
			kept := index.isNoted(dgst) || index.find(dgst) >= 0 && !graph.indexes[order[i]]
			if lives(dgst) && !kept && !slices.ContainsFunc(graph.parents[dgst], lives) {
				doomed[dgst], order = true, append(order, dgst)
			}
		}
	}
	return order, nil
}

// graph has the manifests and indexes of a layout.
type graph struct {
	indexes  map[digest.Digest]bool
	parts    map[digest.Digest][]digest.Digest // what a node is made of
	parents  map[digest.Digest][]digest.Digest // the nodes that are made of it
	attached map[digest.Digest][]digest.Digest // the nodes whose subject it is
}

// maxParts bounds the parts of all nodes together, which are in memory.
const maxParts = 20 * oci.MaxListed

// readGraph reads all that index.json lists or leads to. What is absent is made of
// nothing; what is damaged may be made of anything, unless it is what goes.
func (s *Store) readGraph(ctx context.Context, index *indexFile, goes digest.Digest) (*graph, error) {
	g := &graph{
		indexes:  map[digest.Digest]bool{},
		parts:    map[digest.Digest][]digest.Digest{},
		parents:  map[digest.Digest][]digest.Digest{},
		attached: map[digest.Digest][]digest.Digest{},
	}
	total := 0
	return g, s.eachNode(ctx, index, isManifest, func(n node, err error) error {
		self := n.desc.Digest
		if err != nil && !errors.Is(err, errdef.ErrNotFound) && self != goes {
			return fmt.Errorf("what it is made of is not known: %w; push it again, or delete it first", err)
		}
		if total += len(n.parts); total > maxParts {
			return fmt.Errorf("%w: %s: its manifests are made of more than %d parts", ErrFull, s.path, maxParts)
		}
		for _, part := range n.parts {
			g.parts[self] = append(g.parts[self], part.Digest)
			g.parents[part.Digest] = append(g.parents[part.Digest], self)
		}
		if isIndex(n.desc.MediaType) {
			g.indexes[self] = true
		}
		if n.subject != "" {
			g.attached[n.subject] = append(g.attached[n.subject], self)
		}
		return nil
	})
}

// removeBlobs removes files, and syncs the directories that they were in.
func (s *Store) removeBlobs(list []digest.Digest) error {
	dirs := map[string]bool{}
	for _, dgst := range list {
		path, err := s.blobPath(ocispec.Descriptor{Digest: dgst})
		if err != nil {
			continue // no file can have that name
		}
		s.whole.Delete(dgst)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		dirs[filepath.Dir(path)] = true
	}
	for dir := range dirs {
		if err := atomicfile.SyncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// checkOwn refuses to remove blobs from a directory that is elsewhere: others may
// use it too.
func (s *Store) checkOwn(list []digest.Digest) error {
	blobs := filepath.Join(s.path, ocispec.ImageBlobsDir)
	dirs := map[string]bool{blobs: true}
	for _, dgst := range list {
		if dgst.Validate() == nil {
			dirs[filepath.Join(blobs, dgst.Algorithm().String())] = true
		}
	}
	for dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
			return fmt.Errorf("%s is a link; delete the content where it is", dir)
		}
	}
	return nil
}
