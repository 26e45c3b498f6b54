// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/skills/internal/source"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// selfCheckSkill is the skill that is packed in memory before any other. It has every
// construct of YAML and of .skillignore that FORMAT.md names; anything else in the format
// could change unseen. Its names are in ASCII where they lie.
//
//go:embed all:selfcheck
var selfCheckSkill embed.FS

// builtInSkill is the skill with its own names.
func builtInSkill() fs.FS {
	skill, _ := fs.Sub(selfCheckSkill, "selfcheck") // the name is valid
	return source.ASCIINames{FS: skill}
}

// selfCheckParts are the parts of an artifact, each named as ErrFormatDrift
// names it, in the order in which one is made from the one before.
var selfCheckParts = [...]string{"tar", "DEFLATE", "gzip", "config", "manifest", "index"}

// selfCheck packs the built-in skill once and remembers whether it came out as
// the format wants.
type selfCheck struct {
	once sync.Once
	err  error
	// skill, in tests, takes the place of the built-in one; tamper changes a
	// part before it is looked at.
	skill  fs.FS
	tamper func(part string, data []byte)
}

// processCheck is the self-check of this process.
var processCheck selfCheck

// run returns nil, or an error that wraps [ErrFormatDrift].
func (c *selfCheck) run() error {
	c.once.Do(func() {
		skill := c.skill
		if skill == nil {
			skill = builtInSkill()
		}
		parts, failed, err := sealSelfCheck(skill)
		if err != nil {
			c.err = fmt.Errorf("%w: the %s of the built-in skill can't be made: %w; build with the versions in skillcask's go.mod",
				ErrFormatDrift, failed, err)
			return
		}
		for i, part := range selfCheckParts {
			if c.tamper != nil {
				c.tamper(part, parts[i])
			}
			if got := digest.FromBytes(parts[i]); got != selfCheckDigests[i] {
				c.err = fmt.Errorf("%w: the %s of the built-in skill is %s, that of format %d is %s; build with the versions in skillcask's go.mod",
					ErrFormatDrift, part, got, FormatNumber, selfCheckDigests[i])
				return
			}
		}
	})
	return c.err
}

// sealSelfCheck packs the built-in skill as any other and returns its parts, or
// the one that failed.
func sealSelfCheck(dir fs.FS) (parts [len(selfCheckParts)][]byte, failed string, err error) {
	ctx := context.Background()
	skill, err := skilldir.OpenFS(dir).Scan(ctx, skilldir.ScanOptions{})
	if err != nil {
		return parts, "front matter", err
	}
	var layer bytes.Buffer
	artifact, err := build(ctx, skill, recipe{
		epoch:     time.Unix(1_000_000_000, 0).UTC(),
		platforms: []ocispec.Platform{{OS: "linux", Architecture: "arm", Variant: "v7"}},
		source:    "https://example.com/skills",
		revision:  "0123456789abcdef",
	}, &layer)
	if err != nil {
		return parts, artifact.missing(), err
	}
	zr, err := gzip.NewReader(bytes.NewReader(layer.Bytes()))
	if err != nil {
		return parts, "gzip", err
	}
	tar, err := io.ReadAll(zr)
	if err != nil {
		return parts, "DEFLATE", err
	}
	// A member of RFC 1952 without optional fields: 10 bytes before, 8 after.
	deflated := bytes.Clone(layer.Bytes()[10 : layer.Len()-8])
	return [...][]byte{tar, deflated, layer.Bytes(), artifact.configs[0].data, artifact.manifests[0].data, artifact.index.data}, "", nil
}

// missing names the first part that was not made.
func (a *built) missing() string {
	switch {
	case a.layer.Digest == "":
		return "layer"
	case len(a.configs) == 0:
		return "config"
	case len(a.manifests) == 0:
		return "manifest"
	}
	return "index"
}
