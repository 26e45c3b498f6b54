// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

func TestUnpackRestoresTheTree(t *testing.T) {
	t.Parallel()
	for _, name := range samples(t) {
		dir := filepath.Join(sampleDir, name)
		store, packed := packDir(t, dir, skills.PackageOptions{})
		dest := filepath.Join(t.TempDir(), "a", "b")
		result, err := skills.Unpack(context.Background(), store, packed.IndexDigest.String(), dest, skills.UnpackOptions{})
		require.NoError(t, err)
		require.Equal(t, listTree(t, dir), listTree(t, dest))
		require.Len(t, result.Files, len(packed.Config.Files))
		require.Equal(t, packed.Config, result.Config)
	}
}

func TestUnpackDestination(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store, packed := packDir(t, tree(t, smallSkill()), skills.PackageOptions{})
	cases := []struct {
		name  string
		make  func(t *testing.T, dest string)
		force bool
		fails bool
	}{
		{name: "absent", make: func(*testing.T, string) {}},
		{name: "empty", make: func(t *testing.T, dest string) { require.NoError(t, os.Mkdir(dest, 0o755)) }},
		{name: "in use", make: inUse, fails: true},
		{name: "in use, forced", make: inUse, force: true},
		{name: "a file", make: func(t *testing.T, dest string) { require.NoError(t, os.WriteFile(dest, nil, 0o644)) }, force: true, fails: true},
		{name: "a link to an empty directory", make: func(t *testing.T, dest string) {
			require.NoError(t, os.Mkdir(dest+".real", 0o755))
			link(filepath.Base(dest)+".real", filepath.Base(dest))(t, filepath.Dir(dest))
		}},
		{name: "a link that dangles", make: func(t *testing.T, dest string) {
			link("nowhere", filepath.Base(dest))(t, filepath.Dir(dest))
		}, fails: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			dest := filepath.Join(parent, "out")
			c.make(t, dest)
			before := names(t, parent)
			_, err := skills.Unpack(ctx, store, packed.IndexDigest.String(), dest, skills.UnpackOptions{Force: c.force})
			if c.fails {
				require.ErrorIs(t, err, skills.ErrDestinationExists)
				require.ErrorContains(t, err, dest)
				require.Equal(t, before, names(t, parent))
				return
			}
			require.NoError(t, err)
			require.Len(t, listTree(t, dest+"/."), 3)
			require.Contains(t, names(t, parent), "out")
			require.LessOrEqual(t, len(names(t, parent)), len(before)+1, "nothing but the destination is new")
		})
	}
}

func inUse(t *testing.T, dest string) {
	require.NoError(t, os.Mkdir(dest, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dest, "old"), []byte("old"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dest, skills.SkillFileName), []byte("old"), 0o644))
}

func names(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var out []string
	for _, entry := range entries {
		out = append(out, entry.Name())
	}
	return out
}

// foreign builds an artifact by hand, which may be wrong in any way.
type foreign struct {
	layer       []byte
	layerType   string
	diffID      digest.Digest
	artifact    string
	labels      map[string]string
	layers      int
	layerDesc   func(desc *ocispec.Descriptor)
	indexTweaks func(index *ocispec.Index)

	image      func(image *ocispec.Image)
	configData []byte // instead of an image configuration
	configDesc func(desc *ocispec.Descriptor)
	manifest   func(manifest *ocispec.Manifest)
	rootDesc   func(desc *ocispec.Descriptor)
}

func (f foreign) store(t *testing.T) (*ocilayout.Store, string) {
	t.Helper()
	store, err := ocilayout.Open(f.dir(t))
	require.NoError(t, err)
	return store, "x"
}

