// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// failing is a registry whose skill HOST/a/demo:1 is there, and a client that
// does not try again.
type failing struct {
	*registrytest.Server
	*skills.Registry
	dir, other, ref string
	packed          *skills.PackageResult
	store           *memory.Store
}

func newFailing(t *testing.T, opts ...skills.RegistryOption) *failing {
	t.Helper()
	srv := registrytest.New(t)
	f := &failing{Server: srv, dir: tree(t, smallSkill()), other: tree(t, map[string]string{"SKILL.md": skillMD}), ref: srv.Host() + "/a/demo:1"}
	f.store, f.packed = packDir(t, f.dir, skills.PackageOptions{})
	require.NoError(t, newRegistry(t, srv).Push(context.Background(), f.store, f.packed.IndexDigest, f.ref, skills.TransferOptions{}))
	f.Registry = newRegistry(t, srv, append(opts, skills.WithoutRetries())...)
	return f
}

// reads are the ways to read the skill. Those that take the layer alone differ
// from the others in what they ask for.
func (f *failing) reads(t *testing.T) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"pull": func() error {
			_, err := f.Pull(ctx, memory.New(), f.ref, skills.TransferOptions{})
			return err
		},
		"pull into a layout": func() error {
			layout, err := ocilayout.Open(t.TempDir())
			require.NoError(t, err)
			_, err = f.Pull(ctx, layout, f.ref, skills.TransferOptions{})
			return err
		},
		"inspect": func() error {
			repository, tag, err := f.Repository(f.ref)
			require.NoError(t, err)
			_, err = skills.Inspect(ctx, repository, tag, skills.InspectOptions{Files: true})
			return err
		},
		"unpack": func() error {
			repository, tag, err := f.Repository(f.ref)
			require.NoError(t, err)
			dest := filepath.Join(t.TempDir(), "out")
			_, err = skills.Unpack(ctx, repository, tag, dest, skills.UnpackOptions{})
			require.NoDirExists(t, dest)
			return err
		},
		"verify": func() error { // another directory, so that the layer is read
			repository, tag, err := f.Repository(f.ref)
			require.NoError(t, err)
			_, err = skills.Verify(ctx, repository, tag, f.other, skills.VerifyOptions{})
			return err
		},
	}
}

// writes are the ways to write it to a new place.
func (f *failing) writes() map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"push": func() error {
			return f.Push(ctx, f.store, f.packed.IndexDigest, f.Host()+"/b/demo:1", skills.TransferOptions{})
		},
		"push directory": func() error {
			_, err := f.PushDir(ctx, f.dir, f.Host()+"/c/demo:1", skills.PackageOptions{})
			return err
		},
	}
}

// parts are what the artifact is made of.
func (f *failing) parts() map[string]digest.Digest {
	return map[string]digest.Digest{
		"index": f.packed.IndexDigest, "manifest": f.packed.ManifestDigest,
		"configuration": f.packed.ConfigDigest, "layer": f.packed.LayerDigest,
	}
}

// fetching matches the requests for a part: for the index by its tag too.
func (f *failing) fetching(part string) registrytest.Match {
	last := map[string]bool{f.parts()[part].String(): true}
	if part == "index" {
		last["1"] = true
	}
	return registrytest.Match{Func: func(r *http.Request) bool { return r.Method == http.MethodGet && last[path.Base(r.URL.Path)] }}
}

var anyDigest = regexp.MustCompile(`sha256:[0-9a-f]{64}`)

// requireReadable wants a message for people: nothing twice, no names of
// libraries, and one thing to do.
func requireReadable(t *testing.T, err error, host string) {
	t.Helper()
	text := err.Error()
	for _, bad := range []string{"failed to", "FindSuccessors", "PushReference", `"http`, "With", "oras", "read failed"} {
		require.NotContains(t, text, bad)
	}
	digests := map[string]bool{}
	for _, d := range anyDigest.FindAllString(text, -1) {
		require.False(t, digests[d], "%s twice: %s", d, text)
		digests[d] = true
	}
	require.LessOrEqual(t, strings.Count(text, host+"/"), 1, text)
	for _, once := range []string{"try again", "get it again", "log in", "corrupt artifact", "transfer interrupted", "registry unavailable", "unauthorized:"} {
		require.LessOrEqual(t, strings.Count(text, once), 1, text)
	}
	require.NotContains(t, text, "\n")
}

