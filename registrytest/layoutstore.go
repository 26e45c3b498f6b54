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
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// layoutUpload is an upload in a file. It is locked by uploads.
type layoutUpload struct {
	path     string
	size     int64
	digester digest.Digester
	broken   error // writing failed: file and digester differ
}

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
	f, size, err := l.look(repo).openContent(dgst)
	if err != nil {
		return nil, 0, unknown(err, ErrBlobUnknown, repo, dgst)
	}
	return f, size, nil
}

// MountBlob links the file. Where the file system can't, the blob is as good as
// unknown, and the client uploads it.
func (l *layout) MountBlob(_ context.Context, repo, from string, dgst digest.Digest) error {
	source := l.findContent(from, dgst)
	if source == nil {
		return unknown(fs.ErrNotExist, ErrBlobUnknown, from, dgst)
	}
	r, err := l.repo(repo)
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
func (l *layout) findContent(from string, dgst digest.Digest) *layoutRepo {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for name, r := range l.repos {
		if from != "" && from != name {
			continue
		}
		if info, err := l.root.Lstat(r.blobPath(dgst)); err == nil && info.Mode().IsRegular() {
			return r
		}
	}
	return nil
}

func (l *layout) DeleteBlob(_ context.Context, repo string, dgst digest.Digest) error {
	r := l.look(repo)
	if r == nil {
		return unknown(fs.ErrNotExist, ErrBlobUnknown, repo, dgst)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.state.Load().manifests[dgst]; ok {
		return errorf(ErrUnsupported, "%s is a manifest; delete it as one", dgst)
	}
	return unknown(l.remove(r.blobPath(dgst)), ErrBlobUnknown, repo, dgst)
}

func (l *layout) StartUpload(_ context.Context, repo string, a digest.Algorithm) (string, error) {
	if _, err := l.repoDir(repo); err != nil {
		return "", err
	}
	f, name, err := l.temporary()
	if err != nil {
		return "", err
	}
	return l.uploads.start(repo, &layoutUpload{path: name, digester: a.Digester()}), f.Close()
}

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

func (l *layout) AppendUpload(ctx context.Context, repo, id string, offset int64, r io.Reader) (int64, error) {
	s, err := l.uploads.lock(ctx, repo, id)
	if err != nil {
		return 0, err
	}
	defer l.uploads.unlock(s)
	u := s.state
	if u.broken != nil {
		return u.size, u.broken
	}
	if offset >= 0 && offset != u.size {
		return u.size, fmt.Errorf("%w: offset %d, but %d bytes are here", ErrBlobUploadInvalid, offset, u.size)
	}
	f, err := l.root.OpenFile(u.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return u.size, err
	}
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	w := &uploadWriter{f, u}
	_, err = io.CopyBuffer(w, s.reader(r), *buf)
	return u.size, errors.Join(err, f.Close())
}

// uploadWriter writes to an upload's file and keeps count.
type uploadWriter struct {
	f *os.File
	u *layoutUpload
}

func (w *uploadWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.u.digester.Hash().Write(p[:n])
	w.u.size += int64(n)
	if err != nil {
		w.u.broken = err
	}
	return n, err
}

func (l *layout) UploadSize(_ context.Context, repo, id string) (int64, error) {
	return l.uploads.size(repo, id)
}

func (l *layout) CommitUpload(ctx context.Context, repo, id string, dgst digest.Digest) (err error) {
	u, err := l.uploads.end(ctx, repo, id)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = l.root.Remove(u.path)
		}
	}()
	if u.broken != nil {
		return u.broken
	}
	f, err := l.root.OpenFile(u.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	got := u.digester.Digest()
	if got.Algorithm() != dgst.Algorithm() {
		if got, err = dgst.Algorithm().FromReader(f); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if got != dgst {
		return errors.Join(fmt.Errorf("%w: the content is %s, not %s", ErrDigestInvalid, got, dgst), f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	r, err := l.repo(repo)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return l.publish(u.path, r.blobPath(dgst))
}

func (l *layout) CancelUpload(_ context.Context, repo, id string) error {
	return l.uploads.cancel(repo, id)
}

func (l *layout) GetManifest(_ context.Context, repo string, dgst digest.Digest) (Manifest, error) {
	r := l.look(repo)
	if r == nil {
		return Manifest{}, unknown(fs.ErrNotExist, ErrManifestUnknown, repo, dgst)
	}
	desc, ok := r.state.Load().manifests[dgst]
	if !ok {
		return Manifest{}, unknown(fs.ErrNotExist, ErrManifestUnknown, repo, dgst)
	}
	content, err := l.root.ReadFile(r.blobPath(dgst))
	if err != nil {
		return Manifest{}, unknown(err, ErrManifestUnknown, repo, dgst)
	}
	return Manifest{MediaType: desc.MediaType, Digest: dgst, Content: content}, nil
}

func (l *layout) PutManifest(_ context.Context, repo string, m Manifest, tags ...string) error {
	if err := m.verify(); err != nil {
		return err
	}
	r, err := l.repo(repo)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.Load().has(m, tags) {
		return nil
	}
	f, _, err := r.openContent(m.Digest)
	if err == nil {
		err = f.Close()
	} else {
		err = l.replace(r.blobPath(m.Digest), m.Content)
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
	r := l.look(repo)
	if r == nil {
		return unknown(fs.ErrNotExist, ErrManifestUnknown, repo, dgst)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := l.GetManifest(ctx, repo, dgst)
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
	if r := l.look(repo); r != nil {
		if dgst, ok := r.state.Load().tags[tag]; ok {
			return dgst, nil
		}
	}
	return "", fmt.Errorf("%w: %s has no tag %s", ErrManifestUnknown, repo, tag)
}

func (l *layout) DeleteTag(ctx context.Context, repo, tag string) error {
	r := l.look(repo)
	if r == nil {
		return fmt.Errorf("%w: %s has no tag %s", ErrManifestUnknown, repo, tag)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := l.ResolveTag(ctx, repo, tag); err != nil {
		return err
	}
	return r.update(func(s *layoutState) { delete(s.tags, tag) })
}

func (l *layout) ListTags(_ context.Context, repo string) ([]string, error) {
	r := l.look(repo)
	if r == nil {
		return nil, fmt.Errorf("%w: %s", ErrNameUnknown, repo)
	}
	return slices.Sorted(maps.Keys(r.state.Load().tags)), nil
}

func (l *layout) ListReferrers(_ context.Context, repo string, subject digest.Digest) ([]ocispec.Descriptor, error) {
	if r := l.look(repo); r != nil {
		return r.state.Load().referrers.list(subject), nil
	}
	return nil, nil
}

func (l *layout) ListRepositories(context.Context) ([]string, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Sorted(maps.Keys(l.repos)), nil
}

func (l *layout) ListContent(_ context.Context, repo string) ([]ocispec.Descriptor, error) {
	r := l.look(repo)
	if r == nil {
		return nil, fmt.Errorf("%w: %s", ErrNameUnknown, repo)
	}
	manifests := r.state.Load().manifests
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
