// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2/content"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// compare says what differs from the try that comes closest.
func (r *VerifyResult) compare(ctx context.Context, a *artifact, v *platformManifest, skill *skilldir.Skill, tries []rebuilt, limits reproducible.Limits) error {
	// What the configuration claims of a layer is true only if the layer, once
	// read, says so too.
	closest := slices.IndexFunc(tries, func(b rebuilt) bool {
		return b.diffID == v.image.RootFS.DiffIDs[0] && content.Equal(b.layer, v.manifest.Layers[0])
	})
	if closest < 0 {
		var err error
		if closest, err = r.compareFiles(ctx, a, v, skill, tries, limits); err != nil {
			return err
		}
	}
	r.take(tries[closest])
	if len(r.Added)+len(r.Removed)+len(r.Changed) == 0 {
		r.compareRest(v, skill, tries[closest])
	}
	return nil
}

// compareFiles lists the files that differ from the try whose modes fit best,
// which it returns.
func (r *VerifyResult) compareFiles(ctx context.Context, a *artifact, v *platformManifest, skill *skilldir.Skill, tries []rebuilt, limits reproducible.Limits) (closest int, err error) {
	theirs, err := a.files(ctx, v, limits, nil)
	if err != nil {
		return 0, a.named(err)
	}
	for i, b := range tries {
		ours, err := describe(ctx, skill, b.made)
		if err != nil {
			return 0, err
		}
		d := diffFiles(theirs, ours)
		if i == 0 || len(d.Changed) < len(r.Changed) {
			closest, r.Added, r.Removed, r.Changed = i, d.Added, d.Removed, d.Changed
		}
	}
	return closest, nil
}

// diffFiles compares the files of an artifact with those of a directory.
func diffFiles(theirs, ours []FileInfo) (d VerifyResult) {
	byName := make(map[string]FileInfo, len(theirs))
	for _, f := range theirs {
		byName[f.Name] = f
	}
	for _, f := range ours {
		other, ok := byName[f.Name]
		delete(byName, f.Name)
		switch {
		case !ok:
			d.Added = append(d.Added, f)
		case other != f:
			d.Changed = append(d.Changed, FileChange{Artifact: other, Directory: f})
		}
	}
	d.Removed = slices.SortedFunc(maps.Values(byName), func(a, b FileInfo) int { return strings.Compare(a.Name, b.Name) })
	return d
}

// describe reads the directory's files.
func describe(ctx context.Context, skill *skilldir.Skill, r recipe) ([]FileInfo, error) {
	var files []FileInfo
	for _, f := range skill.Files(skilldir.FileOptions{ModesFromFS: r.modesFromFS}) {
		digester := digest.Canonical.Digester()
		head, err := readFrom(ctx, f, digester.Hash())
		if err != nil {
			return nil, err
		}
		files = append(files, FileInfo{Name: f.Name, Size: f.Size, Mode: f.ModeFor(head), Digest: digester.Digest()})
	}
	return files, nil
}

// modesDiffer reports whether a file has another mode in the file system than
// its content gives it.
func modesDiffer(ctx context.Context, skill *skilldir.Skill) (bool, error) {
	for _, f := range skill.Files(skilldir.FileOptions{ModesFromFS: true}) {
		head, err := readFrom(ctx, f, nil)
		if err != nil {
			return false, err
		}
		if f.ModeFor(head) != reproducible.ModeOf(head) {
			return true, nil
		}
	}
	return false, nil
}

// readFrom returns the first bytes of a file. All of it goes to all, if that is
// not nil.
func readFrom(ctx context.Context, f reproducible.File, all io.Writer) (head []byte, err error) {
	defer func() {
		if err != nil {
			err = classifyFileError(fmt.Errorf("%s: %w", f.Name, err))
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head = make([]byte, 8)
	n, err := io.ReadFull(file, head)
	head = head[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if all != nil {
		if _, err := all.Write(head); err != nil {
			return nil, err
		}
		_, err := io.Copy(all, oci.ContextReader(ctx, file))
		return head, err
	}
	return head, nil
}

// Reason is why an artifact differs from the packed directory, apart from its files.
type Reason struct {
	Kind ReasonKind
	// Name is the name of the annotation or label, or empty.
	Name string
	// Detail describes the difference, for people.
	Detail string
}

// ReasonKind is the part that differs.
type ReasonKind string

const (
	// ReasonUnknown is an input that the artifact does not record, or not exactly: an
	// epoch, a platform, the program that made it.
	ReasonUnknown ReasonKind = "unknown"
	// ReasonLayer is a layer with the same files in another archive or compression, or
	// with a digest of another algorithm.
	ReasonLayer ReasonKind = "layer"
	// ReasonAnnotation is an annotation that is missing, extra or has another value.
	ReasonAnnotation ReasonKind = "annotation"
	// ReasonLabel is a label of the configuration that does.
	ReasonLabel ReasonKind = "label"
	// ReasonDocument is a manifest, configuration or index with the same meaning in other
	// bytes.
	ReasonDocument ReasonKind = "document"
)

// compareRest says what differs if all files are the same.
func (r *VerifyResult) compareRest(v *platformManifest, skill *skilldir.Skill, ours rebuilt) {
	layer, diffID := v.manifest.Layers[0].Digest, v.image.RootFS.DiffIDs[0]
	switch {
	case diffID.Algorithm() != digest.Canonical, layer.Algorithm() != digest.Canonical:
		r.differs(ReasonLayer, "the layer holds the same files, named by a digest of another algorithm")
	case ours.diffID != diffID:
		r.differs(ReasonLayer, "the layer holds the same files in another archive")
	case ours.layer.Digest != layer:
		r.differs(ReasonLayer, "the layer holds the same archive, compressed otherwise")
	}
	r.compareMaps(ReasonAnnotation, v.manifest.Annotations, ours.made.annotations(&skill.Frontmatter))
	r.compareMaps(ReasonLabel, v.image.Config.Labels, configOf(&skill.Frontmatter, skill.Names).labels())
	if len(r.Other) == 0 {
		r.differs(ReasonDocument, "a manifest, a configuration or the index is written otherwise")
	}
}

func (r *VerifyResult) differs(kind ReasonKind, detail string) {
	r.Other = append(r.Other, Reason{Kind: kind, Detail: detail})
}

// compareMaps says which keys differ.
func (r *VerifyResult) compareMaps(kind ReasonKind, artifact, rebuilt map[string]string) {
	differs := func(name, format string) {
		r.Other = append(r.Other, Reason{Kind: kind, Name: name, Detail: fmt.Sprintf(format, kind, name)})
	}
	for _, key := range slices.Sorted(maps.Keys(rebuilt)) {
		if got, ok := artifact[key]; !ok {
			differs(key, "it lacks the %s %s")
		} else if got != rebuilt[key] {
			differs(key, "its %s %s differs")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(artifact)) {
		if _, ok := rebuilt[key]; !ok {
			differs(key, "it has the %s %s besides")
		}
	}
}
