// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	orasremote "oras.land/oras-go/v2/registry/remote"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/remote"
)

// transfer copies the skill below root from src to dst and then tags it.
func transfer(ctx context.Context, src content.ReadOnlyStorage, root ocispec.Descriptor, dst oras.Target, tag string, opts TransferOptions) error {
	if !oci.IsManifestType(root.MediaType) {
		return fmt.Errorf("%w: its media type is %q; a skill is an OCI image index or manifest", ErrNotSkill, root.MediaType)
	}
	ctx = oci.TaggedLater(ctx) // in the end, or already
	t := &transferred{
		src: src, dst: dst, root: root,
		limits:   opts.Limits.archive().WithDefaults(),
		progress: newTransferProgress(opts.Progress),
	}
	watched := watchedSource{src, t, t.progress}
	if repository, ok := dst.(*orasremote.Repository); ok { // what it takes counts, not what is read for it
		dst, watched.progress = sendingStore{repository, t.progress}, nil
	}
	options := oras.DefaultCopyGraphOptions
	options.MaxMetadataBytes = oci.MaxMetadataBytes
	options.FindSuccessors = t.successors
	options.PreCopy = t.beforeCopy
	options.OnCopySkipped = t.skipped
	t.progress.expect(root)
	err := t.checkNear(ctx)
	if err != nil {
		return err
	}
	if got, rerr := dst.Resolve(ctx, tag); rerr == nil && got.Digest == root.Digest {
		err = oras.CopyGraph(ctx, watched, dst, root, options)
	} else {
		_, err = oras.Copy(ctx, watched, root.Digest.String(), dst, tag, oras.CopyOptions{CopyGraphOptions: options})
	}
	for _, told := range []error{ErrCorrupt, ErrNotSkill, ErrTooManyFiles, ErrSkillTooLarge, ErrInvalidSkillFile} {
		if errors.Is(err, told) {
			return err
		}
	}
	return classify(err)
}

// transferred is a skill that is being copied. What lies near, in a source or a
// destination that is no registry, is read and checked before anything is
// copied. Of what comes from a registry the index, the manifests and the
// configurations are, and the layer as it passes, or where it lies if it does
// not pass, since the destination has it. The root is not copied or tagged
// before all of that.
type transferred struct {
	src      content.ReadOnlyStorage
	dst      oras.Target
	root     ocispec.Descriptor
	limits   reproducible.Limits
	progress *transferProgress

	artifact atomic.Pointer[artifact] // once it is read
	checked  atomic.Bool              // the layer is what it should be
}

// checkNear checks the artifact if the source is near, or if the destination is
// and has it.
func (t *transferred) checkNear(ctx context.Context) error {
	if !isRegistry(t.src) {
		a, err := t.open(ctx, t.src)
		if err != nil {
			return err
		}
		t.artifact.Store(a)
		return t.check(ctx, a, t.src)
	}
	if isRegistry(t.dst) {
		return nil
	}
	if exists, err := t.dst.Exists(ctx, t.root); err != nil || !exists {
		return err
	}
	return t.checkThere(ctx)
}

// checkThere checks the artifact that the destination has.
func (t *transferred) checkThere(ctx context.Context) error {
	a, err := t.open(ctx, t.dst)
	if err != nil {
		return err
	}
	return t.check(ctx, a, t.dst)
}

