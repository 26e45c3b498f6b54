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

	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

// openContent opens a file of a layout. What is no regular file is absent.
func (r *layoutRepo) openContent(dgst digest.Digest) (*os.File, int64, error) {
	if r == nil {
		return nil, 0, fs.ErrNotExist
	}
	f, info, err := r.l.openRegular(r.blobPath(dgst))
	if errors.Is(err, errNotRegular) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// size is that of a file of a layout, or -1 if there is none.
func (r *layoutRepo) size(dgst digest.Digest) int64 {
	info, err := r.l.root.Stat(r.blobPath(dgst))
	if err != nil || !info.Mode().IsRegular() {
		return -1
	}
	return info.Size()
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
// unknown, and the client uploads it. What is there already and has another size
// is damaged, unless the other is.
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
	if _, err := l.root.Lstat(r.blobPath(dgst)); err == nil && r.size(dgst) != source.size(dgst) {
		if !source.isWhole(dgst) {
			return unknown(fs.ErrNotExist, ErrBlobUnknown, from, dgst)
		}
		if err := l.removeIfThere(r.blobPath(dgst)); err != nil {
			return err
		}
	}
	err = l.root.Link(source.blobPath(dgst), r.blobPath(dgst))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return errorf(ErrBlobUnknown, "%v", err)
	}
	return l.sync(path.Dir(r.blobPath(dgst)))
}

func (r *layoutRepo) isThere(dgst digest.Digest) bool { return r.size(dgst) >= 0 }

// isWhole tells whether content is what its digest says.
func (r *layoutRepo) isWhole(dgst digest.Digest) bool {
	f, _, err := r.openContent(dgst)
	if err != nil {
		return false
	}
	defer f.Close()
	got, err := dgst.Algorithm().FromReader(f)
	return err == nil && got == dgst
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
	known, ok := state.manifests[dgst]
	if !ok {
		return Manifest{}, unknown(fs.ErrNotExist, ErrManifestUnknown, repo, dgst)
	}
	m, err := r.readManifest(dgst, known.desc.MediaType)
	return m, unknown(err, ErrManifestUnknown, repo, dgst)
}

// readManifest reads the file of a manifest. One that is damaged is absent.
func (r *layoutRepo) readManifest(dgst digest.Digest, mediaType string) (Manifest, error) {
	f, size, err := r.openContent(dgst)
	if err != nil {
		return Manifest{}, err
	}
	defer f.Close()
	content, err := readAll(f, size)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{MediaType: mediaType, Digest: dgst, Content: content}
	if m.verify() != nil {
		return Manifest{}, fmt.Errorf("%w: the file is damaged", fs.ErrNotExist)
	}
	return m, nil
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
	return r.update(func(s *layoutState) { s.put(m, tags) })
}

// holds tells whether a manifest's file is there and whole.
func (r *layoutRepo) holds(m Manifest) bool {
	if r.size(m.Digest) != int64(len(m.Content)) {
		return false
	}
	_, err := r.readManifest(m.Digest, m.MediaType)
	return err == nil
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
	// What index.json lists is there, whatever has become of its file. Of the
	// others the file tells: another store may have removed them.
	known, ok := r.state.Load().manifests[dgst]
	if !ok || !known.listed && !r.isThere(dgst) {
		return unknown(fs.ErrNotExist, ErrManifestUnknown, repo, dgst)
	}
	// Index first: killed in between, the content stays as a blob.
	if err := r.update(func(s *layoutState) { s.drop(dgst, r.isThere) }); err != nil {
		return err
	}
	return l.removeIfThere(r.blobPath(dgst))
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
	return r.update(func(s *layoutState) {
		s.index.untag(tag, "")
		delete(s.tags, tag)
	})
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
	r, state, err := l.lookState(repo)
	if state == nil || err != nil {
		return nil, err
	}
	return slices.DeleteFunc(state.referrers.List(subject), func(d ocispec.Descriptor) bool {
		// What index.json does not list, another store removes without a trace there.
		return !state.manifests[d.Digest].listed && !r.isThere(d.Digest)
	}), nil
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
		entries, err := l.readDir(path.Join(r.dir, ocispec.ImageBlobsDir, a.String()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			dgst := digest.NewDigestFromEncoded(a, e.Name())
			info, err := e.Info()
			if err != nil || !e.Type().IsRegular() || dgst.Validate() != nil {
				continue // gone meanwhile, or not ours
			}
			desc := ocispec.Descriptor{MediaType: manifest.BlobMediaType, Digest: dgst, Size: info.Size()}
			if m, ok := manifests[dgst]; ok {
				desc.MediaType = m.desc.MediaType
			}
			list = append(list, desc)
		}
	}
	manifest.SortByDigest(list)
	return list, nil
}
