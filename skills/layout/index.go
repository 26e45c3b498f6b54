// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// layoutIndex is an index.json. All that others wrote there stays, in its order
// and to the byte, but for the tags that a change is about.
type indexFile struct {
	members jsonObject // with an empty list of entries
	entries []indexEntry
}

// layoutEntry is a descriptor in an index.json.
type indexEntry struct {
	raw  json.RawMessage
	desc ocispec.Descriptor // without annotations, URLs and data
	tag  string
	// foreign says that it has members or annotations that a Store does not
	// write. They belong to its tag or to nothing, and never go to another.
	foreign bool
}

// maxPlatformBytes bounds the platform of an entry.
const maxPlatformBytes = 16 << 10

// emptyList takes the place of the entries among the members.
var emptyList = json.RawMessage("[]")

func newIndex() *indexFile {
	return &indexFile{members: jsonObject{
		{"schemaVersion", json.RawMessage("2")},
		{"mediaType", jsonValue(ocispec.MediaTypeImageIndex)},
		{"manifests", emptyList},
	}}
}

// parseLayoutIndex reads an index.json of at most maxListed entries.
func parseIndex(data []byte) (*indexFile, error) {
	if err := oci.CheckJSON(data, reflect.TypeFor[ocispec.Index](), nil); err != nil {
		return nil, err
	}
	members, err := parseObject(data)
	if err != nil {
		return nil, err
	}
	x := &indexFile{members: members.with("manifests", emptyList)}
	list := members.get("manifests")
	if list == nil || string(list) == "null" {
		return x, nil
	}
	dec := json.NewDecoder(bytes.NewReader(list))
	if start, err := dec.Token(); err != nil || start != json.Delim('[') {
		return nil, errors.New("its manifests are no list")
	}
	for dec.More() {
		if len(x.entries) == oci.MaxListed {
			return nil, oci.ErrListed
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		entry, err := parseEntry(raw)
		if err != nil {
			return nil, fmt.Errorf("manifests[%d]: %w", len(x.entries), err)
		}
		x.entries = append(x.entries, entry)
	}
	return x, nil
}

func parseEntry(raw json.RawMessage) (entry indexEntry, err error) {
	members, err := parseObject(raw)
	if err != nil {
		return entry, err
	}
	if n := len(members.get("platform")); n > maxPlatformBytes {
		return entry, fmt.Errorf("its platform has %d bytes, the limit is %d", n, maxPlatformBytes)
	}
	desc := struct {
		*ocispec.Descriptor
		// There may be very many of these, which nobody needs.
		Annotations oci.Skipped `json:"annotations"`
		URLs        oci.Skipped `json:"urls"`
		Data        oci.Skipped `json:"data"`
	}{Descriptor: &entry.desc}
	if err := json.Unmarshal(raw, &desc); err != nil {
		return entry, err
	}
	entry.raw = raw
	for _, member := range members {
		switch member.name {
		case "mediaType", "digest", "size", "platform", "artifactType", "annotations":
		default:
			entry.foreign = true
		}
	}
	annotations, err := parseAnnotations(members)
	if err != nil {
		return entry, err
	}
	for _, annotation := range annotations {
		var text string
		if err := json.Unmarshal(annotation.value, &text); err != nil {
			return entry, fmt.Errorf("annotation %q: %w", annotation.name, err)
		}
		if annotation.name == ocispec.AnnotationRefName {
			entry.tag = text
		} else {
			entry.foreign = true
		}
	}
	return entry, nil
}

func parseAnnotations(members jsonObject) (jsonObject, error) {
	raw := members.get("annotations")
	if raw == nil || string(raw) == "null" {
		return nil, nil
	}
	annotations, err := parseObject(raw)
	if err != nil {
		return nil, fmt.Errorf("annotations: %w", err)
	}
	return annotations, nil
}

// newLayoutEntry describes desc and nothing else.
func newEntry(desc ocispec.Descriptor, tag string) indexEntry {
	desc = ocispec.Descriptor{
		MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size,
		Platform: desc.Platform, ArtifactType: desc.ArtifactType,
	}
	entry := indexEntry{desc: desc, tag: tag}
	if tag != "" {
		desc.Annotations = map[string]string{ocispec.AnnotationRefName: tag}
	}
	entry.raw = jsonValue(desc)
	return entry
}

// tagged returns the entry with another tag, or with none if that is empty.
func (e indexEntry) tagged(tag string) indexEntry {
	members, _ := parseObject(e.raw) // it could be read before
	annotations, _ := parseAnnotations(members)
	var value json.RawMessage
	if tag != "" {
		value = jsonValue(tag)
	}
	if annotations = annotations.with(ocispec.AnnotationRefName, value); len(annotations) > 0 {
		value = annotations.encode()
	}
	e.raw = members.with("annotations", value).encode()
	e.tag = tag
	return e
}

// corrected returns the entry with the type and the size that desc has.
func (e indexEntry) corrected(desc ocispec.Descriptor) indexEntry {
	if e.desc.MediaType == desc.MediaType && e.desc.Size == desc.Size {
		return e
	}
	members, _ := parseObject(e.raw)
	e.raw = members.with("mediaType", jsonValue(desc.MediaType)).with("size", jsonValue(desc.Size)).encode()
	e.desc.MediaType, e.desc.Size = desc.MediaType, desc.Size
	return e
}

func (x *indexFile) encode() []byte {
	list := []byte{'['}
	for i, e := range x.entries {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, e.raw...)
	}
	return x.members.with("manifests", append(list, ']')).encode()
}

