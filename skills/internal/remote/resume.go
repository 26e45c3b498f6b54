// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// maxBreaks is how often in succession a download may break off without a byte in
// between before it is given up.
const maxBreaks = 3

// Source reads a repository. A download that breaks off is resumed.
type Source struct{ *remote.Repository }

// Fetch implements [content.Fetcher].
func (s Source) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	d := &download{ctx: ctx, repo: s.Repository, desc: desc}
	if err := d.open(); err != nil {
		return nil, err
	}
	return d, nil
}

// download is content that is on its way. It goes on where it broke off, with a
// request for the rest ("Pulling blobs", Range) or, of a registry that answers with
// everything, by passing over what has come.
type download struct {
	ctx    context.Context
	repo   *remote.Repository
	desc   ocispec.Descriptor
	body   io.ReadCloser
	got    int64 // bytes
	breaks int   // since the last byte
}

func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		if d.got += int64(n); n > 0 {
			d.breaks = 0
		}
		if err == nil || err == io.EOF || !errors.Is(err, ErrInterrupted) || d.got >= d.desc.Size {
			return n, err
		}
		if n > 0 {
			return n, nil // the break comes again
		}
		d.body.Close()
		d.body = http.NoBody
		if !d.again() {
			return 0, err
		}
		if err := d.open(); err != nil {
			d.body = http.NoBody
			return 0, err
		}
	}
}

func (d *download) Close() error { return d.body.Close() }

// again reports whether to try once more, after a pause.
func (d *download) again() bool {
	d.breaks++
	return d.breaks <= maxBreaks && pauseOf(d.repo)(d.ctx, d.breaks) == nil
}

// open asks for what has not come yet.
func (d *download) open() error {
	for {
		body, err := d.request()
		if err == nil {
			d.body = body
			return nil
		}
		if !errors.Is(err, ErrInterrupted) || d.ctx.Err() != nil || !d.again() {
			return err
		}
	}
}

func (d *download) request() (io.ReadCloser, error) {
	if d.got == 0 {
		return oci.Fetch(d.ctx, d.repo, d.desc)
	}
	if oci.IsManifestType(d.desc.MediaType) {
		body, err := oci.Fetch(d.ctx, d.repo, d.desc)
		if err != nil {
			return nil, err
		}
		return d.passOver(body)
	}
	ref := d.repo.Reference
	ref.Reference = d.desc.Digest.String()
	ctx := auth.AppendRepositoryScope(d.ctx, ref, auth.ActionPull)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, blobURL(d.repo, ref), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", d.got, d.desc.Size-1))
	response, err := d.repo.Client.Do(request)
	if err != nil {
		return nil, err
	}
	switch {
	case response.StatusCode == http.StatusOK:
		return d.passOver(response.Body)
	case response.StatusCode == http.StatusPartialContent && strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", d.got)):
		return response.Body, nil
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusPartialContent {
		return nil, fmt.Errorf("%w: asked for %s from byte %d, %s answered with %q", oci.ErrCorrupt, d.desc.Digest, d.got, d.repo.Reference.Registry, response.Header.Get("Content-Range"))
	}
	return nil, readAnswer(response)
}

// passOver drops what has come before.
func (d *download) passOver(body io.ReadCloser) (io.ReadCloser, error) {
	if n, err := io.CopyN(io.Discard, body, d.got); err != nil {
		body.Close()
		if err == io.EOF {
			return nil, fmt.Errorf("%w: %s had more than %d bytes, and has %d now", oci.ErrCorrupt, d.desc.Digest, d.got, n)
		}
		return nil, err
	}
	return body, nil
}

// blobURL returns that of the blob whose digest is the reference of ref.
func blobURL(repo *remote.Repository, ref registry.Reference) string {
	scheme := "https"
	if repo.PlainHTTP {
		scheme = "http"
	}
	return fmt.Sprintf("%s://%s/v2/%s/blobs/%s", scheme, ref.Host(), ref.Repository, ref.Reference)
}

// pauseOf returns what waits between attempts of a repository's client.
func pauseOf(repo *remote.Repository) func(ctx context.Context, attempt int) error {
	if c, ok := repo.Client.(client); ok && c.pause != nil {
		return c.pause
	}
	return pause
}

// pause waits for 100 milliseconds, then 200, and so on.
func pause(ctx context.Context, attempt int) error {
	select {
	case <-time.After(100 * time.Millisecond << (attempt - 1)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
