// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/reproducible"
)

// UnpackOptions say how to unpack. The zero value is the usual case.
type UnpackOptions struct {
	// Force replaces a destination that is in use. What stood there stays
	// until all of the new is in place.
	Force bool

	// Limits bound what is written.
	Limits

	// Progress, if not nil, is called as the layer is read, with the bytes of it
	// that were and its size.
	Progress func(done, total int64)
}

// UnpackResult tells what was unpacked.
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

// Unpack writes the files of the skill that reference names in src into the
// directory dest, which must not exist or be empty unless opts.Force. Of an
// index it takes the manifest of this machine's platform, else the first.
//
// The files are first written beside dest, and moved into place when all of
// them are there and size, digest and diff ID were right. Until then nothing
// at dest changes, and if it fails nothing remains. Two renames replace a
// directory that is in use; whoever looks between them finds it absent. Files
// are made with mode 0644 or 0755, less the process's umask.
//
// Errors wrap [ErrDestinationExists], [ErrNotSkill], [ErrCorrupt],
// [ErrInvalidSkillFile] for an entry that is no regular file with a clean
// relative name, [ErrTooManyFiles], [ErrSkillTooLarge], and those of src, such as
// [ErrUnavailable], [ErrUnauthorized] and [ErrInterrupted] of a registry.
func Unpack(ctx context.Context, src oras.ReadOnlyTarget, reference, dest string, opts UnpackOptions) (*UnpackResult, error) {
	target, err := newDestination(dest, opts.Force)
	if err != nil {
		return nil, err
	}
	if layout, ok := src.(*Layout); ok {
		switch {
		case opts.Force && contains(target.path, layout.path):
			return nil, fmt.Errorf("%w: %s holds the OCI layout that is unpacked; name another directory", ErrDestinationExists, dest)
		case contains(layout.path, target.path):
			return nil, fmt.Errorf("%w: %s lies in the OCI layout that is unpacked; name a directory outside of it", ErrDestinationExists, dest)
		}
	}
	a, err := openArtifact(ctx, src, reference)
	if err != nil {
		return nil, err
	}
	v, err := a.variant(ctx, a.local())
	if err != nil {
		return nil, a.named(err)
	}
	result := &UnpackResult{Digest: a.root.Digest, Manifest: v.desc.Digest, Config: v.config, Dir: dest}
	err = target.replace(ctx, func(root *os.Root) error {
		err := a.readLayer(ctx, v, opts.Limits.archive(), opts.Progress, func(entry reproducible.Entry, content io.Reader) error {
			digester := digest.Canonical.Digester()
			result.Files = append(result.Files, FileInfo{Name: entry.Name, Size: entry.Size, Mode: entry.Mode})
			if err := writeEntry(root, entry, io.TeeReader(content, digester.Hash())); err != nil {
				return fmt.Errorf("%s: %w", entry.Name, err)
			}
			result.Files[len(result.Files)-1].Digest = digester.Digest()
			return nil
		})
		if err != nil {
			return err
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("unpack %s into %s: %w", a.name, dest, explain(err, a.name))
	}
	return result, nil
}

// writeEntry writes a file that must not exist, and its directories.
func writeEntry(root *os.Root, entry reproducible.Entry, content io.Reader) error {
	name := filepath.FromSlash(entry.Name)
	if dir := path.Dir(entry.Name); dir != "." {
		if err := root.MkdirAll(filepath.FromSlash(dir), 0o755); err != nil {
			return err
		}
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, entry.Mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	return err
}
