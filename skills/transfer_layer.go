// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"io"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/skills/internal/remote"
)

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
	if a == nil || t.checked.Load() || !content.Equal(desc, a.variants[0].manifest.Layers[0]) {
		return r
	}
	out, in := io.Pipe()
	p := &passingLayer{ReadCloser: r, desc: desc, left: desc.Size, pipe: in, verdict: make(chan error, 1)}
	go func() {
		err := t.note(a.readLayerFrom(ctx, a.variants[0], out, t.limits, discardEntry))
		out.CloseWithError(err) // nothing is to wait for it
		p.verdict <- err
	}()
	return p
}

// errLayerCut ends the check of a layer that was not read to its end. Whoever
// reads it is told of the cause.
var errLayerCut = errors.New("the layer was not read to its end")

// passingLayer hands out a layer's bytes while a goroutine decompresses and
// checks them. A fault ends the reading at once, and of a layer that is wrong as
// a whole the last bytes are not handed out. The goroutine ends at the latest in
// Close.
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
