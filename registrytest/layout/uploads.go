// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/registrytest"
)

// upload is an upload in a file. It is used under the lock of its session.
type upload struct {
	path     string
	size     int64
	digester digest.Digester
	broken   error // writing failed: file and digester differ
}

func (l *layouts) StartUpload(_ context.Context, repo string, a digest.Algorithm) (string, error) {
	if _, err := l.findDir(repo); err != nil {
		return "", err
	}
	f, name, err := l.temporary()
	if err != nil {
		return "", err
	}
	return l.uploads.Start(repo, &upload{path: name, digester: a.Digester()}), f.Close()
}

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

func (l *layouts) AppendUpload(ctx context.Context, repo, id string, offset int64, r io.Reader) (int64, error) {
	s, err := l.uploads.Lock(ctx, repo, id)
	if err != nil {
		return 0, err
	}
	defer l.uploads.Unlock(s)
	u := s.State
	if u.broken != nil {
		return u.size, u.broken
	}
	if offset >= 0 && offset != u.size {
		return u.size, fmt.Errorf("%w: offset %d, but %d bytes are here", registrytest.ErrBlobUploadInvalid, offset, u.size)
	}
	f, err := l.root.OpenFile(u.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return u.size, err
	}
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	w, before := &uploadWriter{f, u}, u.size
	_, err = io.CopyBuffer(w, s.Reader(r), *buf)
	err = errors.Join(err, f.Close())
	if errors.Is(err, registrytest.ErrSizeInvalid) {
		s.TakeBack(u.size - before)
		err = errors.Join(err, l.cut(u, before))
	}
	return u.size, err
}

// cut removes what is behind the first size bytes.
func (l *layouts) cut(u *upload, size int64) (err error) {
	defer func() { u.broken = errors.Join(u.broken, err) }()
	f, err := l.root.OpenFile(u.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil {
		return err
	}
	u.size, u.digester = size, u.digester.Digest().Algorithm().Digester()
	_, err = io.Copy(u.digester.Hash(), f)
	return err
}

// uploadWriter writes to an upload's file and keeps count.
type uploadWriter struct {
	f *os.File
	u *upload
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

func (l *layouts) UploadSize(_ context.Context, repo, id string) (int64, error) {
	return l.uploads.Size(repo, id)
}

func (l *layouts) CommitUpload(ctx context.Context, repo, id string, dgst digest.Digest) (err error) {
	u, err := l.uploads.End(ctx, repo, id)
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
		return errors.Join(fmt.Errorf("%w: the content is %s, not %s", registrytest.ErrDigestInvalid, got, dgst), f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	r, err := l.repo(ctx, repo)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return l.publish(u.path, r.blobPath(dgst))
}

func (l *layouts) CancelUpload(_ context.Context, repo, id string) error {
	return l.uploads.Cancel(repo, id)
}
