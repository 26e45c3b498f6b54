// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// openContent opens a file of a layout.
func (r *layoutRepo) openContent(dgst digest.Digest) (*os.File, int64, error) {
	if r == nil {
		return nil, 0, fs.ErrNotExist
	}
	f, err := r.l.root.Open(r.blobPath(dgst))
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func unknown(err error, code ErrorCode, repo string, dgst digest.Digest) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s is not in %s", code, dgst, repo)
	}
	return err
}

func (l *layout) OpenBlob(_ context.Context, repo string, dgst digest.Digest) (io.ReadSeekCloser, int64, error) {
	r, err := l.look(repo)
	if err != nil {
		return nil, 0, err
	}
	f, size, err := r.openContent(dgst)
	if err != nil {
		return nil, 0, unknown(err, ErrBlobUnknown, repo, dgst)
	}
	return f, size, nil
}

// MountBlob links the file. Where the file system can't, the blob is as good as
// unknown, and the client uploads it.
func (l *layout) MountBlob(ctx context.Context, repo, from string, dgst digest.Digest) error {
	source, err := l.findContent(from, dgst)
	if err != nil {
		return err
	}
	if source == nil {
		return unknown(fs.ErrNotExist, ErrBlobUnknown, from, dgst)
	}
	r, err := l.repo(ctx, repo)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := l.mkdirAll(path.Dir(r.blobPath(dgst))); err != nil {
		return err
	}
	err = l.root.Link(source.blobPath(dgst), r.blobPath(dgst))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return errorf(ErrBlobUnknown, "%v", err)
	}
	return l.sync(path.Dir(r.blobPath(dgst)))
}

// findContent returns the repository, or any if from is empty, that has it.
func (l *layout) findContent(from string, dgst digest.Digest) (*layoutRepo, error) {
	names := []string{from}
	if from == "" {
		l.mu.RLock()
		names = slices.Sorted(maps.Keys(l.repos))
		l.mu.RUnlock()
	}
	for _, name := range names {
		r, err := l.look(name)
		if err != nil {
			return nil, err
		}
		if r == nil {
			continue
		}
		if info, err := l.root.Lstat(r.blobPath(dgst)); err == nil && info.Mode().IsRegular() {
			return r, nil
		}
	}
	return nil, nil
}

func (l *layout) DeleteBlob(ctx context.Context, repo string, dgst digest.Digest) error {
	r, err := l.look(repo)
	if err != nil {
		return err
	}
	if r == nil {
		return unknown(fs.ErrNotExist, ErrBlobUnknown, repo, dgst)
	}
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := r.state.Load().manifests[dgst]; ok {
		return errorf(ErrUnsupported, "%s is a manifest; delete it as one", dgst)
	}
	return unknown(l.remove(r.blobPath(dgst)), ErrBlobUnknown, repo, dgst)
}

func (l *layout) GetManifest(_ context.Context, repo string, dgst digest.Digest) (Manifest, error) {
	r, state, err := l.lookState(repo)
	if err != nil {
		return Manifest{}, err
	}
	if r == nil {
		return Manifest{}, unknown(fs.ErrNotExist, ErrManifestUnknown, repo, dgst)
	}
	return r.manifest(state, dgst)
}

func (r *layoutRepo) manifest(state *layoutState, dgst digest.Digest) (Manifest, error) {
	desc, ok := state.manifests[dgst]
	if !ok {
		return Manifest{}, unknown(fs.ErrNotExist, ErrManifestUnknown, r.name, dgst)
	}
	content, err := r.l.root.ReadFile(r.blobPath(dgst))
	if err != nil {
		return Manifest{}, unknown(err, ErrManifestUnknown, r.name, dgst)
	}
	return Manifest{MediaType: desc.MediaType, Digest: dgst, Content: content}, nil
}

