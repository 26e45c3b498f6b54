// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"embed"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/content/oci"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/source"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// TZ names nothing without, where none is installed

//go:embed all:testdata/skills
var embedded embed.FS

var update = flag.Bool("update", false, "add new lines to golden files; those that are there stay")

const goldenFile = "testdata/golden.txt"

// TestGoldenIndexDigests holds the digests of the sample skills still, for ever:
// format 1 is frozen.
func TestGoldenIndexDigests(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, name := range samples(t) {
		_, result := packDir(t, filepath.Join(sampleDir, name), skills.PackageOptions{})
		fmt.Fprintf(&b, "%s %s\n", result.IndexDigest, name)
	}
	golden, err := os.ReadFile(goldenFile)
	require.NoError(t, err)
	want := strings.ReplaceAll(string(golden), "\r\n", "\n")
	if *update {
		require.NoError(t, onlyAdds(want, b.String()))
		require.NoError(t, os.WriteFile(goldenFile, []byte(b.String()), 0o644))
		want = b.String()
	}
	require.Equal(t, want, b.String())
}

// onlyAdds returns an error if a line of the golden file before is not in the
// one after.
func onlyAdds(before, after string) error {
	there := map[string]bool{}
	for line := range strings.Lines(after) {
		there[line] = true
	}
	for line := range strings.Lines(before) {
		if !there[line] {
			return fmt.Errorf("the format is frozen: a digest that was recorded can't change: %s", line)
		}
	}
	return nil
}

func TestGoldenFilesOnlyGrow(t *testing.T) {
	t.Parallel()
	require.NoError(t, onlyAdds("1 a\n2 b\n", "1 a\n3 aa\n2 b\n"))
	require.ErrorContains(t, onlyAdds("1 a\n2 b\n", "1 a\n3 b\n"), "2 b")
	require.ErrorContains(t, onlyAdds("1 a\n2 b\n", "1 a\n"), "2 b")
}

// TestSameDigest packs every sample skill in every way that must not matter.
func TestSameDigest(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	digestFS := func(t *testing.T, fsys fs.FS) string {
		result, err := skills.NewPackager(memory.New()).PackageFS(ctx, fsys, skills.PackageOptions{})
		require.NoError(t, err)
		return result.IndexDigest.String()
	}
	digestDir := func(t *testing.T, dir string) string {
		_, result := packDir(t, dir, skills.PackageOptions{})
		return result.IndexDigest.String()
	}
	ways := []struct {
		name   string
		digest func(t *testing.T, dir string) string
	}{
		{"OCI layout of oras-go", func(t *testing.T, dir string) string {
			store, err := oci.New(t.TempDir())
			require.NoError(t, err)
			result, err := skills.NewPackager(store).Package(ctx, dir, skills.PackageOptions{Tag: "x"})
			require.NoError(t, err)
			return result.IndexDigest.String()
		}},
		{"OCI layout of ours", func(t *testing.T, dir string) string {
			layout, err := ocilayout.Open(t.TempDir())
			require.NoError(t, err)
			result, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{})
			require.NoError(t, err)
			return result.IndexDigest.String()
		}},
		{"embed.FS", func(t *testing.T, dir string) string {
			sub, err := fs.Sub(embedded, "testdata/skills/"+filepath.Base(dir))
			require.NoError(t, err)
			if filepath.Base(dir) == "unicode-names" {
				sub = source.ASCIINames{FS: sub}
			}
			return digestFS(t, sub)
		}},
		{"fstest.MapFS", func(t *testing.T, dir string) string { return digestFS(t, mapFS(t, dir)) }},
		{"os.DirFS", func(t *testing.T, dir string) string { return digestFS(t, os.DirFS(dir)) }},
		{"zip", func(t *testing.T, dir string) string {
			var b bytes.Buffer
			zw := zip.NewWriter(&b)
			require.NoError(t, zw.AddFS(os.DirFS(dir)))
			require.NoError(t, zw.Close())
			zr, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
			require.NoError(t, err)
			return digestFS(t, zr)
		}},
		{"another directory name", func(t *testing.T, dir string) string {
			other := filepath.Join(t.TempDir(), "another-name")
			require.NoError(t, os.CopyFS(other, os.DirFS(dir)))
			return digestDir(t, other)
		}},
		{"other modes, owners and times", func(t *testing.T, dir string) string {
			other := filepath.Join(t.TempDir(), "x")
			require.NoError(t, os.CopyFS(other, os.DirFS(dir)))
			i := 0
			require.NoError(t, filepath.WalkDir(other, func(path string, d fs.DirEntry, err error) error {
				require.NoError(t, err)
				i++
				modes := []fs.FileMode{0o400, 0o777, 0o604}
				if d.IsDir() {
					modes = []fs.FileMode{0o700, 0o777, 0o711 | fs.ModeSticky | fs.ModeSetgid}
				}
				require.NoError(t, os.Chmod(path, modes[i%3]))
				if os.Getuid() == 0 && runtime.GOOS != "windows" {
					require.NoError(t, os.Lchown(path, 1000+i, 2000+i))
				}
				return os.Chtimes(path, time.Time{}, time.Unix(int64(i)*1e6, 0))
			}))
			return digestDir(t, other)
		}},
		{"trailing slash and dots in the path", func(t *testing.T, dir string) string {
			return digestDir(t, dir+"/../"+filepath.Base(dir)+"/./")
		}},
	}
	for _, name := range samples(t) {
		dir := filepath.Join(sampleDir, name)
		want := digestDir(t, dir)
		for _, way := range ways {
			t.Run(name+"/"+way.name, func(t *testing.T) {
				t.Parallel()
				require.Equal(t, want, way.digest(t, dir))
			})
		}
	}
}