// TestBrokenConnectionsAreNoCorruption breaks the connection in the midst of
// each part, in each way of reading and writing.
func TestBrokenConnectionsAreNoCorruption(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]registrytest.Fault{
		"dropped body":    {Effect: registrytest.DropBody, At: 20},
		"dropped at once": {Effect: registrytest.DropBody, At: 0},
		"no answer":       {Effect: registrytest.DropResponse},
		"no request":      {Effect: registrytest.DropRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for part := range newFailing(t).parts() {
				f := newFailing(t)
				fault.Count, fault.Match = -1, f.fetching(part)
				f.Inject(fault)
				for way, read := range f.reads(t) {
					err := read()
					require.ErrorIs(t, err, skills.ErrInterrupted, "%s %s", part, way)
					require.NotErrorIs(t, err, skills.ErrCorrupt, "%s %s", part, way)
					require.ErrorContains(t, err, "try again")
					require.ErrorContains(t, err, f.ref)
					requireReadable(t, err, f.Host())
				}
			}
		})
	}
	for name, fault := range map[string]registrytest.Fault{
		"upload cut": {Effect: registrytest.DropUpload, At: 20},
		"no answer":  {Effect: registrytest.DropResponse},
	} {
		for part, op := range map[string]registrytest.Operation{"blob": registrytest.OpUploadPut, "manifest": registrytest.OpManifestPut, "session": registrytest.OpUploadStart} {
			t.Run(name+"/"+part, func(t *testing.T) {
				t.Parallel()
				f := newFailing(t)
				fault := fault // of this part alone
				fault.Count, fault.Match = -1, registrytest.Match{Operation: op}
				if op == registrytest.OpUploadStart && fault.Effect == registrytest.DropUpload {
					fault.Effect, fault.At = registrytest.DropRequest, 0
				}
				f.Inject(fault)
				for way, write := range f.writes() {
					err := write()
					require.ErrorIs(t, err, skills.ErrInterrupted, way)
					require.NotErrorIs(t, err, skills.ErrCorrupt, way)
					require.ErrorContains(t, err, "try again")
					requireReadable(t, err, f.Host())
				}
			})
		}
	}
}

// TestWhatArrivesWholeAndWrongIsCorrupt is the reverse.
func TestWhatArrivesWholeAndWrongIsCorrupt(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]registrytest.Fault{
		"another byte":   {Effect: registrytest.Corrupt, At: 20},
		"too long":       {Effect: registrytest.WrongLength, At: 20},
		"short":          {Effect: registrytest.Truncate, At: 20},
		"another digest": {Effect: registrytest.WrongDigest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for part := range newFailing(t).parts() {
				f := newFailing(t)
				fault.Count, fault.Match = -1, f.fetching(part)
				f.Inject(fault)
				for way, read := range f.reads(t) {
					err := read()
					if part == "index" && fault.Effect == registrytest.WrongLength && errors.Is(err, skills.ErrInterrupted) {
						continue // the size is from the same answer, which ends before that
					}
					require.ErrorIs(t, err, skills.ErrCorrupt, "%s %s", part, way)
					require.NotErrorIs(t, err, skills.ErrInterrupted, "%s %s", part, way)
					require.NotErrorIs(t, err, skills.ErrUnavailable, "%s %s", part, way)
					require.ErrorContains(t, err, f.ref)
				}
			}
		})
	}
}

// TestStalledTransfersEnd has a registry that sends some of an answer, or none,
// and then nothing more.
func TestStalledTransfersEnd(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Second // or a busy machine stalls too
	var wg sync.WaitGroup
	var mu sync.Mutex
	var hosts []string
	errs := map[string]error{}
	for name, fault := range map[string]registrytest.Fault{
		"amidst the layer":        {Match: registrytest.Match{Operation: registrytest.OpBlobGet}, Effect: registrytest.Stall, At: 20},
		"before a manifest":       {Match: registrytest.Match{Operation: registrytest.OpManifestGet}, Effect: registrytest.Stall},
		"after a blob was sent":   {Match: registrytest.Match{Operation: registrytest.OpUploadPut}, Effect: registrytest.Stall},
		"after the index is sent": {Match: registrytest.Match{Operation: registrytest.OpManifestPut}, Effect: registrytest.Stall},
	} {
		f := newFailing(t, skills.WithStallTimeout(limit))
		fault.Count = -1
		f.Inject(fault)
		ways := f.writes()
		if !strings.HasPrefix(name, "after") {
			ways = f.reads(t)
		}
		for way, run := range ways {
			wg.Go(func() {
				err := run()
				mu.Lock()
				defer mu.Unlock()
				errs[name+", "+way] = err
			})
		}
		hosts = append(hosts, f.Host())
	}
	wg.Wait()
	require.Len(t, errs, 2*5+2*2)
	for what, err := range errs {
		require.ErrorIs(t, err, skills.ErrInterrupted, what)
		require.NotErrorIs(t, err, skills.ErrCorrupt, what)
		require.ErrorContains(t, err, " for 2s; try again", what)
		for _, host := range hosts {
			requireReadable(t, err, host)
		}
	}
}

