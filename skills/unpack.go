// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/atomicfile"
	"github.com/skillcask/skillcask/skills/internal/remote"
)

// UnpackOptions say how to unpack. The zero value is the usual case.
type UnpackOptions struct {
	// Force replaces a destination that holds a skill: one with a SKILL.md, a
	// regular file, at its root. What stood there stays until all of the new is
	// there. Any other that is not empty is refused, with Force too.
	Force bool

	// Limits bound what is written.
	Limits

	// Progress, if not nil, is called as the layer is read, with the bytes of it
	// that were and its size.
	Progress func(done, total int64)
}

// UnpackResult describes an unpacked skill.
type UnpackResult struct {
	// Digest is that of the artifact, Manifest that of the platform's manifest.
	Digest   digest.Digest
	Manifest digest.Digest
	// Config is what that manifest's configuration says of the skill.
	Config *SkillConfig
	// Dir is the directory that was written, as it was given.
	Dir string
	// Files are those that were written, sorted as in the layer.
	Files []FileInfo
}

// FileInfo describes a file of a skill.
type FileInfo struct {
	Name string      // its path, with slashes
	Size int64       // in bytes
	Mode fs.FileMode // 0644 or 0755
	// Digest is the SHA-256 of the content.
	Digest digest.Digest
}

// Unpack writes the files of the skill that reference names in src into the directory
// dest, which must not exist or be empty unless opts.Force. For an index it uses the
// host's manifest, else the first. Of a registry it reads no other; elsewhere all must
// agree, as for [Inspect]. Files get mode 0644 or 0755, less the process's umask.
//
// The files are written to a hidden directory, named .skillcask-unpack-…, and synced.
// They are put in place once all are written and size, digest and diff ID match. Until
// then nothing at dest changes; on failure, or when ctx ends, nothing remains. How they
// are put in place depends on dest:
//
//   - The hidden directory is made beside dest if that does not exist or is to be
//     replaced. It is renamed in one step, or swaps names with the old one in one step on
//     Linux and macOS, where the file system can. Elsewhere two renames replace a
//     directory; between them there is none.
//   - It is made in dest if that is there and empty, and if dest is to be replaced but
//     something is mounted at it or nothing can be made beside it. The old entries are
//     moved out and the new ones in, one by one; meanwhile some of them are visible.
//
// A process that is killed may leave its hidden directory, and a half-done replacement.
// The next Unpack to the same dest, or to one beside it, completes it and cleans up. On
// systems without file locks it can't know that the process is gone, and leaves
// everything as it is.
//
// Errors wrap
//
//   - [ErrInvalidDestination] for a name that can't be a destination: an empty
//     one, a root directory, one in the OCI layout that src is;
//   - [ErrDestinationExists] if dest is in use and must not be replaced, and
//     [ErrHoldsSkill] as well if opts.Force would replace it. The working
//     directory, the home directory and what holds one of these, src or a mount
//     point are never replaced;
//   - [ErrNotSkill], [ErrCorrupt], [ErrTooManyFiles] and [ErrSkillTooLarge];
//   - [ErrInvalidSkillFile] for an entry that is no regular file with a clean
//     relative name, or whose name begins with .skillcask-unpack-;
//   - those of src, such as [ErrUnavailable], [ErrUnauthorized] and
//     [ErrInterrupted] of a registry, of ctx and of the file system.
func Unpack(ctx context.Context, src oras.ReadOnlyTarget, reference, dest string, opts UnpackOptions) (*UnpackResult, error) {
	target, err := atomicfile.NewDestination(dest, SkillFileName, opts.Force)
	if err != nil {
		return nil, err
	}
	if layout, ok := src.(onDisk); ok {
		if err := target.Avoid(layout.Path()); err != nil {
			return nil, err
		}
	}
	if err := target.Prepare(ctx); err != nil {
		return nil, err
	}
	limits := opts.Limits.archive()
	a, err := openArtifact(ctx, src, reference, hostPlatform, &limits)
	if err != nil {
		return nil, err
	}
	defer a.close()
	v := a.platforms[a.hostIndex()]
	result := &UnpackResult{Digest: a.root.Digest, Manifest: v.desc.Digest, Config: v.config, Dir: dest}
	err = target.Replace(ctx, func(fresh *atomicfile.FreshDir) error {
		return a.readLayer(ctx, v, limits, opts.Progress, func(entry reproducible.Entry, content io.Reader) error {
			digester := digest.Canonical.Digester()
			result.Files = append(result.Files, FileInfo{Name: entry.Name, Size: entry.Size, Mode: entry.Mode})
			err := fresh.Write(entry.Name, entry.Mode, io.TeeReader(content, digester.Hash()))
			if errors.Is(err, atomicfile.ErrReservedName) {
				err = fmt.Errorf("%w: %w", ErrInvalidSkillFile, err)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", entry.Name, err)
			}
			result.Files[len(result.Files)-1].Digest = digester.Digest()
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("unpack %s into %s: %w", a.name, dest, remote.Explain(err, a.name))
	}
	return result, nil
}
