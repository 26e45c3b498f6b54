// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// fourFiles is a layer of four files with 3 bytes besides SKILL.md.
func fourFiles(t *testing.T) []byte {
	return archive(t, tar.Header{Name: "SKILL.md"}, tar.Header{Name: "a"}, tar.Header{Name: "b"}, tar.Header{Name: "c"})
}

// announced is a layer that ends after the header of a file of so many bytes: who
// looks further than that finds it corrupt.
func announced(t *testing.T, size int64) foreign {
	t.Helper()
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	require.NoError(t, tw.WriteHeader(&tar.Header{Name: "SKILL.md", Mode: 0o644, Size: int64(len(skillMD))}))
	_, err := tw.Write([]byte(skillMD))
	require.NoError(t, err)
	require.NoError(t, tw.WriteHeader(&tar.Header{Name: "large", Mode: 0o644, Size: size}))
	return foreign{layer: gzipped(t, b.Bytes()), diffID: digest.FromBytes(b.Bytes()), labels: toolHiveLabels(nil)}
}

// TestLimitsBoundEveryReader has limits that the skill is one beyond, and whose
// labels tell of it or do not.
func TestLimitsBoundEveryReader(t *testing.T) {
	t.Parallel()
	const bytes = int64(len(skillMD)) + 3
	honest := foreign{layer: fourFiles(t)}
	modest := foreign{layer: fourFiles(t), labels: toolHiveLabels(nil)} // lists one file
	for name, c := range map[string]struct {
		foreign
		skills.Limits
		want error
		says string
	}{
		"files by the label":     {honest, skills.Limits{MaxFiles: 3}, skills.ErrTooManyFiles, "label " + skills.LabelSkillFiles + " lists 4, at most 3"},
		"files by the layer":     {modest, skills.Limits{MaxFiles: 3}, skills.ErrTooManyFiles, `"c": too many files: at most 3`},
		"bytes":                  {honest, skills.Limits{MaxBytes: bytes - 1}, skills.ErrSkillTooLarge, `"c": archive too large`},
		"one of each":            {honest, skills.Limits{MaxFiles: 1, MaxBytes: 1}, skills.ErrTooManyFiles, ""},
		"bytes by default":       {announced(t, 96<<20), skills.Limits{}, skills.ErrSkillTooLarge, `"large"`},
		"bytes that end early":   {announced(t, 94<<20), skills.Limits{}, skills.ErrCorrupt, "unexpected EOF"},
		"bytes of the layer":     {foreign{layer: layerWith(t, skillMD), layerDesc: func(d *ocispec.Descriptor) { d.Size = 1 << 40 }}, skills.Limits{}, skills.ErrSkillTooLarge, "its layer has 1099511627776 bytes"},
		"a layer that is no tar": {foreign{layer: []byte("no gzip"), diffID: layout1Digest, labels: toolHiveLabels(nil)}, skills.Limits{}, skills.ErrCorrupt, ""},
		"another diff ID":        {foreign{layer: fourFiles(t), diffID: layout1Digest}, skills.Limits{}, skills.ErrCorrupt, "its diff ID is"},
		"a link":                 {foreign{layer: archive(t, tar.Header{Name: "SKILL.md"}, tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "/"})}, skills.Limits{}, skills.ErrInvalidSkillFile, "symbolic link"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireAllRefuse(t, c.dir(t), c.Limits, c.want, c.says)
		})
	}
	dir := honest.dir(t)
	for _, r := range readers {
		_, err := r.read(t, dir, skills.Limits{MaxFiles: 4, MaxBytes: bytes})
		require.NoError(t, err, r.name)
	}
}

// pushedRaw puts an artifact into a new registry and returns where it is.
func pushedRaw(t *testing.T, f foreign, options ...registrytest.Options) (*registrytest.Server, *skills.Registry, string) {
	t.Helper()
	srv := registrytest.New(t, options...)
	registry := newRegistry(t, srv)
	ref := srv.Host() + "/a/demo:1"
	require.NoError(t, upload(t, registry, ref, f.dir(t)))
	return srv, registry, ref
}

// got counts the requests for a blob's content.
func got(srv *registrytest.Server, blob digest.Digest) (n int) {
	for _, request := range srv.Requests() {
		if request.Method == http.MethodGet && strings.Contains(request.Path, blob.String()) {
			n++
		}
	}
	return n
}

// TestLayerIsNotFetchedInVain has an artifact that its metadata rule out.
func TestLayerIsNotFetchedInVain(t *testing.T) {
	t.Parallel()
	layer := fourFiles(t)
	for name, f := range map[string]foreign{
		"too many files": {layer: layer},
		"a bad name":     {layer: layer, labels: toolHiveLabels(map[string]string{skills.LabelSkillName: "../x"})},
		"no diff ID":     {layer: layer, image: func(i *ocispec.Image) { i.RootFS.DiffIDs = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, registry, ref := pushedRaw(t, f)
			_, err := registry.Pull(t.Context(), memory.New(), ref, skills.TransferOptions{Limits: skills.Limits{MaxFiles: 3}})
			require.Error(t, err)
			require.Zero(t, got(srv, digest.FromBytes(layer)))
		})
	}
}

