// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/skillcask/skillcask/registrytest"
	shelf "github.com/skillcask/skillcask/registrytest/layout"
)

// store is what the three that write layouts have in common.
type store interface {
	content.Storage
	content.Tagger
	content.Deleter
	content.Untagger
}

// served is a layout that a registry serves.
type served struct {
	*remote.Repository
	url string
}

// Untag deletes a tag, for which oras-go has no method.
func (s served) Untag(ctx context.Context, tag string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, s.url+"/v2/demo/manifests/"+tag, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// graphOf has manifests of all kinds by name: two images of one configuration and
// layers of their own, an index of them, and what is attached to these.
type graphOf struct {
	blobs     map[string][]byte // by digest
	manifests map[string]ocispec.Descriptor
	parts     map[string][]ocispec.Descriptor // that must be there first
}

func (g *graphOf) blob(mediaType string, data []byte) ocispec.Descriptor {
	desc := content.NewDescriptorFromBytes(mediaType, data)
	g.blobs[desc.Digest.String()] = data
	return desc
}

func (g *graphOf) add(t *testing.T, name, mediaType string, document any, parts ...ocispec.Descriptor) ocispec.Descriptor {
	t.Helper()
	data, err := json.Marshal(document)
	require.NoError(t, err)
	g.manifests[name], g.parts[name] = g.blob(mediaType, data), parts
	return g.manifests[name]
}

func newGraph(t *testing.T) *graphOf {
	t.Helper()
	g := &graphOf{blobs: map[string][]byte{}, manifests: map[string]ocispec.Descriptor{}, parts: map[string][]ocispec.Descriptor{}}
	config := g.blob(ocispec.MediaTypeImageConfig, []byte("{}"))
	version := specs.Versioned{SchemaVersion: 2}
	image := func(name string, subject *ocispec.Descriptor) ocispec.Descriptor {
		layer := g.blob(ocispec.MediaTypeImageLayer, []byte(name))
		return g.add(t, name, ocispec.MediaTypeImageManifest, ocispec.Manifest{
			Versioned: version, MediaType: ocispec.MediaTypeImageManifest, Config: config, Layers: []ocispec.Descriptor{layer}, Subject: subject,
		}, config, layer)
	}
	one, two := image("one", nil), image("two", nil)
	index := g.add(t, "index", ocispec.MediaTypeImageIndex, ocispec.Index{
		Versioned: version, MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{one, two},
	})
	signature := image("signature", &index)
	image("countersignature", &signature)
	image("scan", &one)
	return g
}

// names returns the names of manifests, sorted.
func (g *graphOf) names(list []ocispec.Descriptor) (names []string) {
	for name, desc := range g.manifests {
		if slices.ContainsFunc(list, func(d ocispec.Descriptor) bool { return d.Digest == desc.Digest }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// do does an operation, such as "tag index 1.0".
func (g *graphOf) do(t *testing.T, s store, operation string) {
	t.Helper()
	ctx, words := t.Context(), append(strings.Fields(operation), "")
	desc := g.manifests[words[1]]
	push := func(desc ocispec.Descriptor) {
		exists, err := s.Exists(ctx, desc)
		require.NoError(t, err)
		if !exists {
			require.NoError(t, s.Push(ctx, desc, bytes.NewReader(g.blobs[desc.Digest.String()])))
		}
	}
	switch words[0] {
	case "push":
		for _, part := range g.parts[words[1]] {
			push(part)
		}
		push(desc)
	case "tag":
		require.NoError(t, s.Tag(ctx, desc, words[2]))
	case "untag":
		require.NoError(t, s.Untag(ctx, words[1]))
	case "delete":
		require.NoError(t, s.Delete(ctx, desc))
	default:
		t.Fatal(operation)
	}
}

// listed returns what index.json lists, "name" or "name:tag", but for manifests
// without a tag that an index among them lists.
func (g *graphOf) listed(t *testing.T, dir string) (list []string) {
	t.Helper()
	index := readLayoutIndex(t, dir)
	hasIndex := slices.Contains(g.names(index.Manifests), "index")
	for _, entry := range index.Manifests {
		name := g.names([]ocispec.Descriptor{entry})[0]
		require.Equal(t, g.manifests[name].Size, entry.Size)
		require.Equal(t, g.manifests[name].MediaType, entry.MediaType)
		if tag := entry.Annotations[ocispec.AnnotationRefName]; tag != "" {
			list = append(list, name+":"+tag)
		} else if !hasIndex || name != "one" && name != "two" {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func blobsOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, ocispec.ImageBlobsDir, "sha256"))
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// step is an operation and what is listed afterwards.
type step struct {
	operation, want string
	// served is what a registry lists, if that is something else: there manifests
	// outlive the index that lists them and the subject that they are attached to.
	served string
	// oras is what the store of oras-go lists, if that is something else: there a
	// subject goes with the last that was attached to it, and stays as long as
	// something is.
	oras string
}

// TestLayoutsAgree does the same operations with this package's store, with that of
// oras-go and with the layout of the test registry. All list the same, and each
// reads what the others wrote as they do.
func TestLayoutsAgree(t *testing.T) {
	t.Parallel()
	all := []step{{"push one", "one", "", ""}, {"push two", "one two", "", ""}, {"push index", "index", "", ""}}
	for name, steps := range map[string][]step{
		"tags": {
			{"push one", "one", "", ""},
			{"tag one 1.0", "one:1.0", "", ""},
			{"tag one 1.0", "one:1.0", "", ""},
			{"tag one latest", "one:1.0 one:latest", "", ""},
			{"push two", "one:1.0 one:latest two", "", ""},
			{"tag two latest", "one:1.0 two:latest", "", ""},
			{"tag two 1.0", "one two:1.0 two:latest", "", ""},
			{"untag latest", "one two:1.0", "", ""},
			{"untag 1.0", "one two", "", ""},
			{"tag one again", "one:again two", "", ""},
		},
		"a child with a tag": append(slices.Clone(all),
			step{"tag one 1.0", "index one:1.0", "", ""},
			step{"tag index 1.0", "index:1.0", "index:1.0", ""},
			step{"untag 1.0", "index", "", ""},
			step{"tag one 1.0", "index one:1.0", "", ""},
			step{"delete index", "one:1.0", "one:1.0 two", ""},
			step{"delete one", "", "two", ""},
		),
		"referrers": append(slices.Clone(all),
			step{"tag index 1.0", "index:1.0", "", ""},
			step{"push signature", "index:1.0 signature", "", ""},
			step{"push countersignature", "countersignature index:1.0 signature", "", ""},
			step{"push scan", "countersignature index:1.0 scan signature", "", ""},
			step{"delete index", "", "countersignature one scan signature two", "one scan"},
		),
		"a referrer": {
			{"push one", "one", "", ""},
			{"tag one 1.0", "one:1.0", "", ""},
			{"push scan", "one:1.0 scan", "", ""},
			{"delete scan", "one:1.0", "", ""},
			{"push scan", "one:1.0 scan", "", ""},
			{"untag 1.0", "one scan", "", ""},
			{"delete scan", "one", "", " "},
		},
		"of nothing": {
			{"push scan", "scan", "", ""},
			{"push countersignature", "countersignature scan", "", ""},
			{"push one", "countersignature one scan", "", ""},
			{"delete one", "countersignature", "countersignature scan", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGraph(t)
			ours, theirs, shelves := t.TempDir(), t.TempDir(), t.TempDir()
			orasStore, err := oci.New(theirs)
			require.NoError(t, err)
			kept, err := shelf.Open(shelves)
			require.NoError(t, err)
			server := httptest.NewServer(registrytest.NewHandler(registrytest.Options{Store: kept}))
			t.Cleanup(server.Close)
			repository, err := remote.NewRepository(strings.TrimPrefix(server.URL, "http://") + "/demo")
			require.NoError(t, err)
			repository.PlainHTTP = true
			alike := true
			for _, s := range steps {
				g.do(t, openLayout(t, ours), s.operation)
				g.do(t, orasStore, s.operation)
				g.do(t, served{repository, server.URL}, s.operation)
				require.ElementsMatch(t, strings.Fields(s.want), g.listed(t, ours), s.operation)
				if alike = alike && s.oras == ""; alike {
					require.Equal(t, blobsOf(t, theirs), blobsOf(t, ours), s.operation)
				}
				require.ElementsMatch(t, strings.Fields(cmp.Or(s.oras, s.want)), g.listed(t, theirs), s.operation)
				require.ElementsMatch(t, strings.Fields(cmp.Or(s.served, s.want)), g.listed(t, filepath.Join(shelves, "demo")), s.operation)
				for _, dir := range []string{ours, theirs, filepath.Join(shelves, "demo")} {
					g.requireReadAlike(t, dir)
				}
			}
		})
	}
}

// requireReadAlike reads a layout with oras-go and with this package.
func (g *graphOf) requireReadAlike(t *testing.T, dir string) {
	t.Helper()
	ctx, ours := t.Context(), openLayout(t, dir)
	theirs, err := oci.New(dir)
	require.NoError(t, err)
	for name, desc := range g.manifests {
		wanted, err := theirs.Predecessors(ctx, desc)
		require.NoError(t, err)
		got, err := ours.Predecessors(ctx, desc)
		require.NoError(t, err)
		require.Equal(t, g.names(wanted), g.names(got), "what refers to %s", name)
	}
	var tags []string
	collect := func(page []string) error { tags = append(tags, page...); return nil }
	require.NoError(t, theirs.Tags(ctx, "", collect))
	wanted := slices.Clone(tags)
	tags = nil
	require.NoError(t, ours.Tags(ctx, "", collect))
	require.Equal(t, wanted, tags)
	for _, tag := range tags {
		wanted, err := theirs.Resolve(ctx, tag)
		require.NoError(t, err)
		got, err := ours.Resolve(ctx, tag)
		require.NoError(t, err)
		require.Equal(t, wanted.Digest, got.Digest)
	}
}
