// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"maps"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Referrers knows the manifests of a repository that have a subject. The zero
// value is empty.
type Referrers struct {
	bySubject map[digest.Digest]map[digest.Digest]ocispec.Descriptor
	subjects  map[digest.Digest]digest.Digest // by the referrer's digest
}

// Add takes in a manifest if it has a subject. desc has its media type, digest
// and size; v is its content parsed, or nil. What can't be parsed has no subject.
func (x *Referrers) Add(desc ocispec.Descriptor, content []byte, v *View) {
	subject, desc, ok := referrer(desc, content, v)
	if !ok {
		return
	}
	if x.subjects == nil {
		x.bySubject = map[digest.Digest]map[digest.Digest]ocispec.Descriptor{}
		x.subjects = map[digest.Digest]digest.Digest{}
	}
	if x.bySubject[subject] == nil {
		x.bySubject[subject] = map[digest.Digest]ocispec.Descriptor{}
	}
	x.bySubject[subject][desc.Digest] = desc
	x.subjects[desc.Digest] = subject
}

// referrer makes the descriptor that the referrers list has for a manifest
// (specification, "Listing Referrers"); ok is false if it has no subject.
func referrer(desc ocispec.Descriptor, content []byte, v *View) (subject digest.Digest, _ ocispec.Descriptor, ok bool) {
	if v == nil {
		if !IsKnown(desc.MediaType) {
			return "", desc, false
		}
		var err error
		if v, err = Parse(content); err != nil {
			return "", desc, false
		}
	}
	if v.Subject == nil || v.Subject.Digest == "" {
		return "", desc, false
	}
	desc = ocispec.Descriptor{
		MediaType:    desc.MediaType,
		Digest:       desc.Digest,
		Size:         desc.Size,
		ArtifactType: v.ArtifactType,
		Annotations:  v.Annotations,
	}
	if desc.ArtifactType == "" && IsImage(desc.MediaType) && v.Config != nil {
		desc.ArtifactType = v.Config.MediaType
	}
	return v.Subject.Digest, desc, true
}

// Remove forgets a manifest. Its content, which names the subject, may be lost.
func (x *Referrers) Remove(dgst digest.Digest) {
	subject, ok := x.subjects[dgst]
	if !ok {
		return
	}
	delete(x.subjects, dgst)
	if delete(x.bySubject[subject], dgst); len(x.bySubject[subject]) == 0 {
		delete(x.bySubject, subject)
	}
}

// List returns the referrers of a subject, in the order of their digests.
func (x *Referrers) List(subject digest.Digest) []ocispec.Descriptor {
	list := make([]ocispec.Descriptor, 0, len(x.bySubject[subject]))
	for _, desc := range x.bySubject[subject] {
		list = append(list, desc)
	}
	SortByDigest(list)
	return list
}

// Clone returns a copy that can be changed by itself.
func (x *Referrers) Clone() Referrers {
	c := Referrers{maps.Clone(x.bySubject), maps.Clone(x.subjects)}
	for subject, list := range c.bySubject {
		c.bySubject[subject] = maps.Clone(list)
	}
	return c
}