// open reads the artifact's metadata.
func (t *transferred) open(ctx context.Context, src content.Fetcher) (*artifact, error) {
	a := &artifact{src: src, root: t.root}
	if err := a.read(ctx); err != nil {
		return nil, err
	}
	for _, v := range a.platforms {
		if err := v.checkLimits(t.limits); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// check reads the layer that src has.
func (t *transferred) check(ctx context.Context, a *artifact, src content.Fetcher) error {
	held := *a
	held.src = src
	return t.note(held.readLayer(ctx, held.platforms[0], t.limits, nil, discardEntry))
}

// successors returns what desc refers to.
func (t *transferred) successors(ctx context.Context, fetcher content.Fetcher, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
	if !oci.IsManifestType(desc.MediaType) {
		return nil, nil
	}
	a := t.artifact.Load()
	if a == nil { // desc is the root: all others come after it
		var err error
		if a, err = t.open(ctx, fetcher); err != nil {
			return nil, err
		}
		t.artifact.Store(a)
	}
	var children []ocispec.Descriptor
	if desc.MediaType == ocispec.MediaTypeImageIndex {
		children = slices.Clone(a.manifests)
	} else {
		for _, v := range a.platforms {
			if v.desc.Digest == desc.Digest {
				children = []ocispec.Descriptor{v.manifest.Layers[0], v.manifest.Config}
			}
		}
	}
	t.progress.expect(children...)
	return children, nil
}

// beforeCopy keeps the root back until the layer was checked.
func (t *transferred) beforeCopy(ctx context.Context, desc ocispec.Descriptor) error {
	if desc.Digest != t.root.Digest || t.checked.Load() || isRegistry(t.dst) {
		return nil
	}
	return t.check(ctx, t.artifact.Load(), t.dst)
}

// skipped is called for content that the destination has, with all that it refers to. The
// root others may have brought since checkNear.
func (t *transferred) skipped(ctx context.Context, desc ocispec.Descriptor) error {
	t.progress.reached(desc, desc.Size)
	if desc.Digest == t.root.Digest && !t.checked.Load() && !isRegistry(t.dst) {
		return t.checkThere(ctx)
	}
	return nil
}

// isRegistry reports whether what a store has must be fetched from afar.
func isRegistry(store any) bool {
	_, ok := store.(*orasremote.Repository)
	return ok
}

// discardEntry reads a file of a layer that is only checked.
func discardEntry(_ reproducible.Entry, content io.Reader) error {
	_, err := io.Copy(io.Discard, content)
	return err
}

// watchedSource is a source whose root is known. It reports what is read, and
// checks a layer that was not checked before.
type watchedSource struct {
	content.ReadOnlyStorage
	t        *transferred
	progress *transferProgress // nil if what is read does not count
}

func (w watchedSource) Resolve(context.Context, string) (ocispec.Descriptor, error) {
	return w.t.root, nil
}

func (w watchedSource) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	r, err := oci.Fetch(ctx, w.ReadOnlyStorage, desc)
	if err != nil {
		return nil, &remote.SourceError{Desc: desc, Err: err}
	}
	return w.t.checkPassing(ctx, desc, w.progress.watch(r, desc)), nil
}

// note keeps the verdict on the layer.
func (t *transferred) note(err error) error {
	if err == nil {
		t.checked.Store(true)
	}
	return err
}

// checkPassing returns a reader of r that checks the layer as it passes.
func (t *transferred) checkPassing(ctx context.Context, desc ocispec.Descriptor, r io.ReadCloser) io.ReadCloser {
	a := t.artifact.Load()
	if a == nil || t.checked.Load() || !content.Equal(desc, a.platforms[0].manifest.Layers[0]) {
		return r
	}
	out, in := io.Pipe()
	p := &passingLayer{ReadCloser: r, desc: desc, left: desc.Size, pipe: in, verdict: make(chan error, 1)}
	go func() {
		err := t.note(a.readLayerFrom(ctx, a.platforms[0], out, t.limits, discardEntry))
		out.CloseWithError(err) // nothing is to wait for it
		p.verdict <- err
	}()
	return p
}

// errLayerCut ends the check of a layer that was not read to its end. The reader of the
// layer gets the cause.
var errLayerCut = errors.New("the layer was not read to its end")

// passingLayer hands out a layer's bytes while a goroutine decompresses and checks them.
// A fault ends the reading at once, and of a layer that is wrong as a whole the last
// bytes are withheld. The goroutine ends at the latest in Close.
type passingLayer struct {
	io.ReadCloser
	desc    ocispec.Descriptor
	left    int64
	pipe    *io.PipeWriter // nil once the check has ended
	verdict chan error
	err     error // the verdict
}

func (p *passingLayer) Read(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.ReadCloser.Read(b)
	if p.pipe == nil {
		return n, err
	}
	if n > 0 {
		if _, werr := p.pipe.Write(b[:n]); werr != nil {
			p.end(werr)
			return 0, p.err
		}
		p.left -= int64(n)
	}
	switch {
	case p.left <= 0:
		if p.end(nil); p.err != nil {
			return 0, p.err
		}
	case err != nil: // what is missing is not what is wrong
		p.end(errLayerCut)
		p.err = nil
	}
	return n, err
}

// end ends the check, with an error if not all bytes have come.
func (p *passingLayer) end(err error) {
	p.pipe.CloseWithError(err)
	p.pipe = nil
	if verdict := <-p.verdict; verdict != nil {
		err = &remote.SourceError{Desc: p.desc, Err: verdict}
	}
	p.err = err
}

func (p *passingLayer) Close() error {
	if p.pipe != nil {
		p.end(errLayerCut)
	}
	return p.ReadCloser.Close()
}
