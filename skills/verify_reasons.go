// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"maps"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/skillcask/skillcask/skills/skilldir"
)

// Reason is something besides a file for which an artifact is not what packing a
// directory gives.
type Reason struct {
	Kind ReasonKind
	// Name is that of the annotation or label, and else empty.
	Name string
	// Detail says for people what differs.
	Detail string
}

// ReasonKind says what differs.
type ReasonKind string

const (
	// ReasonUnknown is something that the artifact was made with and that it does
	// not say, or not so that it can be done again: an epoch, a platform, the
	// program that made it.
	ReasonUnknown ReasonKind = "unknown"
	// ReasonLayer is a layer that holds the same files in another archive, in
	// another compression, or under a digest of another algorithm.
	ReasonLayer ReasonKind = "layer"
	// ReasonAnnotation is an annotation that is absent, too many or has another
	// value.
	ReasonAnnotation ReasonKind = "annotation"
	// ReasonLabel is such a label of the configuration.
	ReasonLabel ReasonKind = "label"
	// ReasonDocument is a manifest, a configuration or an index that says the same
	// in other bytes.
	ReasonDocument ReasonKind = "document"
)

// compareRest says what differs if all files are the same.
func (r *VerifyResult) compareRest(v *variant, skill *skilldir.Skill, ours rebuilt) {
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
