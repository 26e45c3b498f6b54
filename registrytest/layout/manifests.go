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
	r, state, err := l.lookState(repo)
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

// readManifest reads the file of a manifest. One that is damaged is absent.
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
	whole := r.holds(m)
	switch {
	case whole && r.state.Load().has(m, tags):
		return nil
	case whole: // perhaps another has put it there just now
		err = l.sync(path.Dir(r.blobPath(m.Digest)))
	default:
		_, err = l.replace(r.blobPath(m.Digest), m.Content)
	}
	if err != nil {
		return err
	}
	return r.update(func(s *state) { s.put(m, tags) })
}

// holds tells whether a manifest's file is there and whole.
func (r *repository) holds(m registrytest.Manifest) bool {
	if r.size(m.Digest) != int64(len(m.Content)) {
		return false
	}
	_, err := r.readManifest(m.Digest, m.MediaType)
	return err == nil
}

func (l *layouts) DeleteManifest(ctx context.Context, repo string, dgst digest.Digest) error {
	r, err := l.look(repo)
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
	// What index.json lists is there, whatever has become of its file. Of the
	// others the file tells: another store may have removed them.
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
