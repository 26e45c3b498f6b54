// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Worker does random things to a repository and knows what has to be there
// afterwards. Others may use the repository too: its content and its tags bear
// its name, so that nobody else has the same.
type Worker struct {
	client *http.Client
	base   string
	reads  []string // servers of the same content to read from; none: base
	repo   string
	name   string
	rnd    *rand.Rand

	blobs     map[digest.Digest]bool // true: must be there; false: must not
	copies    map[digest.Digest]bool // the same, in copyRepo
	manifests map[digest.Digest]bool
	subjects  map[digest.Digest]digest.Digest // of manifests
	tags      map[string]digest.Digest        // "": must not be there
	known     []digest.Digest                 // keys of blobs
	spare     []digest.Digest                 // blobs that no manifest needs
	layers    []ocispec.Descriptor            // blobs that are never deleted
	n         int                             // pushes
}

// NewWorker returns a worker that has done nothing yet. base is a registry's URL,
// name sets it apart from others of its repository, and seed decides what it does.
func NewWorker(client *http.Client, base, repo, name string, seed uint64) *Worker {
	return &Worker{
		client: client, base: base, repo: repo, name: name, rnd: rand.New(rand.NewPCG(seed, 1)),
		blobs: map[digest.Digest]bool{}, copies: map[digest.Digest]bool{}, manifests: map[digest.Digest]bool{},
		subjects: map[digest.Digest]digest.Digest{}, tags: map[string]digest.Digest{},
	}
}

// send returns an error if there was no answer, or not the one wanted.
func (w *Worker) send(ctx context.Context, method, target string, body []byte, want int, header ...string) (*http.Response, []byte, error) {
	base := w.base
	if method == http.MethodGet && len(w.reads) > 0 {
		base = w.reads[w.rnd.IntN(len(w.reads))]
	}
	req, err := http.NewRequestWithContext(ctx, method, base+target, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %v", ErrNoAnswer, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %v", ErrNoAnswer, err)
	}
	if resp.StatusCode != want {
		return nil, nil, fmt.Errorf("%s %s: %d, not %d: %s", method, target, resp.StatusCode, want, b)
	}
	return resp, b, nil
}

// ErrNoAnswer means that nobody knows whether the request was performed.
var ErrNoAnswer = fmt.Errorf("no answer")

// Pushes returns how much the worker has pushed, acknowledged or not.
func (w *Worker) Pushes() int { return w.n }

func (w *Worker) path(rest string) string { return "/v2/" + w.repo + "/" + rest }

// copyRepo is where blobs are mounted.
func (w *Worker) copyRepo() string { return w.repo + "-copy" }

// Step does one random thing. What is in the way when there is no answer is
// taken out of the books.
func (w *Worker) Step(ctx context.Context) error {
	switch p := w.rnd.IntN(14); {
	case p < 3 || len(w.layers) == 0:
		return w.PushBlob(ctx)
	case p < 6:
		return w.PushManifest(ctx)
	case p == 6 && len(w.spare) > 0:
		dgst := w.spare[0]
		w.spare = w.spare[1:]
		delete(w.blobs, dgst)
		_, _, err := w.send(ctx, "DELETE", w.path("blobs/"+dgst.String()), nil, http.StatusAccepted)
		if err == nil {
			w.blobs[dgst] = false
		}
		return err
	case p == 7:
		return w.deleteSomething(ctx)
	case p == 8:
		return w.mount(ctx)
	case p == 9:
		return w.cancel(ctx)
	case p == 10:
		return w.listReferrers(ctx)
	case p == 11:
		return w.readBlob(ctx)
	default:
		return w.pull(ctx)
	}
}

// content makes bytes that nobody else has.
func (w *Worker) content() []byte {
	w.n++
	content := make([]byte, w.rnd.IntN(8<<10))
	for i := range content {
		content[i] = byte(w.rnd.Uint32())
	}
	return fmt.Appendf(content, "%s %s %d", w.repo, w.name, w.n)
}

