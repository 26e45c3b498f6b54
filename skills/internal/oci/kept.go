// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
)

// maxAhead bounds the documents that are fetched side by side.
const maxAhead = 8

// Kept fetches from a registry for one operation: each manifest, index and
// configuration once, however often it is asked for, and what was begun ahead. It
// keeps no more than MaxArtifactMetadataBytes.
type Kept struct {
	src content.Fetcher

	mu        sync.Mutex
	documents map[digest.Digest]*keptDocument
	bytes     int64
	ahead     map[digest.Digest]*aheadFetch
}

type keptDocument struct {
	ready chan struct{} // closed once data and err are there
	data  []byte
	err   error
}

type aheadFetch struct {
	cancel context.CancelFunc
	ready  chan struct{}
	body   io.ReadCloser
	err    error
}

// NewKept returns a Kept that fetches from src. [Kept.Close] ends what it began.
func NewKept(src content.Fetcher) *Kept {
	return &Kept{src: src, documents: map[digest.Digest]*keptDocument{}, ahead: map[digest.Digest]*aheadFetch{}}
}

// Fetch implements [content.Fetcher].
func (k *Kept) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	k.mu.Lock()
	begun := k.ahead[desc.Digest]
	delete(k.ahead, desc.Digest)
	k.mu.Unlock()
	if begun != nil {
		select {
		case <-begun.ready:
		case <-ctx.Done():
			begun.end()
			return nil, ctx.Err()
		}
		if begun.err != nil {
			begun.cancel()
			return nil, begun.err
		}
		return aheadBody{begun.body, begun.cancel}, nil
	}
	document, first := k.document(desc)
	if document == nil {
		return Fetch(ctx, k.src, desc)
	}
	if first {
		document.data, document.err = fetchAll(ctx, k.src, desc)
		close(document.ready)
	}
	select {
	case <-document.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if document.err != nil {
		return nil, document.err
	}
	return io.NopCloser(bytes.NewReader(document.data)), nil
}

// document returns that of desc, or nil if it is none to be kept. It is the
// caller's to fetch if he is the first.
func (k *Kept) document(desc ocispec.Descriptor) (document *keptDocument, first bool) {
	if !IsManifestType(desc.MediaType) && desc.MediaType != ocispec.MediaTypeImageConfig {
		return nil, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if known := k.documents[desc.Digest]; known != nil {
		return known, false
	}
	if CheckDescriptor(desc) != nil || desc.Size > MaxMetadataBytes || k.bytes+desc.Size > MaxArtifactMetadataBytes {
		return nil, false
	}
	k.bytes += desc.Size
	document = &keptDocument{ready: make(chan struct{})}
	k.documents[desc.Digest] = document
	return document, true
}

// KeepFrom has body as the content of desc. One that is too long to be kept, or breaks
// off, is fetched when it is asked for. The error is for one that does not match.
func (k *Kept) KeepFrom(desc ocispec.Descriptor, body io.Reader) error {
	if CheckDescriptor(desc) != nil || desc.Size > MaxMetadataBytes {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(body, desc.Size+1))
	if err != nil || int64(len(data)) < desc.Size {
		return nil
	}
	if int64(len(data)) > desc.Size || desc.Digest.Algorithm().FromBytes(data) != desc.Digest {
		return fmt.Errorf("%s %s: %w: its content does not match its digest; %s", desc.MediaType, desc.Digest, ErrCorrupt, GetAgain)
	}
	if document, first := k.document(desc); first {
		document.data = data
		close(document.ready)
	}
	return nil
}

// All fetches documents side by side, so that each is there when it is asked for.
func (k *Kept) All(ctx context.Context, descs []ocispec.Descriptor) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, maxAhead)
	for _, desc := range descs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if rc, err := k.Fetch(ctx, desc); err == nil { // an error is kept too
				rc.Close()
			}
		})
	}
	wg.Wait()
}

// Begin asks for content that will be fetched soon, and does not wait for it.
func (k *Kept) Begin(ctx context.Context, desc ocispec.Descriptor) {
	if CheckDescriptor(desc) != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ahead[desc.Digest] != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	begun := &aheadFetch{cancel: cancel, ready: make(chan struct{})}
	k.ahead[desc.Digest] = begun
	go func() {
		defer close(begun.ready)
		begun.body, begun.err = Fetch(ctx, k.src, desc)
	}()
}

// Close ends what was begun and not fetched.
func (k *Kept) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, begun := range k.ahead {
		begun.end()
	}
	clear(k.ahead)
}

// end waits for the answer, which comes soon once the request is cancelled.
func (a *aheadFetch) end() {
	a.cancel()
	<-a.ready
	if a.body != nil {
		a.body.Close()
	}
}

// aheadBody is the body of a request that was begun ahead.
type aheadBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b aheadBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
