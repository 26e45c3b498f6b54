// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// A stage is a hidden directory, beside a destination or in it, that holds what
// is unpacked until it is put in place. It has
//
//	lock-… a file that its owner has locked as long as it lives
//	new    the new directory
//	old    what is replaced, if that takes more than one step
//	gone   the same, once all of it is there
//
// A stage whose lock can be had has lost its owner. sweep removes it, after it
// has ended what the owner was about to do. The name of the lock has a number
// that the system gave the directory, which nobody knows before: a directory
// that came with an archive or a repository is no stage, whatever its name is,
// and nothing that is in it is done.
type stage struct {
	dir  string
	lock *os.File // nil once it was given back
	keep bool     // for the next that unpacks there
}

const (
	// stagePrefix begins the names of stages.
	stagePrefix = ".skillcask-unpack-"
	// movingName is the name of a stage in a destination while its entries are
	// moved. There is one at most, and if it has no owner whoever finds it ends
	// what was begun.
	movingName = stagePrefix + "moving"

	stageLock = "lock-" // begins the name
	stageNew  = "new"
	stageOld  = "old"
	stageGone = "gone"
)

// isStage reports whether a name is that of a stage.
func isStage(name string) bool { return strings.HasPrefix(name, stagePrefix) }

// ownStages has the names of this process's stages, which are not to be swept
// even where a lock does not hold within a process, as on network file systems.
var ownStages sync.Map

var errStageBusy = errors.New("another process is unpacking")

// newStage makes a stage in dir and the directory "new" in it.
func newStage(dir string) (*stage, error) {
	for range 100 {
		s := &stage{dir: filepath.Join(dir, stagePrefix+rand.Text())}
		ownStages.Store(filepath.Base(s.dir), true)
		err := os.Mkdir(s.dir, 0o700)
		if err == nil {
			s.lock, err = lockStage(s.dir, os.O_CREATE)
			// Another may have swept it before it was locked.
			if errors.Is(err, errStageBusy) || errors.Is(err, fs.ErrNotExist) {
				ownStages.Delete(filepath.Base(s.dir))
				continue
			}
			if errors.Is(err, ErrNoLocks) {
				err = nil
			}
		}
		if err == nil {
			// The mode is that of the destination: what the umask leaves.
			err = os.Mkdir(s.path(stageNew), 0o755)
		}
		if err != nil {
			s.close()
			return nil, fmt.Errorf("%s: %w", dir, WithoutPath(err))
		}
		return s, nil
	}
	return nil, fmt.Errorf("%s: others remove every new directory", dir)
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// close removes the stage, the lock last: without one it would stay. What can't
// be removed is left to the next sweep.
func (s *stage) close() {
	if s.keep || runtime.GOOS == "windows" { // where what is open can't be removed
		s.unlock()
	}
	if !s.keep {
		removeAll(s.path(stageNew), s.path(stageOld), s.path(stageGone), s.dir)
	}
	s.unlock()
	ownStages.Delete(filepath.Base(s.dir))
}

func (s *stage) unlock() {
	if s.lock != nil {
		s.lock.Close()
		s.lock = nil
	}
}

// rename gives the stage another name. Where it has to give the lock back for
// that, another may take it, and do what the name asks for: errStageBusy.
func (s *stage) rename(to string) error {
	if runtime.GOOS == "windows" { // a directory with an open file can't be renamed
		s.unlock()
	}
	ownStages.Store(filepath.Base(to), true)
	if err := os.Rename(s.dir, to); err != nil {
		ownStages.Delete(filepath.Base(to))
		return err
	}
	ownStages.Delete(filepath.Base(s.dir))
	s.dir = to
	if s.lock == nil {
		var err error
		if s.lock, err = lockStage(to, 0); errors.Is(err, errStageBusy) {
			return err
		}
	}
	return nil
}

// errNotStage says that a directory has the name of a stage and is none.
var errNotStage = errors.New("it was not made here by this program")

// lockStage takes the lock of a stage without waiting for it. It returns
// errStageBusy if another has it or has just removed the stage, errNotStage if
// there is none and flag is not [os.O_CREATE], and ErrNoLocks where nobody can
// have it.
func lockStage(dir string, flag int) (*os.File, error) {
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, stageLock+fileNumber(info))
	file, err := os.OpenFile(name, os.O_RDWR|flag|OpenNonblock, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if now, serr := os.Lstat(dir); serr == nil && os.SameFile(info, now) {
			return nil, errNotStage
		}
	}
	if err != nil {
		return nil, err
	}
	held, err := TryLock(file)
	if err == nil && !held {
		err = errStageBusy
	}
	if err == nil {
		var mine, there fs.FileInfo
		if mine, err = file.Stat(); err == nil {
			there, err = os.Lstat(name)
		}
		if err == nil && !os.SameFile(mine, there) || errors.Is(err, fs.ErrNotExist) {
			err = errStageBusy
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// sweep removes the stages in dir that no living process owns and that are this
// user's. What it can't remove stays; the next sweep tries again.
func sweep(dir string) {
	names, _ := dirNames(dir)
	for _, name := range names {
		if !isStage(name) || name == movingName {
			continue
		}
		if _, own := ownStages.Load(name); own {
			continue
		}
		s := stage{dir: filepath.Join(dir, name)}
		info, err := os.Lstat(s.dir)
		if err != nil || !info.IsDir() || !ownedByUser(info) {
			continue
		}
		if s.lock, err = lockStage(s.dir, 0); err != nil {
			if errors.Is(err, errNotStage) {
				_ = os.Remove(s.dir) // if it is empty: its owner had no time to lock it
			}
			continue
		}
		s.keep = s.recover() != nil
		s.close()
	}
}

// dirNames returns the names in a directory, in any order.
func dirNames(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

// recover ends what a process was killed in the middle of: a directory that has
// been moved out of the way gets its successor.
func (s *stage) recover() error {
	moved, err := os.ReadDir(s.path(stageOld))
	if err != nil {
		return nil // nothing was moved
	}
	for _, entry := range moved {
		place := filepath.Join(filepath.Dir(s.dir), entry.Name())
		if _, err := os.Lstat(place); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		err := os.Rename(s.path(stageNew), place)
		if err != nil {
			err = os.Rename(filepath.Join(s.path(stageOld), entry.Name()), place)
		}
		if err != nil {
			return err
		}
		_ = SyncDir(filepath.Dir(place))
	}
	return nil
}

// removeAll removes directories one after the other, those with directories that
// are not writable too. What can't be removed stays, and so do those that come
// after it: what was asked for is done by then.
func removeAll(dirs ...string) {
	for _, dir := range dirs {
		if os.RemoveAll(dir) == nil {
			continue
		}
		// Through a root no link that somebody puts in leads out.
		root, err := os.OpenRoot(dir)
		if err != nil {
			return
		}
		_ = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				_ = root.Chmod(filepath.FromSlash(path), 0o700)
			}
			return nil
		})
		root.Close()
		if os.RemoveAll(dir) != nil {
			return
		}
	}
}