// TestClientsOwnTimeout is a break too: its error hides that of the transport.
func TestClientsOwnTimeout(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup // both wait
	errs := make([]error, 2)
	for i, fault := range []registrytest.Fault{
		{Match: registrytest.Match{Operation: registrytest.OpBlobGet}, Effect: registrytest.Stall, At: 20, Count: -1},
		{Match: registrytest.Match{Operation: registrytest.OpManifestGet}, Effect: registrytest.Stall, Count: -1},
	} {
		f := newFailing(t, skills.WithHTTPClient(&http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}))
		f.Inject(fault)
		wg.Go(func() {
			_, errs[i] = f.Pull(context.Background(), memory.New(), f.ref, skills.TransferOptions{})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.ErrorIs(t, err, skills.ErrInterrupted)
		require.NotErrorIs(t, err, skills.ErrCorrupt)
	}
}

// TestDamagedSourceIsCorrupt of a push from a layout in which a blob is cut or
// changed, be it kept in memory for its request or read from its file.
func TestDamagedSourceIsCorrupt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, files := range map[string]map[string]string{"small": smallSkill(), "large": bigSkill(5 << 20)} {
		for how, damage := range map[string]func(data []byte) []byte{
			"cut":     func(data []byte) []byte { return data[:len(data)-10] },
			"changed": func(data []byte) []byte { data[len(data)/2] ^= 1; return data },
			"empty":   func([]byte) []byte { return nil },
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				path := t.TempDir()
				layout, err := ocilayout.Open(path)
				require.NoError(t, err)
				packed, err := skills.NewPackager(layout).Package(ctx, tree(t, files), skills.PackageOptions{})
				require.NoError(t, err)
				for part, d := range map[string]digest.Digest{"layer": packed.LayerDigest, "configuration": packed.ConfigDigest, "manifest": packed.ManifestDigest} {
					blob := filepath.Join(path, "blobs", "sha256", d.Encoded())
					sound, err := os.ReadFile(blob)
					require.NoError(t, err)
					require.NoError(t, os.WriteFile(blob, damage(bytes.Clone(sound)), 0o644))
					srv := registrytest.New(t, registrytest.Options{CheckStore: true})
					err = newRegistry(t, srv).Push(ctx, layout, packed.IndexDigest, srv.Host()+"/a/demo:1", skills.TransferOptions{})
					require.ErrorIs(t, err, skills.ErrCorrupt, part)
					require.NotErrorIs(t, err, skills.ErrInterrupted, part)
					require.NotErrorIs(t, err, skills.ErrUnavailable, part)
					requireReadable(t, err, srv.Host())
					require.NoError(t, os.WriteFile(blob, sound, 0o644))
				}
			})
		}
	}
}

// TestBodyThatOnlyItsConnectionEnds can be short without an error below.
func TestBodyThatOnlyItsConnectionEnds(t *testing.T) {
	t.Parallel()
	f := newFailing(t)
	cut := func(r *http.Request) (*http.Response, error) {
		response, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && strings.Contains(r.URL.Path, "/blobs/") && r.Method == http.MethodGet {
			response.ContentLength = -1
			response.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(response.Body, 20), response.Body}
		}
		return response, err
	}
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	f.Registry = newRegistry(t, f.Server, skills.WithHTTPClient(&http.Client{Transport: transport(cut)}))
	for way, read := range f.reads(t) {
		err := read()
		require.ErrorIs(t, err, skills.ErrInterrupted, way)
		require.NotErrorIs(t, err, skills.ErrCorrupt, way)
	}
}

type transport func(r *http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
