// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/registrytest"
)

func (l *layouts) GetManifest(_ context.Context, repo string, dgst digest.Digest) (registrytest.Manifest, error) {
	r, state, err := l.lookupState(repo)
	if err != nil {
		return registrytest.Manifest{}, err
	}
	if r == nil {
		return registrytest.Manifest{}, unknown(fs.ErrNotExist, registrytest.ErrManifestUnknown, repo, dgst)
	}
	known, ok := state.manifests[dgst]
	if !ok {
		return registrytest.Manifest{}, unknown(fs.ErrNotExist, registrytest.ErrManifestUnknown, repo, dgst)
	}
	m, err := r.readManifest(dgst, known.desc.MediaType)
	return m, unknown(err, registrytest.ErrManifestUnknown, repo, dgst)
}

// readManifest reads the file of a manifest. A damaged one counts as absent.
func (r *repository) readManifest(dgst digest.Digest, mediaType string) (registrytest.Manifest, error) {
	f, size, err := r.openContent(dgst)
	if err != nil {
		return registrytest.Manifest{}, err
	}
	defer f.Close()
	content := make([]byte, size)
	if _, err := io.ReadFull(f, content); err != nil {
		return registrytest.Manifest{}, err
	}
	m := registrytest.Manifest{MediaType: mediaType, Digest: dgst, Content: content}
	if verify(m) != nil {
		return registrytest.Manifest{}, fmt.Errorf("%w: the file is damaged", fs.ErrNotExist)
	}
	return m, nil
}

// verify returns [registrytest.ErrDigestInvalid] unless the digest is that of the
// content.
func verify(m registrytest.Manifest) error {
	if m.Digest.Algorithm().FromBytes(m.Content) != m.Digest {
		return fmt.Errorf("%w: the manifest is not %s", registrytest.ErrDigestInvalid, m.Digest)
	}
	return nil
}

func (l *layouts) PutManifest(ctx context.Context, repo string, m registrytest.Manifest, tags ...string) error {
	if err := verify(m); err != nil {
		return err
	}
	r, err := l.repo(ctx, repo)
	if err != nil {
		return err
	}
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	intact := r.holds(m)
	switch {
	case intact && r.state.Load().has(m, tags):
		return nil
	case intact: // perhaps another has put it there just now
		err = l.sync(path.Dir(r.blobPath(m.Digest)))
	default:
		_, err = l.replace(r.blobPath(m.Digest), m.Content)
	}
	if err != nil {
		return err
	}
	return r.update(func(s *state) { s.put(m, tags) })
}

// holds reports whether a manifest's file is there and intact.
func (r *repository) holds(m registrytest.Manifest) bool {
	if r.size(m.Digest) != int64(len(m.Content)) {
		return false
	}
	_, err := r.readManifest(m.Digest, m.MediaType)
	return err == nil
}

func (l *layouts) DeleteManifest(ctx context.Context, repo string, dgst digest.Digest) error {
	r, err := l.lookup(repo)
	if err != nil {
		return err
	}
	if r == nil {
		return unknown(fs.ErrNotExist, registrytest.ErrManifestUnknown, repo, dgst)
	}
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	// A listed manifest is there, whatever has become of its file. One that is not
	// listed is there if its file is: another store may have removed it.
	known, ok := r.state.Load().manifests[dgst]
	if !ok || !known.listed && !r.isThere(dgst) {
		return unknown(fs.ErrNotExist, registrytest.ErrManifestUnknown, repo, dgst)
	}
	// Index first: killed in between, the content stays as a blob.
	if err := r.update(func(s *state) { s.drop(dgst, r.isThere) }); err != nil {
		return err
	}
	return l.removeIfThere(r.blobPath(dgst))
}
