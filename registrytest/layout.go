// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// uploadsDir holds what is not yet content. No repository's name can begin
// with a dot.
const uploadsDir = ".uploads"

// OpenLayout opens a store on disk, in which each repository is an OCI image
// layout (image specification, "image-layout"): repository a/b is the directory
// a/b under dir. A dir that does not exist is made. If dir itself is a layout,
// the store has that one repository, named after the directory.
//
// What the store has acknowledged was synced to the disk, and each index.json
// is replaced as a whole, so that a process may be killed at any moment. One
// process at a time may use a directory: unfinished uploads that OpenLayout
// finds are removed. Links that lead out of dir are not followed. To be read only,
// dir need not be writable.
//
// A repository can't have a part named blobs, index.json or oci-layout: the
// methods answer [ErrNameInvalid]. OpenLayout fails if dir can't be read or
// made, if an index.json is not valid, or if the name of a single layout
// would not be one of a repository.
func OpenLayout(dir string) (Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	l := &layout{root: root, repos: map[string]*layoutRepo{}, uploads: newUploads[*layoutUpload]()}
	l.uploads.expired = func(u *layoutUpload) { _ = l.root.Remove(u.path) }
	if err := l.open(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("layout %s: %w", dir, err), root.Close())
	}
	return l, nil
}

type layout struct {
	root   *os.Root
	single string // the one repository, if dir is a layout itself

	mu      sync.RWMutex // guards repos
	repos   map[string]*layoutRepo
	uploads *uploads[*layoutUpload]
}

// layoutRepo is an image layout. Its files are the truth; state is what they
// say, and is replaced, never changed.
type layoutRepo struct {
	l     *layout
	name  string
	dir   string
	mu    sync.Mutex // held by those who change files
	state atomic.Pointer[layoutState]
}

type layoutState struct {
	manifests map[digest.Digest]ocispec.Descriptor
	tags      map[string]digest.Digest
	foreign   []ocispec.Descriptor // entries whose name is no tag; kept as they are
	referrers referrerIndex
}

func (l *layout) open(dir string) error {
	if _, err := l.root.Lstat(uploadsDir); err == nil {
		if err := l.root.RemoveAll(uploadsDir); err != nil {
			return err
		}
	}
	if _, err := l.root.Stat(ocispec.ImageLayoutFile); err == nil {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		l.single = filepath.Base(abs)
		if err := checkName(l.single); err != nil {
			return fmt.Errorf("a directory that is a layout gives the repository its name: %w", err)
		}
		return l.load(l.single, ".")
	}
	return fs.WalkDir(l.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (d.Name() == ocispec.ImageBlobsDir || !validName(d.Name())):
			return fs.SkipDir
		case !d.IsDir() && d.Name() == ocispec.ImageLayoutFile && p != ocispec.ImageLayoutFile:
			return l.load(path.Dir(p), path.Dir(p))
		}
		return nil
	})
}

// repoDir is where a repository's layout lies.
func (l *layout) repoDir(name string) (string, error) {
	if l.single != "" {
		if name != l.single {
			return "", errorf(ErrNameUnknown, "this is a single layout, served as %s", l.single)
		}
		return ".", nil
	}
	if err := checkName(name); err != nil {
		return "", err
	}
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case ocispec.ImageBlobsDir, ocispec.ImageIndexFile, ocispec.ImageLayoutFile:
			return "", errorf(ErrNameInvalid, "%s means something else in a layout", part)
		}
	}
	return name, nil
}

// look returns a repository or nil.
func (l *layout) look(name string) *layoutRepo {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.repos[name]
}

// repo returns a repository, made where it is missing.
func (l *layout) repo(name string) (*layoutRepo, error) {
	if r := l.look(name); r != nil {
		return r, nil
	}
	dir, err := l.repoDir(name)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.repos[name]; r != nil {
		return r, nil
	}
	r := l.newRepo(name, dir)
	if err := r.create(); err != nil {
		return nil, err
	}
	l.repos[name] = r
	return r, nil
}

func (l *layout) newRepo(name, dir string) *layoutRepo {
	r := &layoutRepo{l: l, name: name, dir: dir}
	r.state.Store(&layoutState{
		manifests: map[digest.Digest]ocispec.Descriptor{},
		tags:      map[string]digest.Digest{},
		referrers: referrerIndex{},
	})
	return r
}