// TestSameDigestInOtherProcessesBounded packs in processes whose surroundings differ,
// the samples and copies that were made in the same surroundings. Each process
// makes sure of them.
func TestSameDigestInOtherProcessesBounded(t *testing.T) {
	t.Parallel()
	testkit.SkipUnderRace(t)
	if offset := os.Getenv("SKILLCASK_TEST_PACK"); offset != "" {
		packSamples(t, offset)
		return
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("needs a shell")
	}
	var want []string
	for _, name := range samples(t) {
		_, result := packDir(t, filepath.Join(sampleDir, name), skills.PackageOptions{})
		want = append(want, fmt.Sprintf("packed %s %s", name, result.IndexDigest))
	}
	self, err := os.Executable()
	require.NoError(t, err)
	for _, c := range []struct {
		surroundings string
		offset       string // of the local time, in seconds
		modes        string // of a directory and a file that are made
	}{
		{surroundings: "umask 077", modes: "drwx------ -rw-------"},
		{surroundings: "umask 0", modes: "drwxrwxrwx -rw-rw-rw-"},
		{surroundings: "export GOMAXPROCS=1"},
		{surroundings: "export GOMAXPROCS=8"},
		{surroundings: "export TZ=Asia/Tokyo", offset: "32400"},
		{surroundings: "export LC_ALL=tr_TR.UTF-8"},
		{surroundings: "export GODEBUG=randautoseed=0"},
		{surroundings: "export HOME= TMPDIR=/tmp"},
	} {
		t.Run(c.surroundings, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("/bin/sh", "-c", c.surroundings+`; exec "$0" -test.run '^TestSameDigestInOtherProcessesBounded$' -test.v`, self)
			cmd.Env = append(os.Environ(), "SKILLCASK_TEST_PACK="+cmp.Or(c.offset, "any"))
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			var got []string
			for line := range strings.Lines(string(out)) {
				if strings.HasPrefix(line, "packed ") {
					got = append(got, strings.TrimSpace(line))
				}
			}
			require.Equal(t, want, got)
			require.Contains(t, string(out), "modes "+c.modes)
		})
	}
}