// dir writes the artifact into an OCI layout, where its tag is "x", and returns
// the layout's path.
func (f foreign) dir(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	path := t.TempDir()
	store, err := ocilayout.Open(path)
	require.NoError(t, err)
	put := func(mediaType string, data []byte) ocispec.Descriptor {
		desc := content.NewDescriptorFromBytes(mediaType, data)
		if ok, _ := store.Exists(ctx, desc); !ok {
			require.NoError(t, store.Push(ctx, desc, bytes.NewReader(data)))
		}
		return desc
	}
	marshal := func(v any) []byte {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		return data
	}
	if f.layerType == "" {
		f.layerType = ocispec.MediaTypeImageLayerGzip
	}
	if f.diffID == "" {
		var err error
		f.diffID, err = digest.FromReader(gunzipping(f.layer))
		require.NoError(t, err)
	}
	if f.labels == nil {
		f.labels = labelsOf(f.layer)
	}
	image := ocispec.Image{
		Platform: ocispec.Platform{OS: "linux", Architecture: "amd64"},
		Config:   ocispec.ImageConfig{Labels: f.labels},
		RootFS:   ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{f.diffID}},
	}
	tweak(f.image, &image)
	if f.configData == nil {
		f.configData = marshal(image)
	}
	config := put(ocispec.MediaTypeImageConfig, f.configData)
	tweak(f.configDesc, &config)
	layer := put(f.layerType, f.layer)
	tweak(f.layerDesc, &layer)
	manifest := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: f.artifact, Config: config}
	for range max(f.layers, 1) {
		manifest.Layers = append(manifest.Layers, layer)
	}
	tweak(f.manifest, &manifest)
	root := put(ocispec.MediaTypeImageManifest, marshal(manifest))
	if f.indexTweaks != nil {
		index := ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{root}}
		f.indexTweaks(&index)
		root = put(ocispec.MediaTypeImageIndex, marshal(index))
	}
	// Tag would refuse what is not whole; a stranger's program does not.
	require.NoError(t, os.MkdirAll(path, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(path, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644))
	root.Annotations = map[string]string{ocispec.AnnotationRefName: "x"}
	tweak(f.rootDesc, &root)
	index := marshal(ocispec.Index{Manifests: []ocispec.Descriptor{root}})
	require.NoError(t, os.WriteFile(filepath.Join(path, "index.json"), index, 0o644))
	return path
}

// labelsOf returns the labels of skillMD and the files of a layer, as far as
// labels can have them.
func labelsOf(layer []byte) map[string]string {
	var files []string
	for tr := tar.NewReader(gunzipping(layer)); ; {
		header, err := tr.Next()
		if err != nil {
			break
		}
		name := strings.TrimPrefix(header.Name, "./")
		if header.Typeflag == tar.TypeReg && reproducible.CheckName(name) == nil {
			files = append(files, name)
		}
	}
	list, _ := json.Marshal(files)
	return map[string]string{
		skills.LabelSkillName:        "demo",
		skills.LabelSkillDescription: "Shows things. Use it in tests.",
		skills.LabelSkillFiles:       string(list),
	}
}

func tweak[T any](f func(*T), v *T) {
	if f != nil {
		f(v)
	}
}

// gunzipping returns a reader of what is compressed, which ends where that is damaged.
func gunzipping(data []byte) io.Reader {
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return strings.NewReader("")
	}
	return untilError{zr}
}

type untilError struct{ io.Reader }

func (r untilError) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

func gunzip(data []byte) []byte {
	plain, _ := io.ReadAll(gunzipping(data))
	return plain
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	_, err := zw.Write(data)
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	return b.Bytes()
}

// archive makes a gzip of a tar of entries. SKILL.md holds skillMD, another
// file as many zeros as its header says, or one.
func archive(t *testing.T, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	tw := tar.NewWriter(zw)
	for _, h := range headers {
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
			h.Size = 1
		}
		content := make([]byte, h.Size)
		if h.Typeflag == tar.TypeReg && strings.TrimPrefix(h.Name, "./") == "SKILL.md" {
			content = []byte(skillMD)
			h.Size = int64(len(content))
		}
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		require.NoError(t, tw.WriteHeader(&h))
		if h.Typeflag == tar.TypeReg {
			_, err := tw.Write(content)
			require.NoError(t, err)
		}
	}
	require.NoError(t, tw.Close())
	require.NoError(t, zw.Close())
	return b.Bytes()
}