// find returns the place of the first entry for a digest, or -1.
func (x *indexFile) find(dgst digest.Digest) int {
	return slices.IndexFunc(x.entries, func(e indexEntry) bool { return e.desc.Digest == dgst })
}

// tag lists desc under a tag, or without one if that is empty, and reports what
// had the tag before and whether anything has changed. What loses the tag stays
// listed. So does nothing that has no tag and that desc, an index, lists itself.
func (x *indexFile) tag(desc ocispec.Descriptor, tag string, children []ocispec.Descriptor) (before digest.Digest, changed bool) {
	old := slices.Clone(x.entries)
	if tag != "" {
		before = x.untagOthers(desc.Digest, tag)
	}
	x.list(desc, tag)
	listed := map[digest.Digest]bool{}
	for _, child := range children {
		listed[child.Digest] = true
	}
	x.entries = slices.DeleteFunc(x.entries, func(e indexEntry) bool {
		return e.tag == "" && !e.foreign && listed[e.desc.Digest]
	})
	return before, !slices.EqualFunc(old, x.entries, func(a, b indexEntry) bool { return bytes.Equal(a.raw, b.raw) })
}

// untagOthers takes a tag from all but one manifest, and returns the first that
// had it, which is where the tag led. The last entry of a manifest stays.
func (x *indexFile) untagOthers(but digest.Digest, tag string) (before digest.Digest) {
	left := map[digest.Digest]int{}
	for _, e := range x.entries {
		left[e.desc.Digest]++
	}
	kept := x.entries[:0]
	for _, e := range x.entries {
		if e.tag == tag {
			if before == "" {
				before = e.desc.Digest
			}
			if e.desc.Digest != but {
				if left[e.desc.Digest]--; left[e.desc.Digest] > 0 {
					continue
				}
				e = e.tagged("")
			}
		}
		kept = append(kept, e)
	}
	x.entries = kept
	return before
}

// list makes an entry for desc and its tag, unless there is one. It takes the
// place of an entry without a tag, if others have noted nothing there.
func (x *indexFile) list(desc ocispec.Descriptor, tag string) {
	place, there := -1, false
	for i, e := range x.entries {
		if e.desc.Digest != desc.Digest {
			continue
		}
		x.entries[i] = e.corrected(desc)
		if desc.ArtifactType == "" {
			desc.ArtifactType = e.desc.ArtifactType
		}
		if desc.Platform == nil {
			desc.Platform = e.desc.Platform
		}
		there = there || e.tag == tag || tag == ""
		if e.tag == "" && !e.foreign {
			place = i
		}
	}
	switch {
	case there:
	case place >= 0:
		x.entries[place] = x.entries[place].tagged(tag)
	default:
		x.entries = append(x.entries, newEntry(desc, tag))
	}
}

// drop removes all entries of manifests, and reports whether there were any.
func (x *indexFile) drop(list []digest.Digest) bool {
	gone := map[digest.Digest]bool{}
	for _, dgst := range list {
		gone[dgst] = true
	}
	before := len(x.entries)
	x.entries = slices.DeleteFunc(x.entries, func(e indexEntry) bool { return gone[e.desc.Digest] })
	return len(x.entries) < before
}

// isTagged reports whether a manifest has a tag.
func (x *indexFile) isTagged(dgst digest.Digest) bool {
	return slices.ContainsFunc(x.entries, func(e indexEntry) bool { return e.desc.Digest == dgst && e.tag != "" })
}

// isNoted reports whether a manifest has a tag, or something that others noted.
func (x *indexFile) isNoted(dgst digest.Digest) bool {
	return slices.ContainsFunc(x.entries, func(e indexEntry) bool {
		return e.desc.Digest == dgst && (e.tag != "" || e.foreign)
	})
}
