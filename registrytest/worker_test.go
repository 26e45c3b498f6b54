// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// worker does random things to a repository that is its own and knows what has
// to be there afterwards.
type worker struct {
	client *http.Client
	base   string
	repo   string
	rnd    *rand.Rand

	blobs     map[digest.Digest]bool // true: must be there; false: must not
	manifests map[digest.Digest]bool
	tags      map[string]digest.Digest // "": must not be there
	spare     []digest.Digest          // blobs that no manifest needs
	layers    []ocispec.Descriptor
	n         int
}

func newWorker(client *http.Client, base, repo string, seed uint64) *worker {
	return &worker{
		client: client, base: base, repo: repo, rnd: rand.New(rand.NewPCG(seed, 1)),
		blobs: map[digest.Digest]bool{}, manifests: map[digest.Digest]bool{}, tags: map[string]digest.Digest{},
	}
}

// send returns an error if there was no answer, or not the one wanted.
func (w *worker) send(ctx context.Context, method, target string, body []byte, want int, header ...string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.base+target, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %v", errNoAnswer, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %v", errNoAnswer, err)
	}
	if resp.StatusCode != want {
		return nil, nil, fmt.Errorf("%s %s: %d, not %d: %s", method, target, resp.StatusCode, want, b)
	}
	return resp, b, nil
}

// errNoAnswer means that nobody knows whether the request was performed.
var errNoAnswer = fmt.Errorf("no answer")

func (w *worker) path(rest string) string { return "/v2/" + w.repo + "/" + rest }

// step does one random thing. What is in the way when there is no answer is
// taken out of the books.
func (w *worker) step(ctx context.Context) error {
	switch p := w.rnd.IntN(10); {
	case p < 3 || len(w.layers) == 0:
		return w.pushBlob(ctx)
	case p < 6:
		return w.pushManifest(ctx)
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
	default:
		return w.read(ctx)
	}
}

func (w *worker) pushBlob(ctx context.Context) error {
	w.n++
	content := make([]byte, w.rnd.IntN(8<<10))
	for i := range content {
		content[i] = byte(w.rnd.Uint32())
	}
	content = fmt.Appendf(content, "%s %d", w.repo, w.n)
	dgst := digest.FromBytes(content)
	if w.rnd.IntN(2) == 0 {
		if _, _, err := w.send(ctx, "POST", w.path("blobs/uploads/?digest="+dgst.String()), content, http.StatusCreated); err != nil {
			return err
		}
	} else {
		resp, _, err := w.send(ctx, "POST", w.path("blobs/uploads/"), nil, http.StatusAccepted)
		if err != nil {
			return err
		}
		half := len(content) / 2
		loc := resp.Header.Get("Location")
		if _, _, err = w.send(ctx, "PATCH", loc, content[:half], http.StatusAccepted); err != nil {
			return err
		}
		if _, _, err = w.send(ctx, "PUT", loc+"?digest="+dgst.String(), content[half:], http.StatusCreated); err != nil {
			return err
		}
	}
	w.blobs[dgst] = true
	if w.rnd.IntN(2) == 0 {
		w.spare = append(w.spare, dgst)
	} else {
		w.layers = append(w.layers, ocispec.Descriptor{MediaType: "application/vnd.example.layer", Digest: dgst, Size: int64(len(content))})
	}
	return nil
}

func (w *worker) pushManifest(ctx context.Context) error {
	w.n++
	layer := w.layers[w.rnd.IntN(len(w.layers))]
	content := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.example.config","digest":%q,"size":%d},"layers":[],"annotations":{"n":"%s %d"}}`,
		ocispec.MediaTypeImageManifest, layer.Digest, layer.Size, w.repo, w.n)
	dgst := digest.FromBytes(content)
	tag := fmt.Sprintf("t%d", w.rnd.IntN(10))
	delete(w.tags, tag)
	_, _, err := w.send(ctx, "PUT", w.path("manifests/"+tag), content, http.StatusCreated, "Content-Type", ocispec.MediaTypeImageManifest)
	if err == nil {
		w.manifests[dgst], w.tags[tag] = true, dgst
	}
	return err
}

func (w *worker) deleteSomething(ctx context.Context) error {
	tag := fmt.Sprintf("t%d", w.rnd.IntN(10))
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

func (w *worker) read(ctx context.Context) error {
	for tag, dgst := range w.tags {
		want := http.StatusOK
		if dgst == "" {
			want = http.StatusNotFound
		}
		_, b, err := w.send(ctx, "GET", w.path("manifests/"+tag), nil, want)
		if err == nil && dgst != "" && digest.FromBytes(b) != dgst {
			err = fmt.Errorf("tag %s gives other bytes", tag)
		}
		return err // of one tag, whichever comes first
	}
	return nil
}

// verify compares a store with the books.
func (w *worker) verify(t *testing.T, store registrytest.Store) {
	t.Helper()
	ctx := context.Background()
	for dgst, present := range w.blobs {
		body, _, err := store.OpenBlob(ctx, w.repo, dgst)
		if !present {
			require.ErrorIs(t, err, registrytest.ErrBlobUnknown)
			continue
		}
		require.NoError(t, err, "acknowledged, but not there")
		got, err := digest.FromReader(body)
		require.NoError(t, err)
		require.NoError(t, body.Close())
		require.Equal(t, dgst, got)
	}
	for dgst, present := range w.manifests {
		m, err := store.GetManifest(ctx, w.repo, dgst)
		if !present {
			require.ErrorIs(t, err, registrytest.ErrManifestUnknown)
			continue
		}
		require.NoError(t, err, "acknowledged, but not there")
		require.Equal(t, dgst, digest.FromBytes(m.Content))
	}
	for tag, want := range w.tags {
		got, err := store.ResolveTag(ctx, w.repo, tag)
		if want == "" {
			require.ErrorIs(t, err, registrytest.ErrManifestUnknown)
			continue
		}
		require.NoError(t, err, "acknowledged, but not there")
		require.Equal(t, want, got)
	}
}

// number reads a number from the environment.
func number(t *testing.T, key string, otherwise int) int {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, key)
	return n
}

// duration reads a duration from the environment.
func duration(t *testing.T, key string, otherwise time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv(key)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, key)
	return d
}
