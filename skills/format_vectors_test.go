// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills/internal/testkit"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// formatVector is a file of testdata/format: a txtar archive. A first line says
// what it shows; lines "epoch N", "platforms P..." and "exact" are options. The files
// below skill/ are the skill's, with what testkit.Expand replaces. Those below want/ are
// what comes of it: the configuration of the first platform, the annotations
// of the index and its digest; or what is refused, as the file, line, column and rule.
type formatVector struct {
	path  string
	text  *txtar.Archive
	opts  PackageOptions
	files fstest.MapFS
}

func readFormatVector(t *testing.T, path string) *formatVector {
	t.Helper()
	text, err := txtar.ParseFile(path)
	require.NoError(t, err)
	v := &formatVector{path: path, text: text, files: fstest.MapFS{}}
	for _, line := range strings.Split(strings.TrimSpace(string(text.Comment)), "\n")[1:] {
		switch words := strings.Fields(line); words[0] {
		case "epoch":
			n, err := strconv.ParseInt(words[1], 10, 64)
			require.NoError(t, err)
			v.opts.Epoch = time.Unix(n, 0)
		case "platforms":
			for _, word := range words[1:] {
				platform, err := ParsePlatform(word)
				require.NoError(t, err)
				v.opts.Platforms = append(v.opts.Platforms, platform)
			}
		case "exact":
			v.opts.ExactFiles = true
		default:
			require.Fail(t, "unknown directive", line)
		}
	}
	for _, f := range text.Files {
		if name, ok := strings.CutPrefix(f.Name, "skill/"); ok {
			v.files[testkit.Expand(name)] = &fstest.MapFile{Data: []byte(testkit.Expand(string(f.Data)))}
		}
	}
	return v
}

// pack returns the files below want/.
func (v *formatVector) pack(t *testing.T) []txtar.File {
	t.Helper()
	ctx := context.Background()
	store := memory.New()
	result, err := NewPackager(store).PackageFS(ctx, v.files, v.opts)
	if invalid := (*skilldir.InvalidError)(nil); errors.As(err, &invalid) {
		var b bytes.Buffer
		for _, d := range invalid.Diagnostics {
			fmt.Fprintf(&b, "%s:%d:%d %s\n", d.File, d.Line, d.Column, d.Rule)
		}
		return []txtar.File{{Name: "want/refused", Data: b.Bytes()}}
	}
	require.NoError(t, err)
	fetch := func(desc ocispec.Descriptor, into any) []byte {
		data, err := content.FetchAll(ctx, store, desc)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, into))
		return append(data, '\n')
	}
	var index struct {
		Manifests   []ocispec.Descriptor
		Annotations json.RawMessage
	}
	fetch(result.Index, &index)
	var manifest ocispec.Manifest
	fetch(index.Manifests[0], &manifest)
	return []txtar.File{
		{Name: "want/config", Data: fetch(manifest.Config, new(ocispec.Image))},
		{Name: "want/annotations", Data: append(index.Annotations, '\n')},
		{Name: "want/index", Data: []byte(result.IndexDigest.String() + "\n")},
	}
}

// TestGoldenFormatVectors packs the cases that FORMAT.md speaks of. With -update
// it adds what comes of new ones; what is there never changes.
func TestGoldenFormatVectors(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/format/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	adds := flag.Lookup("update").Value.String() == "true"
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			v := readFormatVector(t, path)
			var want []txtar.File
			for _, f := range v.text.Files {
				if strings.HasPrefix(f.Name, "want/") {
					want = append(want, f)
				}
			}
			got := v.pack(t)
			if adds && want == nil {
				v.text.Files = append(v.text.Files, got...)
				require.NoError(t, os.WriteFile(path, txtar.Format(v.text), 0o644))
				return
			}
			require.Equal(t, len(want), len(got))
			for i := range want {
				require.Equal(t, want[i].Name, got[i].Name)
				require.Equal(t, string(want[i].Data), string(got[i].Data))
			}
		})
	}
}
