// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package bench compares registrytest with the other in-process registries of
// the Go world. It is a module of its own so that nobody else depends on them.
package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"testing"

	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"cuelabs.dev/go/oci/ociregistry/ociserver"
	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/skillcask/skillcask/registrytest"
)

// server is what all of them come to.
type server struct {
	url    string
	client *http.Client
	close  func()
}

func wrap(h http.Handler) server {
	s := httptest.NewServer(h)
	return server{s.URL, s.Client(), s.Close}
}

// servers are started as their users start them, without options. All are
// served by httptest and asked by its client, so that connections cost the same.
var servers = []struct {
	name  string
	start func(testing.TB) server
}{
	{"registrytest", func(tb testing.TB) server {
		t := &test{TB: tb}
		s := registrytest.New(t)
		return server{s.URL, s.Client(), t.end}
	}},
	{"ocimem", func(testing.TB) server { return wrap(ociserver.New(ocimem.New(), nil)) }},
	// Its default is to log each request to standard error.
	{"ggcr", func(testing.TB) server { return wrap(ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0)))) }},
}

// test ends before the benchmark does, as the test that started a server would.
// On the benchmark itself the cleanups of all rounds would pile up.
type test struct {
	testing.TB
	cleanups []func()
}

func (t *test) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *test) end() {
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
}

// each runs a round of the benchmark with each server. The first round is not
// counted, so that nobody pays for a heap that has yet to grow, nor for the
// garbage of the one before.
func each(b *testing.B, round func(b *testing.B, start func(testing.TB) server)) {
	for _, s := range servers {
		b.Run(s.name, func(b *testing.B) {
			round(b, s.start)
			runtime.GC()
			for b.Loop() {
				round(b, s.start)
			}
		})
	}
}

func check(b *testing.B, err error) {
	if err != nil {
		b.Helper()
		b.Fatal(err)
	}
}

// BenchmarkStartStop starts a server, asks it once, and stops it.
func BenchmarkStartStop(b *testing.B) {
	each(b, func(b *testing.B, start func(testing.TB) server) {
		srv := start(b)
		defer srv.close()
		resp, err := srv.client.Get(srv.url + "/v2/")
		check(b, err)
		check(b, resp.Body.Close())
	})
}

// BenchmarkThousandPushes pushes 1,000 artifacts of a few bytes by oras-go.
func BenchmarkThousandPushes(b *testing.B) {
	ctx := context.Background()
	each(b, func(b *testing.B, start func(testing.TB) server) {
		srv := start(b)
		defer srv.close()
		u, err := url.Parse(srv.url)
		check(b, err)
		repo, err := remote.NewRepository(u.Host + "/bench/small")
		check(b, err)
		repo.Client, repo.PlainHTTP = srv.client, true
		for i := range 1000 {
			layer, err := oras.PushBytes(ctx, repo, "text/plain", fmt.Append(nil, i))
			check(b, err)
			desc, err := oras.PackManifest(ctx, repo, oras.PackManifestVersion1_1, "application/vnd.example.bench",
				oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}})
			check(b, err)
			check(b, repo.Tag(ctx, desc, fmt.Sprintf("v%d", i)))
		}
	})
}

const largeSize = 100_000_000

func large() ([]byte, digest.Digest) {
	content := make([]byte, largeSize)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
	return content, digest.FromBytes(content)
}

func do(b *testing.B, client *http.Client, method, target string, body []byte, status int) *http.Response {
	req, err := http.NewRequest(method, target, bytes.NewReader(body))
	check(b, err)
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := client.Do(req)
	check(b, err)
	if resp.StatusCode != status {
		b.Fatalf("%s %s: %d", method, target, resp.StatusCode)
	}
	return resp
}

func upload(b *testing.B, srv server, content []byte, dgst digest.Digest) {
	resp := do(b, srv.client, "POST", srv.url+"/v2/bench/large/blobs/uploads/", nil, 202)
	check(b, resp.Body.Close())
	loc, err := resp.Request.URL.Parse(resp.Header.Get("Location"))
	check(b, err)
	query := loc.Query()
	query.Set("digest", dgst.String())
	loc.RawQuery = query.Encode()
	check(b, do(b, srv.client, "PUT", loc.String(), content, 201).Body.Close())
}

// BenchmarkLargeUp sends a blob of 100 MB.
func BenchmarkLargeUp(b *testing.B) {
	content, dgst := large()
	each(b, func(b *testing.B, start func(testing.TB) server) {
		b.SetBytes(largeSize)
		srv := start(b)
		defer srv.close()
		upload(b, srv, content, dgst)
	})
}

// BenchmarkLargeDown fetches a blob of 100 MB.
func BenchmarkLargeDown(b *testing.B) {
	content, dgst := large()
	for _, s := range servers {
		b.Run(s.name, func(b *testing.B) {
			b.SetBytes(largeSize)
			srv := s.start(b)
			defer srv.close()
			upload(b, srv, content, dgst)
			download := func() {
				resp := do(b, srv.client, "GET", srv.url+"/v2/bench/large/blobs/"+dgst.String(), nil, 200)
				n, err := io.Copy(io.Discard, resp.Body)
				check(b, err)
				check(b, resp.Body.Close())
				if n != largeSize {
					b.Fatalf("%d bytes", n)
				}
			}
			download()
			runtime.GC()
			for b.Loop() {
				download()
			}
		})
	}
}
