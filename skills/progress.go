// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
	orasremote "oras.land/oras-go/v2/registry/remote"

	"github.com/skillcask/skillcask/skills/internal/remote"
)

// transferProgress adds up what was and what will be copied. What is read again,
// since a request has to be repeated, counts once.
type transferProgress struct {
	report func(done, total int64) // nil: none

	mu          sync.Mutex
	done, total int64
	blobs       map[digest.Digest]*blobProgress // platforms share a layer
}

type blobProgress struct {
	expected bool // counted in total
	reached  int64
}

func newTransferProgress(report func(done, total int64)) *transferProgress {
	return &transferProgress{report: report, blobs: map[digest.Digest]*blobProgress{}}
}

// blob returns what is known of a blob. The caller holds the lock.
func (p *transferProgress) blob(desc ocispec.Descriptor) *blobProgress {
	blob := p.blobs[desc.Digest]
	if blob == nil {
		blob = new(blobProgress)
		p.blobs[desc.Digest] = blob
	}
	return blob
}

// expect adds what will be copied. Some of it may have been read already.
func (p *transferProgress) expect(descs ...ocispec.Descriptor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.done
	for _, desc := range descs {
		if blob := p.blob(desc); !blob.expected {
			blob.expected = true
			p.total += desc.Size
			p.done += blob.reached
		}
	}
	if p.done > before && p.report != nil {
		p.report(p.done, p.total)
	}
}

// reached says that the first n bytes of a blob were copied. A nil progress
// does not count.
func (p *transferProgress) reached(desc ocispec.Descriptor, n int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	blob := p.blob(desc)
	more := min(n, desc.Size) - blob.reached
	if more <= 0 {
		return
	}
	blob.reached += more
	if !blob.expected {
		return
	}
	p.done += more
	if p.report != nil {
		p.report(p.done, p.total)
	}
}

// watch returns a reader of r, which has the content of desc, that reports what
// is read. One that can be read again stays so.
func (p *transferProgress) watch(r io.ReadCloser, desc ocispec.Descriptor) io.ReadCloser {
	watched := &watchedReader{ReadCloser: r, progress: p, desc: desc}
	if at, ok := r.(io.ReaderAt); ok {
		return watchedReaderAt{watched, at}
	}
	return watched
}

// watchedReader reports how much was read.
type watchedReader struct {
	io.ReadCloser
	progress *transferProgress
	desc     ocispec.Descriptor
	read     int64
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.read += int64(n)
	w.progress.reached(w.desc, w.read)
	return n, w.failed(err)
}

// failed says of the error of a read what was read.
func (w *watchedReader) failed(err error) error {
	if err == nil || err == io.EOF || errors.As(err, new(*remote.SourceError)) {
		return err
	}
	return &remote.SourceError{Desc: w.desc, Err: err}
}

// watchedReaderAt can be read again, for a request that has to be repeated.
type watchedReaderAt struct {
	*watchedReader
	at io.ReaderAt
}

func (w watchedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.at.ReadAt(p, off)
	w.progress.reached(w.desc, off+int64(n))
	return n, w.failed(err)
}

// sendingStore is a repository that reports what is sent to it.
type sendingStore struct {
	*orasremote.Repository
	progress *transferProgress
}

// expect adds all that an artifact is made of.
func (s sendingStore) expect(a *built) {
	s.progress.expect(a.layer, a.index.Descriptor)
	for _, blobs := range [][]blob{a.configs, a.manifests} {
		for _, b := range blobs {
			s.progress.expect(b.Descriptor)
		}
	}
}

// Exists implements [content.ReadOnlyStorage]. What is there is not sent.
func (s sendingStore) Exists(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	exists, err := s.Repository.Exists(ctx, desc)
	if err == nil && exists {
		s.progress.reached(desc, desc.Size)
	}
	return exists, err
}

// Push implements [content.Pusher].
func (s sendingStore) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	return s.sent(desc, s.Repository.Push(ctx, desc, s.watch(r, desc)))
}

// PushReference implements [registry.ReferencePusher].
func (s sendingStore) PushReference(ctx context.Context, desc ocispec.Descriptor, r io.Reader, reference string) error {
	return s.sent(desc, s.Repository.PushReference(ctx, desc, s.watch(r, desc), reference))
}

func (s sendingStore) watch(r io.Reader, desc ocispec.Descriptor) io.Reader {
	rc, ok := r.(io.ReadCloser)
	if !ok {
		rc = io.NopCloser(r)
	}
	return s.progress.watch(rc, desc)
}

// sent reports the end of a push.
func (s sendingStore) sent(desc ocispec.Descriptor, err error) error {
	if err == nil || errors.Is(err, errdef.ErrAlreadyExists) {
		s.progress.reached(desc, desc.Size)
	}
	return err
}
