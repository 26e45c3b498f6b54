// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package skills_test

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// fuzzLayout is a layout with two skills, and what Inspect says of them.
type fuzzLayout struct {
	files map[string]string
	names []string // of files, sorted
	about map[digest.Digest]*skills.Inspection
}

var layoutWithTwo = sync.OnceValue(func() fuzzLayout {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "")
	must(err)
	defer os.RemoveAll(dir)
	layout, err := ocilayout.Open(dir)
	must(err)
	base := fuzzLayout{files: map[string]string{}, about: map[digest.Digest]*skills.Inspection{}}
	for _, name := range []string{"demo", "other"} {
		packed, err := skills.NewPackager(layout).PackageFS(ctx, fstestSkill(name), skills.PackageOptions{Tag: name})
		must(err)
		base.about[packed.IndexDigest], err = skills.Inspect(ctx, layout, name, skills.InspectOptions{Files: true})
		must(err)
	}
	must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if len(data) > 0 { // no locks
			base.files[strings.TrimPrefix(path, dir+"/")] = string(data)
		}
		return err
	}))
	base.names = slices.Sorted(maps.Keys(base.files))
	return base
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// FuzzLayoutsAgree damages a layout on disk: links that lead nowhere, to
// themselves or out, fifos, directories for files, files without end, entries
// of strangers, edited indexes. What a digest names is the same skill as ever,
// or nothing; nothing is written, neither in the layout nor beside it.
func FuzzLayoutsAgree(f *testing.F) {
	testkit.SkipUnderRace(f)
	f.Add([]byte{})
	addScripts(f, 25)
	f.Fuzz(func(t *testing.T, data []byte) {
		t.Parallel()
		ctx := context.Background()
		root := t.TempDir()
		path := filepath.Join(root, "layout")
		base := layoutWithTwo()
		damage(t, &script{data}, base, root, path)
		before := snapshot(t, root)
		layout, err := ocilayout.Open(path)
		if err != nil {
			return
		}
		within(t, func() { _, _ = registry.Tags(ctx, layout) })
		references := []string{"demo", "other", "x"}
		for dgst := range base.about {
			references = append(references, dgst.String())
		}
		for _, reference := range references {
			got := agree(t, layout, reference)
			if truth := base.about[digest.Digest(reference)]; truth != nil && got.inspected != nil {
				require.Equal(t, truth.Files, got.inspected.Files)
				require.Equal(t, truth.Config, got.inspected.Config)
			}
			if got.inspected != nil {
				agreeOnPush(t, layout, got.inspected)
			}
			if len(data) == 0 && reference != "x" {
				require.NotNil(t, got.unpacked, reference)
			}
		}
		require.Equal(t, before, snapshot(t, root))
	})
}

// damage writes the layout at path, with what the script puts in. What is
// outside lies beside it.
func damage(t *testing.T, s *script, base fuzzLayout, root, path string) {
	t.Helper()
	outside := filepath.Join(root, "outside")
	require.NoError(t, os.MkdirAll(filepath.Join(outside, "sha256"), 0o755))
	for _, dir := range []string{outside, path} {
		for name, data := range base.files {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644))
		}
	}
	donors := []*node{parseNode([]byte(base.files["index.json"])), parseNode([]byte(base.files["oci-layout"]))}
	for _, d := range fuzzDocuments() {
		donors = append(donors, parseNode(d.index), parseNode(d.manifests[0]))
	}
	places := append([]string{"index.json", "index.json", "oci-layout", "blobs", "blobs/sha256", "blobs/sha512", ".", "index.json.lock", "blobs/sha256/x"}, base.names...)
	for range s.pick(4) {
		s.damageOne(filepath.Join(path, one(s, places)), outside, base, donors)
	}
}

