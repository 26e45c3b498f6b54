// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/content/oci"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/internal/testkit"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// Variables that make of the test's program one that packs until it is killed.
const (
	envPackInto = "SKILLCASK_TEST_PACK_INTO" // the layout
	envPackName = "SKILLCASK_TEST_PACK_NAME" // begins its tags; "half" to stop in the middle of a blob
)

// packForEver packs and says so, a line for each tag.
func packForEver(path string) {
	ctx, name := context.Background(), os.Getenv(envPackName)
	layout, err := ocilayout.Open(path)
	if err == nil && name == "half" {
		data := []byte(testkit.Noise(1 << 20))
		blob := io.MultiReader(bytes.NewReader(data[:len(data)/2]), &waiting{})
		err = layout.Push(ctx, content.NewDescriptorFromBytes("text/plain", data), blob)
	}
	for n := 0; err == nil; n++ {
		files := fstest.MapFS{
			"SKILL.md":     {Data: []byte(testkit.SkillMD)},
			"assets/noise": {Data: fmt.Appendf([]byte(testkit.Noise(1<<20)), "%s %d", name, n)},
		}
		tag := fmt.Sprintf("%s-%d", name, n%8) // some move
		var result *skills.PackageResult
		if result, err = skills.NewPackager(layout).PackageFS(ctx, files, skills.PackageOptions{Tag: tag}); err == nil {
			fmt.Println(tag, result.IndexDigest)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// waiting says that it is read, and then never ends.
type waiting struct{}

func (*waiting) Read([]byte) (int, error) {
	fmt.Println("half")
	select {}
}

// startPacking starts a process that packs, and returns what it prints.
func startPacking(t *testing.T, path, name string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envPackInto+"="+path, envPackName+"="+name)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, bufio.NewScanner(stdout)
}

// TestKilledPacks kills two processes that pack into one layout at random
// moments. What they said they had packed is there, other tools read the layout,
// and the next to pack removes what they left.
func TestKilledPacks(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "layout")
	rnd := rand.New(rand.NewPCG(1, 2))
	packed := map[string]string{}
	for round := range 4 {
		var cmds []*exec.Cmd
		var lines []*bufio.Scanner
		for i := range 2 {
			cmd, out := startPacking(t, path, fmt.Sprintf("r%d-p%d", round, i))
			cmds, lines = append(cmds, cmd), append(lines, out)
		}
		for i, out := range lines {
			require.True(t, out.Scan(), "the first is packed")
			after := time.Duration(rnd.IntN(100)) * time.Millisecond
			time.AfterFunc(after, func() { _ = cmds[i].Process.Kill() })
			for more := true; more; more = out.Scan() {
				tag, dgst, _ := strings.Cut(out.Text(), " ")
				packed[tag] = dgst
			}
		}
		for _, cmd := range cmds {
			_ = cmd.Wait()
			if runtime.GOOS != "windows" { // there a kill is an exit too
				require.False(t, cmd.ProcessState.Exited(), "it ended by itself: %v", cmd.ProcessState)
			}
		}

		theirs, err := oci.New(path)
		require.NoError(t, err)
		layout := openLayout(t, path)
		for tag, want := range packed {
			desc, err := theirs.Resolve(ctx, tag)
			require.NoError(t, err)
			if desc.Digest.String() != want { // it moved once more, and there was no time to say so
				require.True(t, strings.HasPrefix(tag, fmt.Sprintf("r%d-", round)), tag)
				packed[tag] = desc.Digest.String()
			}
			for _, dgst := range []string{want, desc.Digest.String()} {
				_, err = skills.Inspect(ctx, layout, dgst, skills.InspectOptions{Files: true})
				require.NoError(t, err)
			}
		}
		_, err = oras.Copy(ctx, theirs, fmt.Sprintf("r%d-p0-0", round), memory.New(), "", oras.DefaultCopyOptions)
		require.NoError(t, err)
		if runtime.GOOS != "windows" { // a file is young there for a minute
			_, err = skills.NewPackager(openLayout(t, path)).PackageFS(ctx, fstest.MapFS{"SKILL.md": {Data: []byte(testkit.SkillMD)}}, skills.PackageOptions{})
			require.NoError(t, err)
			testkit.RequireNoHalfFiles(t, path)
		}
	}
}

// TestAKilledPushIsSwept, and one that goes on is not: by another layout, and by
// a registry that serves the directory.
func TestAKilledPushIsSwept(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a file is young there for a minute")
	}
	shelf, ctx := t.TempDir(), t.Context()
	path := filepath.Join(shelf, "demo")
	cmd, out := startPacking(t, path, "half")
	require.True(t, out.Scan())
	half := testkit.HalfFiles(t, path)
	require.Len(t, half, 1)
	require.Equal(t, filepath.Join(path, ".skillcask-tmp"), filepath.Dir(half[0]))
	sweep := func(n int64) {
		_, err := skills.NewPackager(openLayout(t, path)).Package(ctx, testkit.Tree(t, testkit.SmallSkill()), skills.PackageOptions{Tag: "1.0", Epoch: time.Unix(n, 0)})
		require.NoError(t, err)
	}
	sweep(1)
	openShelf(t, shelf)
	require.Equal(t, half, testkit.HalfFiles(t, path), "its process lives")

	_, err := oci.New(path)
	require.NoError(t, err)
	blobs, err := os.ReadDir(filepath.Join(path, ocispec.ImageBlobsDir, "sha256"))
	require.NoError(t, err)
	for _, blob := range blobs {
		require.Len(t, blob.Name(), 64, "other tools take all that is here for blobs")
	}
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	sweep(2)
	require.Empty(t, testkit.HalfFiles(t, path))
	require.NoDirExists(t, filepath.Join(path, ".skillcask-tmp"))
}