// packSamples packs as one of the processes.
func packSamples(t *testing.T, offset string) {
	if offset != "any" {
		_, got := time.Unix(0, 0).Zone()
		require.Equal(t, offset, fmt.Sprint(got), "TZ has no effect")
	}
	for _, name := range samples(t) {
		_, result := packDir(t, filepath.Join(sampleDir, name), skills.PackageOptions{})
		fmt.Println("packed", name, result.IndexDigest)

		dir := filepath.Join(t.TempDir(), name)
		// Not os.CopyFS, which takes over what bits there are.
		require.NoError(t, fs.WalkDir(os.DirFS(sampleDir), name, func(path string, d fs.DirEntry, err error) error {
			require.NoError(t, err)
			to := filepath.Join(filepath.Dir(dir), path)
			if d.IsDir() {
				return os.Mkdir(to, 0o777)
			}
			data, err := os.ReadFile(filepath.Join(sampleDir, path))
			require.NoError(t, err)
			return os.WriteFile(to, data, 0o666)
		}))
		_, copied := packDir(t, dir, skills.PackageOptions{})
		require.Equal(t, result.IndexDigest, copied.IndexDigest)
		made, err := os.Stat(dir)
		require.NoError(t, err)
		file, err := os.Stat(filepath.Join(dir, skills.SkillFileName))
		require.NoError(t, err)
		fmt.Println("modes", made.Mode(), file.Mode())
	}
}

// TestDigestDependsOn shows that what should matter does.
func TestDigestDependsOn(t *testing.T) {
	t.Parallel()
	base := smallSkill()
	_, plain := packDir(t, tree(t, base), skills.PackageOptions{})
	arm, err := skills.ParsePlatform("linux/arm64")
	require.NoError(t, err)
	amd, err := skills.ParsePlatform("linux/amd64")
	require.NoError(t, err)
	armAMD := skills.PackageOptions{}
	armAMD.Platforms = append(armAMD.Platforms, arm, amd)
	one := skills.PackageOptions{}
	one.Platforms = append(one.Platforms, amd)
	cases := map[string]struct {
		change func(files map[string]string)
		opts   skills.PackageOptions
	}{
		"content": {change: func(f map[string]string) { f["references/one.md"] = "# Two\n" }},
		"name": {change: func(f map[string]string) {
			f["references/two.md"] = f["references/one.md"]
			delete(f, "references/one.md")
		}},
		"mode":          {change: func(f map[string]string) { f["references/one.md"] = "#!One\n" }},
		"more files":    {change: func(f map[string]string) { f["references/empty.md"] = "" }},
		"epoch":         {opts: skills.PackageOptions{Epoch: time.Unix(1, 0)}},
		"platforms":     {opts: one},
		"their order":   {opts: armAMD},
		"source":        {opts: skills.PackageOptions{Source: "https://example.com"}},
		"revision":      {opts: skills.PackageOptions{Revision: "abc"}},
		"modes from FS": {opts: skills.PackageOptions{ModesFromFS: true}},
	}
	seen := map[string]string{plain.IndexDigest.String(): "plain"}
	for name, c := range cases {
		files := smallSkill()
		if c.change != nil {
			c.change(files)
		}
		_, result := packDir(t, tree(t, files), c.opts)
		other, ok := seen[result.IndexDigest.String()]
		assert.False(t, ok, "%s gives the digest of %s", name, other)
		seen[result.IndexDigest.String()] = name
	}
}

// TestEpochNormalized covers a fault of ToolHive's packager: a zero epoch wrote
// the year 1, and another time zone changed the digest.
func TestEpochNormalized(t *testing.T) {
	t.Parallel()
	dir := tree(t, smallSkill())
	_, zero := packDir(t, dir, skills.PackageOptions{})
	_, unix := packDir(t, dir, skills.PackageOptions{Epoch: time.Unix(0, 0)})
	_, tokyo := packDir(t, dir, skills.PackageOptions{Epoch: time.Unix(0, 0).In(time.FixedZone("JST", 9*3600))})
	require.Equal(t, zero.IndexDigest, unix.IndexDigest)
	require.Equal(t, zero.IndexDigest, tokyo.IndexDigest)
}

// TestNothingWrittenTwice packs a skill twice into stores that count.
func TestNothingWrittenTwice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	layout, err := ocilayout.Open(t.TempDir())
	require.NoError(t, err)
	for name, target := range map[string]oras.Target{"memory": memory.New(), "layout": layout} {
		for _, tag := range []string{"", "1.0"} {
			store := &countingStore{Target: target}
			_, err := skills.NewPackager(store).Package(ctx, tree(t, smallSkill()), skills.PackageOptions{Tag: tag})
			require.NoError(t, err)
			store.writes = 0
			_, err = skills.NewPackager(store).Package(ctx, tree(t, smallSkill()), skills.PackageOptions{Tag: tag})
			require.NoError(t, err)
			require.Zero(t, store.writes, name)
		}
	}
}
