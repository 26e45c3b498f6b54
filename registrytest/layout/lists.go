// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
)

func (l *layouts) ResolveTag(_ context.Context, repo, tag string) (digest.Digest, error) {
	_, state, err := l.lookupState(repo)
	if err != nil {
		return "", err
	}
	if state != nil {
		if dgst, ok := state.tags[tag]; ok {
			return dgst, nil
		}
	}
	return "", unknownTag(repo, tag)
}

func unknownTag(repo, tag string) error {
	return fmt.Errorf("%w: %s has no tag %s", registrytest.ErrManifestUnknown, repo, tag)
}

func (l *layouts) DeleteTag(ctx context.Context, repo, tag string) error {
	r, err := l.lookup(repo)
	if err != nil {
		return err
	}
	if r == nil {
		return unknownTag(repo, tag)
	}
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := r.state.Load().tags[tag]; !ok {
		return unknownTag(repo, tag)
	}
	return r.update(func(s *state) {
		s.index.untag(tag, "")
		delete(s.tags, tag)
	})
}

func (l *layouts) ListTags(_ context.Context, repo string) ([]string, error) {
	_, state, err := l.lookupState(repo)
	if err != nil {
		return nil, err
	}
	if state == nil {
		return nil, fmt.Errorf("%w: %s", registrytest.ErrNameUnknown, repo)
	}
	return slices.Sorted(maps.Keys(state.tags)), nil
}

func (l *layouts) ListReferrers(_ context.Context, repo string, subject digest.Digest) ([]ocispec.Descriptor, error) {
	r, state, err := l.lookupState(repo)
	if state == nil || err != nil {
		return nil, err
	}
	return slices.DeleteFunc(state.referrers.List(subject), func(d ocispec.Descriptor) bool {
		// What index.json does not list, another store removes without a trace there.
		return !state.manifests[d.Digest].listed && !r.isThere(d.Digest)
	}), nil
}

func (l *layouts) ListRepositories(context.Context) ([]string, error) {
	if l.single == "" {
		err := l.walk(func(name, _ string) error {
			_, err := l.lookup(name)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Sorted(maps.Keys(l.repos)), nil
}

func (l *layouts) ListContent(_ context.Context, repo string) ([]ocispec.Descriptor, error) {
	r, state, err := l.lookupState(repo)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fmt.Errorf("%w: %s", registrytest.ErrNameUnknown, repo)
	}
	manifests := state.manifests
	var list []ocispec.Descriptor
	for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA512} {
		entries, err := l.readDir(path.Join(r.dir, ocispec.ImageBlobsDir, a.String()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			dgst := digest.NewDigestFromEncoded(a, e.Name())
			info, err := e.Info()
			if err != nil || !e.Type().IsRegular() || dgst.Validate() != nil {
				continue // gone meanwhile, or not ours
			}
			desc := ocispec.Descriptor{MediaType: manifest.BlobMediaType, Digest: dgst, Size: info.Size()}
			if m, ok := manifests[dgst]; ok {
				desc.MediaType = m.desc.MediaType
			}
			list = append(list, desc)
		}
	}
	manifest.SortByDigest(list)
	return list, nil
}