// TestPullStopsAtTheFirstFault does not take the rest of a layer that is large
// and whose first file is too much. Of none that is refused is anything kept.
func TestPullStopsAtTheFirstFault(t *testing.T) {
	t.Parallel()
	layer := layerWith(t, skillMD+noise(8<<20))
	srv, registry, ref := pushedRaw(t, foreign{layer: layer})
	dir := t.TempDir()
	var most int64
	_, err := registry.Pull(t.Context(), openLayout(t, dir), ref, skills.TransferOptions{
		Limits:   skills.Limits{MaxBytes: 4 << 20},
		Progress: func(done, _ int64) { most = max(most, done) },
	})
	require.ErrorIs(t, err, skills.ErrSkillTooLarge)
	require.Equal(t, 1, got(srv, digest.FromBytes(layer)))
	require.Less(t, most, int64(1<<20))
	requireNotPulled(t, dir)
	exists, err := openLayout(t, dir).Exists(t.Context(), content.NewDescriptorFromBytes(ocispec.MediaTypeImageLayerGzip, layer))
	require.NoError(t, err)
	require.False(t, exists)
}

// TestPullChecksWhatTheDestinationHas and that it does not fetch again.
func TestPullChecksWhatTheDestinationHas(t *testing.T) {
	t.Parallel()
	layer := fourFiles(t)
	liar := foreign{layer: layer, labels: with(labelsOf(layer), skills.LabelSkillDescription, "Harmless.")}
	for name, prepare := range map[string]func(t *testing.T, ref string, registry *skills.Registry, dst oras.Target){
		"the layer": func(t *testing.T, _ string, _ *skills.Registry, dst oras.Target) {
			desc := content.NewDescriptorFromBytes(ocispec.MediaTypeImageLayerGzip, layer)
			require.NoError(t, dst.Push(t.Context(), desc, bytes.NewReader(layer)))
		},
		"all of it": func(t *testing.T, ref string, registry *skills.Registry, dst oras.Target) {
			repository, tag, err := registry.Repository(ref)
			require.NoError(t, err)
			root, err := repository.Resolve(t.Context(), tag)
			require.NoError(t, err)
			require.NoError(t, oras.CopyGraph(t.Context(), repository, dst, root, oras.DefaultCopyGraphOptions))
		},
		"all of it, tagged": func(t *testing.T, ref string, registry *skills.Registry, dst oras.Target) {
			repository, tag, err := registry.Repository(ref)
			require.NoError(t, err)
			_, err = oras.Copy(t.Context(), repository, tag, dst, "2", oras.DefaultCopyOptions)
			require.NoError(t, err)
		},
	} {
		for kind, open := range map[string]func(t *testing.T) oras.Target{
			"layout": func(t *testing.T) oras.Target { return openLayout(t, t.TempDir()) },
			"memory": func(*testing.T) oras.Target { return memory.New() },
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				for _, f := range []foreign{liar, {layer: layer}} {
					srv, registry, ref := pushedRaw(t, f)
					dst := open(t)
					prepare(t, ref, registry, dst)
					before := got(srv, digest.FromBytes(layer))
					_, err := registry.Pull(t.Context(), dst, ref, skills.TransferOptions{Tag: "1"})
					_, rerr := dst.Resolve(t.Context(), "1")
					require.Equal(t, before, got(srv, digest.FromBytes(layer)), "the layer is there")
					if f.labels == nil {
						require.NoError(t, err)
						require.NoError(t, rerr)
						continue
					}
					require.ErrorIs(t, err, skills.ErrCorrupt)
					require.ErrorContains(t, err, `says "Harmless.", SKILL.md says`)
					require.Error(t, rerr, "no tag")
					_, err = registry.Pull(t.Context(), dst, ref, skills.TransferOptions{Tag: "1", Limits: skills.Limits{MaxFiles: 3}})
					require.ErrorIs(t, err, skills.ErrTooManyFiles)
				}
			})
		}
	}
}

// lateTarget gets what others bring when it is asked for the second time.
type lateTarget struct {
	oras.Target
	bring func(dst oras.Target) error
	asked *atomic.Int32
}

func (l lateTarget) Exists(ctx context.Context, desc ocispec.Descriptor) (bool, error) {
	if l.asked.Add(1) == 2 {
		if err := l.bring(l.Target); err != nil {
			return false, err
		}
	}
	return l.Target.Exists(ctx, desc)
}

