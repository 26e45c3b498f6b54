// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"
)

// TestGoldenSelfCheck holds the parts of the built-in skill still. With -update
// it adds the constants of new parts; those that are there never change.
func TestGoldenSelfCheck(t *testing.T) {
	skill, err := fs.Sub(selfCheckSkill, "selfcheck")
	require.NoError(t, err)
	parts, _, err := sealSelfCheck(skill)
	require.NoError(t, err)
	for i, want := range selfCheckDigests {
		require.Equal(t, want, digest.FromBytes(parts[i]), selfCheckParts[i])
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" && len(selfCheckDigests) < len(selfCheckParts) {
		const file = "selfcheck_digests.go"
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		text, ok := strings.CutSuffix(string(source), "}\n")
		require.True(t, ok)
		for i := len(selfCheckDigests); i < len(selfCheckParts); i++ {
			text += fmt.Sprintf("\t%q, // %s\n", digest.FromBytes(parts[i]), selfCheckParts[i])
		}
		require.NoError(t, os.WriteFile(file, []byte(text+"}\n"), 0o644))
		t.Skip("constants are added; run again")
	}
	require.Len(t, selfCheckDigests, len(selfCheckParts))
	require.NoError(t, new(selfCheck).run())
}

// TestDriftStopsPacking alters one byte of each part in turn.
func TestDriftStopsPacking(t *testing.T) {
	t.Parallel()
	skill := fstest.MapFS{"SKILL.md": {Data: []byte("---\nname: demo\ndescription: Shows things. Use it in tests.\n---\n")}}
	ctx := context.Background()
	for _, part := range selfCheckParts {
		check := &selfCheck{tamper: func(p string, data []byte) {
			if p == part {
				data[len(data)/2] ^= 1
			}
		}}
		store := memory.New()
		packager := &Packager{store: store, check: check}
		_, err := packager.PackageFS(ctx, skill, PackageOptions{Tag: "x"})
		require.ErrorIs(t, err, ErrFormatDrift)
		require.ErrorContains(t, err, "the "+part+" of the built-in skill")
		_, err = store.Resolve(ctx, "x")
		require.Error(t, err)
		_, err = packager.PackageFS(ctx, skill, PackageOptions{Tag: "x"})
		require.ErrorIs(t, err, ErrFormatDrift, "it stays so")
	}
}

// TestDriftThatStopsTheCheck names what can't be made of the built-in skill.
func TestDriftThatStopsTheCheck(t *testing.T) {
	t.Parallel()
	skillMD := &fstest.MapFile{Data: []byte("---\nname: demo\ndescription: Shows things. Use it in tests.\n---\n")}
	for part, skill := range map[string]fs.FS{
		"front matter": fstest.MapFS{"SKILL.md": {Data: []byte("---\nname: [\n---\n")}},
		"layer":        &vanishingFS{FS: fstest.MapFS{"SKILL.md": skillMD, "x": {Data: []byte("x")}}, name: "x"},
	} {
		check := &selfCheck{skill: skill}
		_, err := (&Packager{store: memory.New(), check: check}).PackageFS(context.Background(), fstest.MapFS{"SKILL.md": skillMD}, PackageOptions{})
		require.ErrorIs(t, err, ErrFormatDrift)
		require.ErrorContains(t, err, "the "+part+" of the built-in skill can't be made")
	}
	require.Equal(t, "config", (&sealed{layer: ocispec.Descriptor{Digest: "x"}}).missing())
	require.Equal(t, "manifest", (&sealed{layer: ocispec.Descriptor{Digest: "x"}, configs: make([]blob, 1)}).missing())
	require.Equal(t, "index", (&sealed{layer: ocispec.Descriptor{Digest: "x"}, configs: make([]blob, 1), manifests: make([]blob, 1)}).missing())
}

// vanishingFS lists a file that can't be opened.
type vanishingFS struct {
	fs.FS
	name string
}

func (v *vanishingFS) Open(name string) (fs.File, error) {
	if name == v.name {
		return nil, fs.ErrPermission
	}
	return v.FS.Open(name)
}

// TestDriftOfADependency builds the command with an altered copy of
// image-spec's manifest.go, as an importing program's choice of versions might
// bring one in, and sees it refuse.
func TestDriftOfADependency(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command")
	}
	run := func(args ...string) string {
		out, err := exec.Command("go", args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return strings.TrimSpace(string(out))
	}
	// -overlay does not reach into the module cache, so the module is copied.
	work := t.TempDir()
	module := filepath.Join(work, "image-spec")
	require.NoError(t, os.CopyFS(module, os.DirFS(run("list", "-m", "-f", "{{.Dir}}", "github.com/opencontainers/image-spec"))))
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(work, name), data, 0o644))
	}
	modfile := filepath.Join(work, "go.mod")
	run("mod", "edit", "-replace", "github.com/opencontainers/image-spec="+module, modfile)

	original := filepath.Join(module, "specs-go", "v1", "manifest.go")
	source, err := os.ReadFile(original)
	require.NoError(t, err)
	const before = "Annotations map[string]string `json:\"annotations,omitempty\"`"
	require.Contains(t, string(source), before)
	altered := filepath.Join(work, "manifest.go")
	require.NoError(t, os.WriteFile(altered, []byte(strings.Replace(string(source), before,
		before+"\n\tNews string `json:\"news\"`", 1)), 0o644))
	overlay := filepath.Join(work, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace":{%q:%q}}`, original, altered), 0o644))
	program := filepath.Join(work, "skillcask")
	run("build", "-modfile", modfile, "-overlay", overlay, "-o", program, "./cmd/skillcask")

	layout := filepath.Join(work, "layout")
	out, err := exec.Command(program, "pack", "testdata/skills/commit-message", "--layout", layout).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "skillcask: format drift: the manifest of the built-in skill is")
	require.NoDirExists(t, layout)
}

// BenchmarkSelfCheck shows what the check costs a process.
func BenchmarkSelfCheck(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := new(selfCheck).run(); err != nil {
			b.Fatal(err)
		}
	}
}
