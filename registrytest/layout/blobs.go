// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

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

	"github.com/skillcask/skillcask/registrytest"
)

// openContent opens a file of content. One that is not regular counts as absent.
func (r *repository) openContent(dgst digest.Digest) (*os.File, int64, error) {
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

// size is that of a file of content, or -1 if there is none.
func (r *repository) size(dgst digest.Digest) int64 {
	info, err := r.l.root.Stat(r.blobPath(dgst))
	if err != nil || !info.Mode().IsRegular() {
		return -1
	}
	return info.Size()
}

func unknown(err error, code registrytest.ErrorCode, repo string, dgst digest.Digest) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s is not in %s", code, dgst, repo)
	}
	return err
}

func (l *layouts) OpenBlob(_ context.Context, repo string, dgst digest.Digest) (io.ReadSeekCloser, int64, error) {
	r, err := l.lookup(repo)
	if err != nil {
		return nil, 0, err
	}
	f, size, err := r.openContent(dgst)
	if err != nil {
		return nil, 0, unknown(err, registrytest.ErrBlobUnknown, repo, dgst)
	}
	return f, size, nil
}

// MountBlob links the file. Where the file system can't, the blob is as good as
// unknown, and the client uploads it. If a file is there already with another size,
// one of the two is damaged.
func (l *layouts) MountBlob(ctx context.Context, repo, from string, dgst digest.Digest) error {
	source, err := l.findContent(from, dgst)
	if err != nil {
		return err
	}
	if source == nil {
		return unknown(fs.ErrNotExist, registrytest.ErrBlobUnknown, from, dgst)
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
		if !source.isIntact(dgst) {
			return unknown(fs.ErrNotExist, registrytest.ErrBlobUnknown, from, dgst)
		}
		if err := l.removeIfThere(r.blobPath(dgst)); err != nil {
			return err
		}
	}
	err = l.root.Link(source.blobPath(dgst), r.blobPath(dgst))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %v", registrytest.ErrBlobUnknown, err)
	}
	return l.sync(path.Dir(r.blobPath(dgst)))
}

func (r *repository) isThere(dgst digest.Digest) bool { return r.size(dgst) >= 0 }

// isIntact reports whether content has its digest.
func (r *repository) isIntact(dgst digest.Digest) bool {
	f, _, err := r.openContent(dgst)
	if err != nil {
		return false
	}
	defer f.Close()
	got, err := dgst.Algorithm().FromReader(f)
	return err == nil && got == dgst
}

// findContent returns the repository, or any if from is empty, that has it.
func (l *layouts) findContent(from string, dgst digest.Digest) (*repository, error) {
	names := []string{from}
	if from == "" {
		l.mu.RLock()
		names = slices.Sorted(maps.Keys(l.repos))
		l.mu.RUnlock()
	}
	for _, name := range names {
		r, err := l.lookup(name)
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

func (l *layouts) DeleteBlob(ctx context.Context, repo string, dgst digest.Digest) error {
	r, err := l.lookup(repo)
	if err != nil {
		return err
	}
	if r == nil {
		return unknown(fs.ErrNotExist, registrytest.ErrBlobUnknown, repo, dgst)
	}
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := r.state.Load().manifests[dgst]; ok {
		return fmt.Errorf("%w: %s is a manifest; delete it as one", registrytest.ErrUnsupported, dgst)
	}
	return unknown(l.remove(r.blobPath(dgst)), registrytest.ErrBlobUnknown, repo, dgst)
}