// PushBlob pushes a blob, in one request or in three.
func (w *Worker) PushBlob(ctx context.Context) error {
	content := w.content()
	dgst := digest.FromBytes(content)
	if w.rnd.IntN(2) == 0 {
		if _, _, err := w.send(ctx, "POST", w.path("blobs/uploads/?digest="+dgst.String()), content, http.StatusCreated); err != nil {
			return err
		}
	} else {
		half := len(content) / 2
		loc, err := w.startUpload(ctx, content[:half])
		if err != nil {
			return err
		}
		if _, _, err = w.send(ctx, "PUT", loc+"?digest="+dgst.String(), content[half:], http.StatusCreated); err != nil {
			return err
		}
	}
	w.blobs[dgst] = true
	w.known = append(w.known, dgst)
	if w.rnd.IntN(2) == 0 {
		w.spare = append(w.spare, dgst)
	} else {
		w.layers = append(w.layers, ocispec.Descriptor{MediaType: "application/vnd.example.layer", Digest: dgst, Size: int64(len(content))})
	}
	return nil
}

// startUpload begins an upload and sends a first chunk.
func (w *Worker) startUpload(ctx context.Context, chunk []byte) (loc string, err error) {
	resp, _, err := w.send(ctx, "POST", w.path("blobs/uploads/"), nil, http.StatusAccepted)
	if err != nil {
		return "", err
	}
	loc = resp.Header.Get("Location")
	_, _, err = w.send(ctx, "PATCH", loc, chunk, http.StatusAccepted)
	return loc, err
}

// cancel gives an upload up; its content must not appear.
func (w *Worker) cancel(ctx context.Context) error {
	content := w.content()
	dgst := digest.FromBytes(content)
	w.blobs[dgst] = false
	w.known = append(w.known, dgst)
	loc, err := w.startUpload(ctx, content)
	if err != nil {
		return err
	}
	if _, _, err := w.send(ctx, "DELETE", loc, nil, http.StatusNoContent); err != nil {
		return err
	}
	_, _, err = w.send(ctx, "PUT", loc+"?digest="+dgst.String(), nil, http.StatusNotFound)
	return err
}

// mount puts a blob into the other repository, and sometimes takes it away.
func (w *Worker) mount(ctx context.Context) error {
	dgst := w.layers[w.rnd.IntN(len(w.layers))].Digest
	delete(w.copies, dgst)
	target := "/v2/" + w.copyRepo() + "/blobs/"
	from := ""
	if w.rnd.IntN(2) == 0 {
		from = "&from=" + w.repo
	}
	if _, _, err := w.send(ctx, "POST", target+"uploads/?mount="+dgst.String()+from, nil, http.StatusCreated); err != nil {
		return err
	}
	if w.rnd.IntN(3) > 0 {
		w.copies[dgst] = true
		return nil
	}
	_, _, err := w.send(ctx, "DELETE", target+dgst.String(), nil, http.StatusAccepted)
	if err == nil {
		w.copies[dgst] = false
	}
	return err
}

// subject is one of three, which all workers of a repository use. It need not
// be there.
func (w *Worker) subject() digest.Digest {
	return digest.FromString(fmt.Sprintf("subject %d", w.rnd.IntN(3)))
}

func (w *Worker) tag() string { return fmt.Sprintf("%s-t%d", w.name, w.rnd.IntN(10)) }

// PushManifest pushes a manifest of blobs that were pushed before.
func (w *Worker) PushManifest(ctx context.Context) error {
	if len(w.layers) == 0 {
		return errors.New("the seed makes no layer")
	}
	w.n++
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config:      w.layers[w.rnd.IntN(len(w.layers))],
		Layers:      []ocispec.Descriptor{w.layers[w.rnd.IntN(len(w.layers))]},
		Annotations: map[string]string{"n": fmt.Sprintf("%s %s %d", w.repo, w.name, w.n)},
	}
	if w.rnd.IntN(2) == 0 {
		m.Subject = &ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: w.subject(), Size: 2}
	}
	content, err := json.Marshal(m)
	if err != nil {
		return err
	}
	dgst := digest.FromBytes(content)
	if w.rnd.IntN(4) == 0 {
		_, _, err = w.send(ctx, "PUT", w.path("manifests/"+dgst.String()), content, http.StatusCreated, "Content-Type", m.MediaType)
	} else {
		tag := w.tag()
		delete(w.tags, tag)
		_, _, err = w.send(ctx, "PUT", w.path("manifests/"+tag), content, http.StatusCreated, "Content-Type", m.MediaType)
		if err == nil {
			w.tags[tag] = dgst
		}
	}
	if err != nil {
		return err
	}
	w.manifests[dgst] = true
	if m.Subject != nil {
		w.subjects[dgst] = m.Subject.Digest
	}
	return nil
}