// create makes an empty layout. The file oci-layout comes last: without it the
// directory is no layout yet.
func (r *layoutRepo) create() error {
	if err := r.l.mkdirAll(path.Join(r.dir, ocispec.ImageBlobsDir)); err != nil {
		return err
	}
	if err := r.writeIndex(r.state.Load()); err != nil {
		return err
	}
	b, err := json.Marshal(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	if err != nil {
		return err
	}
	return r.l.replace(path.Join(r.dir, ocispec.ImageLayoutFile), b)
}

// load reads a layout.
func (l *layout) load(name, dir string) error {
	r := l.newRepo(name, dir)
	b, err := l.root.ReadFile(path.Join(dir, ocispec.ImageIndexFile))
	if err != nil {
		return err
	}
	var index ocispec.Index
	if err := json.Unmarshal(b, &index); err != nil {
		return fmt.Errorf("%s: %w", path.Join(dir, ocispec.ImageIndexFile), err)
	}
	s := r.state.Load()
	for _, desc := range index.Manifests {
		if !r.adopt(s, desc) {
			continue
		}
		switch tag := desc.Annotations[ocispec.AnnotationRefName]; {
		case tagExp.MatchString(tag):
			s.tags[tag] = desc.Digest
		case tag != "":
			s.foreign = append(s.foreign, desc)
		}
	}
	l.repos[name] = r
	return nil
}

// adopt takes in a manifest that the index names, and those that it holds
// itself: other tools do not list these. It is false if it is not there.
func (r *layoutRepo) adopt(s *layoutState, desc ocispec.Descriptor) bool {
	if _, err := parseDigest(desc.Digest.String()); err != nil {
		return false
	}
	if _, known := s.manifests[desc.Digest]; known {
		return true
	}
	content, err := r.l.root.ReadFile(r.blobPath(desc.Digest))
	if err != nil || int64(len(content)) != desc.Size {
		return false
	}
	desc.Annotations = maps.Clone(desc.Annotations)
	delete(desc.Annotations, ocispec.AnnotationRefName)
	s.manifests[desc.Digest] = desc
	s.referrers.add(Manifest{MediaType: desc.MediaType, Digest: desc.Digest, Content: content})
	if view, err := parseManifest(content); err == nil && isIndex(desc.MediaType) {
		for _, child := range view.Manifests {
			r.adopt(s, child)
		}
	}
	return true
}

// blobPath is safe for a digest that parseDigest took.
func (r *layoutRepo) blobPath(dgst digest.Digest) string {
	return path.Join(r.dir, ocispec.ImageBlobsDir, dgst.Algorithm().String(), dgst.Encoded())
}

// update changes state and index.json together. r.mu is held.
func (r *layoutRepo) update(change func(*layoutState)) error {
	old := r.state.Load()
	s := &layoutState{
		manifests: maps.Clone(old.manifests),
		tags:      maps.Clone(old.tags),
		foreign:   slices.Clone(old.foreign),
		referrers: old.referrers.clone(),
	}
	change(s)
	if err := r.writeIndex(s); err != nil {
		return err
	}
	r.state.Store(s)
	return nil
}

// writeIndex replaces index.json: an entry for each tag, and one for each
// manifest that has none.
func (r *layoutRepo) writeIndex(s *layoutState) error {
	index := ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageIndex,
		Manifests: make([]ocispec.Descriptor, 0, len(s.manifests)+len(s.tags)),
	}
	named := make(map[digest.Digest]bool, len(s.tags))
	for _, tag := range slices.Sorted(maps.Keys(s.tags)) {
		desc := s.manifests[s.tags[tag]]
		named[desc.Digest] = true
		annotations := map[string]string{ocispec.AnnotationRefName: tag}
		for key, value := range desc.Annotations {
			annotations[key] = value
		}
		desc.Annotations = annotations
		index.Manifests = append(index.Manifests, desc)
	}
	for _, desc := range s.foreign {
		named[desc.Digest] = true
		index.Manifests = append(index.Manifests, desc)
	}
	rest := make([]ocispec.Descriptor, 0, len(s.manifests))
	for dgst, desc := range s.manifests {
		if !named[dgst] {
			rest = append(rest, desc)
		}
	}
	sortByDigest(rest)
	index.Manifests = append(index.Manifests, rest...)
	b, err := json.Marshal(index)
	if err != nil {
		return err
	}
	return r.l.replace(path.Join(r.dir, ocispec.ImageIndexFile), b)
}
