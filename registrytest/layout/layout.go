// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/internal/grammar"
	"github.com/skillcask/skillcask/registrytest/internal/sessions"
)

// uploadsDir has the files that are not yet content. No repository's name can begin
// with a dot.
const uploadsDir = ".uploads"

// Open returns the store in dir, which is made if it does not exist. If dir itself is
// a layout, the store has that one repository, named after the directory. The caller
// closes it; until then, or until the process ends, it holds two files open.
//
// It fails if dir can't be read or made, if an index.json is invalid, or if the name
// of a single layout would not be one of a repository. It removes unfinished uploads
// whose process has ended; where there are no file locks, a day later.
func Open(dir string) (registrytest.Store, error) {
	if err := makeRoot(dir); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	l := &layouts{root: root, realRoot: realPath(dir), tryLock: flock, repos: map[string]*repository{}}
	l.uploads = sessions.New(&l.Clock, registrytest.ErrBlobUploadUnknown, func(u *upload) { _ = l.root.Remove(u.path) })
	if err := l.openAll(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("layout %s: %w", dir, err), root.Close())
	}
	return l, nil
}

// layouts is a directory of image layouts, which are its repositories.
type layouts struct {
	sessions.Clock

	root     *os.Root
	realRoot string // the name of root in the file system
	single   string // the one repository, if dir is a layout itself
	tryLock  fileLock

	mu      sync.RWMutex // guards repos
	repos   map[string]*repository
	uploads *sessions.Table[*upload]
	scratch scratch
	lasting sync.Map // the directories whose names are known to last
}

// Close removes the unfinished uploads and closes the files.
func (l *layouts) Close() error {
	l.closeScratch()
	return l.root.Close()
}

// repository is an image layout. Its files are the truth; state is what they
// say, and is replaced, never changed.
type repository struct {
	l     *layouts
	name  string
	dir   string
	mu    sync.Mutex // held by those of this store who change files
	state atomic.Pointer[state]
}

func (l *layouts) openAll(dir string) error {
	l.sweep()
	if _, err := l.root.Stat(ocispec.ImageLayoutFile); err == nil {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		l.single = filepath.Base(abs)
		if err := checkName(l.single); err != nil {
			return fmt.Errorf("a directory that is a layout gives the repository its name: %w", err)
		}
		return l.firstLoad(l.single, ".")
	}
	return l.walk(l.firstLoad)
}

// firstLoad loads a repository. One without index.json may be one that another
// process is making: it is waited for.
func (l *layouts) firstLoad(name, dir string) error {
	err := l.load(name, dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	unlock, lockErr := l.lock(ctx, dir)
	if lockErr != nil {
		return errors.Join(err, lockErr)
	}
	defer unlock()
	return l.load(name, dir)
}

// walk calls found for each repository on the disk.
func (l *layouts) walk(found func(name, dir string) error) error {
	return fs.WalkDir(l.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone meanwhile
		case err != nil:
			return err
		case d.IsDir() && p != "." && (d.Name() == ocispec.ImageBlobsDir || !grammar.ValidName(d.Name())):
			return fs.SkipDir
		case !d.IsDir() && d.Name() == ocispec.ImageLayoutFile && p != ocispec.ImageLayoutFile:
			return found(path.Dir(p), path.Dir(p))
		}
		return nil
	})
}

// load reads a repository. l.mu is held, or nobody else has l yet.
func (l *layouts) load(name, dir string) error {
	r := l.newRepo(name, dir)
	s, err := r.read(nil)
	if err != nil {
		return err
	}
	r.state.Store(s)
	l.repos[name] = r
	return nil
}

// repoDir is where a repository's layout lies.
func (l *layouts) repoDir(name string) (string, error) {
	if l.single != "" {
		if name != l.single {
			return "", fmt.Errorf("%w: this is a single layout, served as %s", registrytest.ErrNameUnknown, l.single)
		}
		return ".", nil
	}
	if err := checkName(name); err != nil {
		return "", err
	}
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case ocispec.ImageBlobsDir, ocispec.ImageIndexFile, ocispec.ImageLayoutFile:
			return "", fmt.Errorf("%w: %s means something else in a layout", registrytest.ErrNameInvalid, part)
		}
	}
	return name, nil
}

// findDir is repoDir for a name that does not lead through a link, which would
// be a second name for a repository, or a file.
func (l *layouts) findDir(name string) (string, error) {
	dir, err := l.repoDir(name)
	if err != nil {
		return "", err
	}
	for at := dir; at != "."; at = path.Dir(at) {
		if info, err := l.root.Lstat(at); err == nil && !info.IsDir() {
			return "", fmt.Errorf("%w: %s is no directory", registrytest.ErrNameInvalid, at)
		}
	}
	return dir, nil
}

func checkName(name string) error {
	if !grammar.ValidName(name) {
		return fmt.Errorf("%w: %.300q", registrytest.ErrNameInvalid, name)
	}
	return nil
}

// lookup returns a repository, or nil if it is not there. Another process may have
// made it just now.
func (l *layouts) lookup(name string) (*repository, error) {
	l.mu.RLock()
	r := l.repos[name]
	l.mu.RUnlock()
	if r != nil {
		return r, nil
	}
	dir, err := l.findDir(name)
	if err != nil {
		return nil, nil
	}
	if _, err := l.root.Stat(path.Join(dir, ocispec.ImageLayoutFile)); err != nil {
		return nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.repos[name] == nil {
		if err := l.load(name, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return l.repos[name], nil
}

// lookupState returns a repository as its files are now, or nil twice.
func (l *layouts) lookupState(name string) (*repository, *state, error) {
	r, err := l.lookup(name)
	if r == nil || err != nil {
		return nil, nil, err
	}
	s, err := r.current()
	return r, s, err
}

// repo returns a repository, made where it is missing.
func (l *layouts) repo(ctx context.Context, name string) (*repository, error) {
	if r, err := l.lookup(name); r != nil || err != nil {
		return r, err
	}
	dir, err := l.findDir(name)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.repos[name]; r != nil {
		return r, nil
	}
	r := l.newRepo(name, dir)
	if err := r.create(ctx); err != nil {
		return nil, err
	}
	l.repos[name] = r
	return r, nil
}

func (l *layouts) newRepo(name, dir string) *repository {
	r := &repository{l: l, name: name, dir: dir}
	r.state.Store(newState())
	return r
}

// create makes the missing files of a layout; others may do so at the same time.
// The file oci-layout comes last: without it the directory is no layout yet.
func (r *repository) create(ctx context.Context) error {
	if err := r.l.mkdirAll(path.Join(r.dir, ocispec.ImageBlobsDir)); err != nil {
		return err
	}
	unlock, err := r.l.lock(ctx, r.dir)
	if err != nil {
		return err
	}
	defer unlock()
	s, err := r.read(nil)
	if errors.Is(err, fs.ErrNotExist) {
		s = newState()
		err = r.writeIndex(s)
	}
	if err != nil {
		return err
	}
	r.state.Store(s)
	name := path.Join(r.dir, ocispec.ImageLayoutFile)
	if _, err := r.l.root.Stat(name); err == nil {
		return nil
	}
	b, err := json.Marshal(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	if err != nil {
		return err
	}
	_, err = r.l.replace(name, b)
	return err
}

// blobPath is safe for a digest whose grammar was checked.
func (r *repository) blobPath(dgst digest.Digest) string {
	return path.Join(r.dir, ocispec.ImageBlobsDir, dgst.Algorithm().String(), dgst.Encoded())
}