func (w *Worker) deleteSomething(ctx context.Context) error {
	tag := w.tag()
	dgst := w.tags[tag]
	if dgst == "" {
		return nil
	}
	if w.rnd.IntN(2) == 0 {
		delete(w.tags, tag)
		_, _, err := w.send(ctx, "DELETE", w.path("manifests/"+tag), nil, http.StatusAccepted)
		if err == nil {
			w.tags[tag] = ""
		}
		return err
	}
	delete(w.tags, tag)
	delete(w.manifests, dgst)
	_, _, err := w.send(ctx, "DELETE", w.path("manifests/"+dgst.String()), nil, http.StatusAccepted)
	if err == nil {
		w.manifests[dgst], w.tags[tag] = false, ""
	}
	return err
}

// pull fetches a manifest by its tag, and all that it names.
func (w *Worker) pull(ctx context.Context) error {
	tag := w.tag()
	dgst, ok := w.tags[tag]
	switch {
	case !ok:
		return nil
	case dgst == "":
		_, _, err := w.send(ctx, "GET", w.path("manifests/"+tag), nil, http.StatusNotFound)
		return err
	}
	content, err := w.fetch(ctx, w.path("manifests/"+tag), dgst)
	if err != nil {
		return err
	}
	var m ocispec.Manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return err
	}
	for _, desc := range append(m.Layers, m.Config) {
		blob, err := w.fetch(ctx, w.path("blobs/"+desc.Digest.String()), desc.Digest)
		if err != nil {
			return err
		}
		if int64(len(blob)) != desc.Size {
			return fmt.Errorf("%s has %d bytes, not %d", desc.Digest, len(blob), desc.Size)
		}
	}
	return nil
}

// fetch gets content and compares it with its digest.
func (w *Worker) fetch(ctx context.Context, target string, dgst digest.Digest) ([]byte, error) {
	_, b, err := w.send(ctx, "GET", target, nil, http.StatusOK)
	if err == nil && digest.FromBytes(b) != dgst {
		err = fmt.Errorf("GET %s gives other bytes", target)
	}
	return b, err
}

// readBlob fetches a blob, or a copy of it, that is there or gone.
func (w *Worker) readBlob(ctx context.Context) error {
	dgst := w.known[w.rnd.IntN(len(w.known))]
	repo, books := w.repo, w.blobs
	if _, ok := w.copies[dgst]; ok {
		repo, books = w.copyRepo(), w.copies
	}
	target := "/v2/" + repo + "/blobs/" + dgst.String()
	present, ok := books[dgst]
	if ok && !present {
		_, _, err := w.send(ctx, "GET", target, nil, http.StatusNotFound)
		return err
	}
	if ok {
		_, err := w.fetch(ctx, target, dgst)
		return err
	}
	return nil
}

// listReferrers looks for the worker's own among the referrers of a subject.
func (w *Worker) listReferrers(ctx context.Context) error {
	subject := w.subject()
	_, b, err := w.send(ctx, "GET", w.path("referrers/"+subject.String()), nil, http.StatusOK)
	if err != nil {
		return err
	}
	var index ocispec.Index
	if err := json.Unmarshal(b, &index); err != nil {
		return err
	}
	return w.checkReferrers(subject, index.Manifests)
}

func (w *Worker) checkReferrers(subject digest.Digest, list []ocispec.Descriptor) error {
	listed := make(map[digest.Digest]bool, len(list))
	for _, desc := range list {
		listed[desc.Digest] = true
	}
	for dgst, s := range w.subjects {
		if present, ok := w.manifests[dgst]; ok && s == subject && listed[dgst] != present {
			return fmt.Errorf("referrer %s of %s: listed is %v, not %v", dgst, subject, listed[dgst], present)
		}
	}
	return nil
}