// TestPullChecksWhatOthersBring pulls what another program puts into the
// destination after it was looked for there, and before it is copied.
func TestPullChecksWhatOthersBring(t *testing.T) {
	t.Parallel()
	layer := fourFiles(t)
	liar := foreign{layer: layer, labels: with(labelsOf(layer), skills.LabelSkillDescription, "Harmless.")}
	for _, f := range []foreign{liar, {layer: layer}} {
		_, registry, ref := pushedRaw(t, f)
		store := memory.New()
		dst := lateTarget{store, func(dst oras.Target) error {
			repository, tag, err := registry.Repository(ref)
			if err != nil {
				return err
			}
			_, err = oras.Copy(t.Context(), repository, tag, dst, "other", oras.DefaultCopyOptions)
			return err
		}, new(atomic.Int32)}
		_, err := registry.Pull(t.Context(), dst, ref, skills.TransferOptions{Tag: "1"})
		_, rerr := store.Resolve(t.Context(), "1")
		if f.labels == nil {
			require.NoError(t, err)
			require.NoError(t, rerr)
			continue
		}
		require.ErrorIs(t, err, skills.ErrCorrupt)
		require.Error(t, rerr, "no tag")
	}
}

// TestPushChecksWhatTheRegistryHas reads the layer from where it is near.
func TestPushChecksWhatTheRegistryHas(t *testing.T) {
	t.Parallel()
	layer := fourFiles(t)
	liar := foreign{layer: layer, labels: with(labelsOf(layer), skills.LabelSkillDescription, "Harmless.")}
	srv, registry, ref := pushedRaw(t, liar)
	layout := openLayout(t, liar.dir(t))
	root, err := layout.Resolve(t.Context(), "x")
	require.NoError(t, err)
	err = registry.Push(t.Context(), layout, root.Digest, srv.Host()+"/a/demo:2", skills.TransferOptions{})
	require.ErrorIs(t, err, skills.ErrCorrupt)
	repository, _, err := registry.Repository(ref)
	require.NoError(t, err)
	_, err = repository.Resolve(t.Context(), "2")
	require.Error(t, err)
	require.Zero(t, got(srv, digest.FromBytes(layer)))

	// From registry to registry the layer is read as it passes.
	other := registrytest.New(t)
	far, tag, err := registry.Repository(ref)
	require.NoError(t, err)
	root, err = far.Resolve(t.Context(), tag)
	require.NoError(t, err)
	err = newRegistry(t, other).Push(t.Context(), far, root.Digest, other.Host()+"/b/demo:1", skills.TransferOptions{})
	require.ErrorIs(t, err, skills.ErrCorrupt)
	require.ErrorContains(t, err, `says "Harmless."`)
}

// stoppingTarget gives a layer up after so many bytes.
type stoppingTarget struct {
	oras.Target
	after int64
}

func (s stoppingTarget) Push(ctx context.Context, desc ocispec.Descriptor, r io.Reader) error {
	if desc.MediaType != ocispec.MediaTypeImageLayerGzip {
		return s.Target.Push(ctx, desc, r)
	}
	_, err := io.CopyN(io.Discard, r, s.after)
	return errors.Join(errStore, err)
}

// TestPullIntoAStoreThatStops ends, whenever it does; that nothing runs on is
// for TestMain to see.
func TestPullIntoAStoreThatStops(t *testing.T) {
	t.Parallel()
	layer := layerWith(t, skillMD+noise(1<<20))
	_, registry, ref := pushedRaw(t, foreign{layer: layer})
	for _, after := range []int64{0, 1, 600, 100_000, int64(len(layer)) - 1, int64(len(layer))} {
		store := memory.New()
		_, err := registry.Pull(t.Context(), stoppingTarget{store, after}, ref, skills.TransferOptions{Tag: "1"})
		require.ErrorIs(t, err, errStore, "after %d bytes", after)
		_, err = store.Resolve(t.Context(), "1")
		require.Error(t, err)
	}
	_, err := registry.Pull(t.Context(), memory.New(), ref, skills.TransferOptions{})
	require.NoError(t, err)
}

// TestPullOfALayerThatBreaksOff has the error of the connection, not that of
// what could not be decompressed.
func TestPullOfALayerThatBreaksOff(t *testing.T) {
	t.Parallel()
	layer := layerWith(t, skillMD+noise(1<<20))
	for _, at := range []int64{0, 10, 5000, int64(len(layer)) - 1} {
		srv, registry, ref := pushedRaw(t, foreign{layer: layer})
		srv.Inject(registrytest.Fault{
			Match:  registrytest.Match{Method: http.MethodGet, Digest: digest.FromBytes(layer)},
			Effect: registrytest.DropBody, At: at, Count: -1,
		})
		dir := t.TempDir()
		_, err := registry.Pull(t.Context(), openLayout(t, dir), ref, skills.TransferOptions{})
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "at %d", at)
		require.ErrorIs(t, err, skills.ErrInterrupted)
		require.NotErrorIs(t, err, skills.ErrCorrupt)
		requireNotPulled(t, dir)
	}
}

// TestPullIsCancelled while the layer passes.
func TestPullIsCancelled(t *testing.T) {
	t.Parallel()
	_, registry, ref := pushedRaw(t, foreign{layer: layerWith(t, skillMD+noise(4<<20))})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := t.TempDir()
	_, err := registry.Pull(ctx, openLayout(t, dir), ref, skills.TransferOptions{Progress: func(done, _ int64) {
		if done > 1<<20 {
			cancel()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	requireNotPulled(t, dir)
}