// damageOne changes one file of a layout. Where that fails, nothing is changed.
func (s *script) damageOne(file, outside string, base fuzzLayout, donors []*node) {
	if dir, err := os.Stat(filepath.Dir(file)); err != nil || !dir.IsDir() {
		return // RemoveAll would wait for who writes to a fifo
	}
	replace := func(f func() error) {
		_ = os.RemoveAll(file)
		_ = f()
	}
	// Only what changes a regular file may open it.
	info, err := os.Lstat(file)
	regular := err == nil && info.Mode().IsRegular()
	switch kind := s.pick(11); {
	case kind == 1:
		to := one(s, []string{filepath.Base(file), "nowhere", "..", ".", "/dev/zero", "/proc/self/environ", outside, filepath.Join(outside, "index.json"), filepath.Join(outside, "blobs")})
		replace(func() error { return os.Symlink(to, file) })
	case kind == 2:
		to := filepath.Join(filepath.Dir(file), filepath.Base(one(s, base.names)))
		replace(func() error { return os.Symlink(to, file) })
	case kind == 3:
		replace(func() error { return syscall.Mkfifo(file, 0o644) })
	case kind == 4:
		replace(func() error { return os.MkdirAll(filepath.Join(file, "x"), 0o755) })
	case kind == 5:
		replace(func() error { return nil })
	case kind == 6:
		replace(func() error { return os.WriteFile(file, []byte(base.files[one(s, base.names)]), 0o644) })
	case kind == 7:
		replace(func() error { return os.WriteFile(file, []byte(s.text()), 0o644) })
	case !regular:
	case kind == 8:
		_ = os.Truncate(file, int64(s.pick(256)))
	case kind == 9:
		_ = os.Truncate(file, 1<<40) // with holes
	default:
		if info.Size() > 1<<20 {
			return
		}
		data, err := os.ReadFile(file)
		switch {
		case err != nil || len(data) == 0:
		case kind == 0 && strings.HasSuffix(file, "index.json") && json.Valid(data):
			doc := parseNode(data)
			for range 1 + s.pick(3) {
				s.edit(doc, donors)
			}
			_ = os.WriteFile(file, []byte(doc.String()), 0o644)
		default:
			data[s.pick(256)%len(data)] ^= byte(1 << s.pick(8))
			_ = os.WriteFile(file, data, 0o644)
		}
	}
}

// snapshot describes all that lies below dir, without following anything.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	there := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		there[path] = info.Mode().String()
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			require.NoError(t, err)
			there[path] += " " + to
		case info.Mode().IsRegular() && info.Size() < 1<<20:
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			there[path] += " " + string(data)
		}
		return nil
	}))
	return there
}

// inProcess lets a client talk to a handler without a network.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	if request.Body == nil {
		request.Body = http.NoBody
	}
	defer request.Body.Close()
	p.ServeHTTP(recorder, request)
	response := recorder.Result()
	response.Request = request
	response.Body = io.NopCloser(recorder.Body)
	return response, nil
}

// agreeOnPush pushes what Inspect took, pulls it and inspects it again.
func agreeOnPush(t *testing.T, layout *ocilayout.Store, inspected *skills.Inspection) {
	t.Helper()
	ctx := context.Background()
	registry, err := skills.NewRegistry(skills.WithHTTPClient(&http.Client{Transport: inProcess{registrytest.NewHandler(registrytest.Options{})}}),
		skills.WithPlainHTTP(true), skills.WithCredentialStore(credentials.NewMemoryStore()))
	require.NoError(t, err)
	dgst := inspected.Root.Digest
	within(t, func() {
		err = registry.Push(ctx, layout, dgst, "fuzz.test/a/demo:x", skills.TransferOptions{Limits: fuzzLimits})
	})
	require.NoError(t, err)
	store := memory.New()
	pulled, err := registry.Pull(ctx, store, "fuzz.test/a/demo:x", skills.TransferOptions{Tag: "x", Limits: fuzzLimits})
	require.NoError(t, err)
	require.Equal(t, dgst, pulled)
	again, err := skills.Inspect(ctx, store, "x", skills.InspectOptions{Files: true, Limits: fuzzLimits})
	require.NoError(t, err)
	require.Equal(t, inspected.Files, again.Files)
	require.Equal(t, inspected.Config, again.Config)
}