// TestHostileArtifacts shows that nothing is written for any of them.
func TestHostileArtifacts(t *testing.T) {
	t.Parallel()
	good := archive(t, tar.Header{Name: "SKILL.md"})
	cases := append(hostileMetadata(good), []hostile{
		{name: "path that leads out", foreign: foreign{layer: archive(t, tar.Header{Name: "../x"})}, want: skills.ErrInvalidSkillFile, says: "../x"},
		{name: "absolute path", foreign: foreign{layer: archive(t, tar.Header{Name: "/etc/x"})}, want: skills.ErrInvalidSkillFile, says: "/etc/x"},
		{name: "backslash", foreign: foreign{layer: archive(t, tar.Header{Name: `..\x`})}, want: skills.ErrInvalidSkillFile, says: "backslash"},
		{name: "symbolic link", foreign: foreign{layer: archive(t, tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "/"})}, want: skills.ErrInvalidSkillFile, says: "symbolic link"},
		{name: "hard link", foreign: foreign{layer: archive(t, tar.Header{Name: "a"}, tar.Header{Name: "l", Typeflag: tar.TypeLink, Linkname: "a"})}, want: skills.ErrInvalidSkillFile, says: "hard link"},
		{name: "fifo", foreign: foreign{layer: archive(t, tar.Header{Name: "f", Typeflag: tar.TypeFifo})}, want: skills.ErrInvalidSkillFile, says: "fifo"},
		{name: "device", foreign: foreign{layer: archive(t, tar.Header{Name: "d", Typeflag: tar.TypeChar})}, want: skills.ErrInvalidSkillFile, says: "device"},
		{name: "name twice", foreign: foreign{layer: archive(t, tar.Header{Name: "a"}, tar.Header{Name: "a"})}, want: skills.ErrInvalidSkillFile, says: "twice"},
		{name: "names that differ by case", foreign: foreign{layer: archive(t, tar.Header{Name: "a"}, tar.Header{Name: "A"})}, want: skills.ErrInvalidSkillFile, says: "case"},
		{name: "too many files", foreign: foreign{layer: archive(t, tar.Header{Name: "a"}, tar.Header{Name: "b"})}, opts: skills.UnpackOptions{Limits: skills.Limits{MaxFiles: 1}}, want: skills.ErrTooManyFiles, says: "at most 1"},
		{name: "too large", foreign: foreign{layer: archive(t, tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 9000})}, opts: skills.UnpackOptions{Limits: skills.Limits{MaxBytes: 8000}}, want: skills.ErrSkillTooLarge, says: "8000"},
		{name: "no gzip", foreign: foreign{layer: []byte("no gzip at all, no gzip at all"), diffID: digest.FromString("")}, want: skills.ErrCorrupt},
		{name: "cut gzip", foreign: foreign{layer: good[:len(good)-4]}, want: skills.ErrCorrupt},
		{name: "garbage after gzip", foreign: foreign{layer: append(bytes.Clone(good), "garbage"...), diffID: digest.FromBytes(gunzip(good))}, want: skills.ErrCorrupt, says: "after the end of the gzip member"},
		{name: "zeros after gzip", foreign: foreign{layer: append(bytes.Clone(good), 0, 0), diffID: digest.FromBytes(gunzip(good))}, want: skills.ErrCorrupt, says: "after the end of the gzip member"},
		{name: "two gzip members", foreign: foreign{layer: append(bytes.Clone(good), archive(t, tar.Header{Name: "run.sh"})...)}, want: skills.ErrCorrupt, says: "after the end of the gzip member"},
		{name: "two gzip members, diff ID of the first", foreign: foreign{layer: append(bytes.Clone(good), archive(t, tar.Header{Name: "run.sh"})...), diffID: digest.FromBytes(gunzip(good))}, want: skills.ErrCorrupt, says: "after the end of the gzip member"},
		{name: "two archives", foreign: foreign{layer: gzipped(t, append(gunzip(good), gunzip(archive(t, tar.Header{Name: "run.sh"}))...))}, want: skills.ErrCorrupt, says: "more than zeros after its end"},
		{name: "another diff ID", foreign: foreign{layer: good, diffID: digest.FromString("x")}, want: skills.ErrCorrupt, says: "diff ID"},
		{name: "no diff ID", foreign: foreign{layer: good, diffID: "x"}, want: skills.ErrCorrupt, says: "diff ID"},
		{name: "layer size wrong", foreign: foreign{layer: good, layerDesc: func(d *ocispec.Descriptor) { d.Size-- }}, want: skills.ErrCorrupt},
		{name: "layer size negative", foreign: foreign{layer: good, layerDesc: func(d *ocispec.Descriptor) { d.Size = -1 }}, want: skills.ErrCorrupt, says: "size -1"},
		{name: "layer size huge", foreign: foreign{layer: good, layerDesc: func(d *ocispec.Descriptor) { d.Size = 1 << 50 }}, want: skills.ErrSkillTooLarge},
		{name: "layer digest malformed", foreign: foreign{layer: good, layerDesc: func(d *ocispec.Descriptor) { d.Digest = "sha256" }}, want: skills.ErrCorrupt, says: "sha256"},
		{name: "two layers", foreign: foreign{layer: good, layers: 2}, want: skills.ErrNotSkill, says: "2 layers"},
		{name: "zstd layer", foreign: foreign{layer: good, layerType: ocispec.MediaTypeImageLayerZstd}, want: skills.ErrNotSkill, says: "zstd"},
		{name: "an image that is no skill", foreign: foreign{layer: good, labels: map[string]string{}}, want: skills.ErrNotSkill, says: "label"},
		{name: "an artifact of another type", foreign: foreign{layer: good, artifact: "application/vnd.example"}, want: skills.ErrNotSkill, says: "application/vnd.example"},
		{name: "labels that are no JSON", foreign: foreign{layer: good, labels: map[string]string{skills.LabelSkillName: "x", skills.LabelSkillFiles: "{"}}, want: skills.ErrNotSkill, says: skills.LabelSkillFiles},
		{name: "empty index", foreign: foreign{layer: good, indexTweaks: func(i *ocispec.Index) { i.Manifests = nil }}, want: skills.ErrNotSkill},
		{name: "index of an index", foreign: foreign{layer: good, indexTweaks: func(i *ocispec.Index) { i.Manifests[0].MediaType = ocispec.MediaTypeImageIndex }}, want: skills.ErrNotSkill},
		{name: "index with a huge manifest", foreign: foreign{layer: good, indexTweaks: func(i *ocispec.Index) { i.Manifests[0].Size = 1 << 40 }}, want: skills.ErrSkillTooLarge},
		{name: "index without end", foreign: foreign{layer: good, indexTweaks: func(i *ocispec.Index) {
			for range 100 {
				i.Manifests = append(i.Manifests, i.Manifests[0])
			}
		}}, want: skills.ErrNotSkill, says: "101"},
	}...)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			store, reference := c.store(t)
			parent := t.TempDir()
			dest := filepath.Join(parent, "out")
			inUse(t, dest)
			c.opts.Force = true
			_, err := skills.Unpack(ctx, store, reference, dest, c.opts)
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "\n")
			require.Equal(t, []string{"out"}, names(t, parent))
			require.Equal(t, []string{"SKILL.md", "old"}, names(t, dest))
			c.othersRefuse(t, store, reference)
		})
	}
}

// TestForeignArtifactsUnpack takes what other tools make: no artifact type or
// ToolHive's, "./" before names, entries for directories, any mode.
func TestForeignArtifactsUnpack(t *testing.T) {
	t.Parallel()
	layer := archive(t,
		tar.Header{Name: "./", Typeflag: tar.TypeDir, Mode: 0o755},
		tar.Header{Name: "./SKILL.md", Mode: 0o600},
		tar.Header{Name: "./bin/", Typeflag: tar.TypeDir, Mode: 0o000},
		tar.Header{Name: "./bin/x", Mode: 0o111})
	for _, artifactType := range []string{"", "dev.toolhive.skills.v1", skills.ArtifactTypeSkill} {
		store, reference := foreign{layer: layer, artifact: artifactType}.store(t)
		dest := filepath.Join(t.TempDir(), "out")
		_, err := skills.Unpack(context.Background(), store, reference, dest, skills.UnpackOptions{})
		require.NoError(t, err)
		got := listTree(t, dest)
		require.Len(t, got, 2)
		require.True(t, strings.HasPrefix(got["SKILL.md"], "-rw"))
		require.True(t, strings.HasPrefix(got["bin/x"], "-rwx"), "mode 0111 must not become 0")
	}
}