func (l *layout) PutManifest(ctx context.Context, repo string, m Manifest, tags ...string) error {
	if err := m.verify(); err != nil {
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
	if r.state.Load().has(m, tags) {
		return nil
	}
	f, _, err := r.openContent(m.Digest)
	if err == nil {
		err = f.Close()
	} else {
		_, err = l.replace(r.blobPath(m.Digest), m.Content)
	}
	if err != nil {
		return err
	}
	return r.update(func(s *layoutState) { s.put(m, tags) })
}

// has tells whether put would change nothing.
func (s *layoutState) has(m Manifest, tags []string) bool {
	desc, ok := s.manifests[m.Digest]
	return ok && desc.MediaType == m.MediaType &&
		!slices.ContainsFunc(tags, func(tag string) bool { return s.tags[tag] != m.Digest })
}

func (s *layoutState) put(m Manifest, tags []string) {
	desc := ocispec.Descriptor{MediaType: m.MediaType, Digest: m.Digest, Size: int64(len(m.Content))}
	if old, ok := s.manifests[m.Digest]; ok {
		s.referrers.remove(Manifest{MediaType: old.MediaType, Digest: m.Digest, Content: m.Content})
		desc = old
		desc.MediaType = m.MediaType
	}
	s.manifests[m.Digest] = desc
	s.referrers.add(m)
	for _, tag := range tags {
		s.tags[tag] = m.Digest
	}
}

func (l *layout) DeleteManifest(ctx context.Context, repo string, dgst digest.Digest) error {
	r, err := l.look(repo)
	if err != nil {
		return err
	}
	if r == nil {
		return unknown(fs.ErrNotExist, ErrManifestUnknown, repo, dgst)
	}
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	m, err := r.manifest(r.state.Load(), dgst)
	if err != nil {
		return err
	}
	// Index first: killed in between, the content stays as a blob.
	err = r.update(func(s *layoutState) {
		delete(s.manifests, dgst)
		s.referrers.remove(m)
		maps.DeleteFunc(s.tags, func(_ string, d digest.Digest) bool { return d == dgst })
		s.foreign = slices.DeleteFunc(s.foreign, func(d ocispec.Descriptor) bool { return d.Digest == dgst })
	})
	if err != nil {
		return err
	}
	return l.remove(r.blobPath(dgst))
}

func (l *layout) ResolveTag(_ context.Context, repo, tag string) (digest.Digest, error) {
	_, state, err := l.lookState(repo)
	if err != nil {
		return "", err
	}
	if state != nil {
		if dgst, ok := state.tags[tag]; ok {
			return dgst, nil
		}
	}
	return "", unknownTag(repo, tag)
}

func unknownTag(repo, tag string) error {
	return fmt.Errorf("%w: %s has no tag %s", ErrManifestUnknown, repo, tag)
}

func (l *layout) DeleteTag(ctx context.Context, repo, tag string) error {
	r, err := l.look(repo)
	if err != nil {
		return err
	}
	if r == nil {
		return unknownTag(repo, tag)
	}
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := r.state.Load().tags[tag]; !ok {
		return unknownTag(repo, tag)
	}
	return r.update(func(s *layoutState) { delete(s.tags, tag) })
}

func (l *layout) ListTags(_ context.Context, repo string) ([]string, error) {
	_, state, err := l.lookState(repo)
	if err != nil {
		return nil, err
	}
	if state == nil {
		return nil, fmt.Errorf("%w: %s", ErrNameUnknown, repo)
	}
	return slices.Sorted(maps.Keys(state.tags)), nil
}

func (l *layout) ListReferrers(_ context.Context, repo string, subject digest.Digest) ([]ocispec.Descriptor, error) {
	_, state, err := l.lookState(repo)
	if state == nil || err != nil {
		return nil, err
	}
	return state.referrers.list(subject), nil
}

func (l *layout) ListRepositories(context.Context) ([]string, error) {
	if l.single == "" {
		err := l.walk(func(name, _ string) error {
			_, err := l.look(name)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Sorted(maps.Keys(l.repos)), nil
}

func (l *layout) ListContent(_ context.Context, repo string) ([]ocispec.Descriptor, error) {
	r, state, err := l.lookState(repo)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fmt.Errorf("%w: %s", ErrNameUnknown, repo)
	}
	manifests := state.manifests
	var list []ocispec.Descriptor
	for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA512} {
		entries, err := fs.ReadDir(l.root.FS(), path.Join(r.dir, ocispec.ImageBlobsDir, a.String()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			dgst := digest.NewDigestFromEncoded(a, e.Name())
			info, err := e.Info()
			if err != nil || !e.Type().IsRegular() || dgst.Validate() != nil {
				continue // gone meanwhile, or not ours
			}
			desc := ocispec.Descriptor{MediaType: octetStream, Digest: dgst, Size: info.Size()}
			if m, ok := manifests[dgst]; ok {
				desc.MediaType = m.MediaType
			}
			list = append(list, desc)
		}
	}
	sortByDigest(list)
	return list, nil
}
