// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// indexFile is an index.json. Others may have written it and noted there what
// this store does not know of: all but what a change is about stays.
type indexFile struct {
	head    map[string]json.RawMessage // all members but the entries; never changed
	entries []indexEntry
}

// indexEntry is an entry of an index.json, as it stands there and as it is
// understood.
type indexEntry struct {
	raw  json.RawMessage
	desc ocispec.Descriptor
}

func newIndexFile() indexFile {
	return indexFile{head: map[string]json.RawMessage{
		"schemaVersion": json.RawMessage("2"),
		"mediaType":     json.RawMessage(`"` + ocispec.MediaTypeImageIndex + `"`),
	}}
}

func parseIndexFile(b []byte) (x indexFile, err error) {
	var index struct {
		ocispec.Index
		Manifests []json.RawMessage `json:"manifests"` // takes the place of Index's
	}
	if err := json.Unmarshal(b, &index); err != nil {
		return x, err
	}
	if err := json.Unmarshal(b, &x.head); err != nil {
		return x, err
	}
	if x.head == nil { // it was null
		x.head = newIndexFile().head
	}
	removeMember(x.head, "manifests")
	x.entries = make([]indexEntry, len(index.Manifests))
	for i, raw := range index.Manifests {
		e := &x.entries[i]
		e.raw = raw
		if err := json.Unmarshal(raw, &e.desc); err != nil {
			return x, fmt.Errorf("manifests[%d]: %w", i, err)
		}
	}
	return x, nil
}

func (x indexFile) encode() ([]byte, error) {
	raw := make([]json.RawMessage, len(x.entries))
	for i, e := range x.entries {
		raw[i] = e.raw
	}
	members := maps.Clone(x.head)
	var err error
	if members["manifests"], err = json.Marshal(raw); err != nil {
		return nil, err
	}
	return json.Marshal(members)
}

func newIndexEntry(desc ocispec.Descriptor) indexEntry {
	raw, _ := json.Marshal(desc) // of a type that always can be
	return indexEntry{raw, desc}
}

// name is the entry's tag, or a name that other tools give.
func (e indexEntry) name() string { return e.desc.Annotations[ocispec.AnnotationRefName] }

// with returns the entry with other values of members. Nil takes one away.
func (e indexEntry) with(values map[string]any) indexEntry {
	members := map[string]json.RawMessage{}
	_ = json.Unmarshal(e.raw, &members) // it could be read before
	for member, value := range values {
		removeMember(members, member)
		if value != nil {
			members[member], _ = json.Marshal(value)
		}
	}
	var changed indexEntry
	changed.raw, _ = json.Marshal(members)
	_ = json.Unmarshal(changed.raw, &changed.desc)
	return changed
}

// removeMember removes a member in any case: encoding/json would take it.
func removeMember(members map[string]json.RawMessage, name string) {
	maps.DeleteFunc(members, func(member string, _ json.RawMessage) bool { return strings.EqualFold(member, name) })
}

// named returns the entry with another name, or with none if that is empty.
func (e indexEntry) named(name string) indexEntry {
	annotations := map[string]string{}
	maps.Copy(annotations, e.desc.Annotations)
	annotations[ocispec.AnnotationRefName] = name
	if name == "" {
		delete(annotations, ocispec.AnnotationRefName)
	}
	if len(annotations) == 0 {
		return e.with(map[string]any{"annotations": nil})
	}
	return e.with(map[string]any{"annotations": annotations})
}

// find returns the place of the first entry for a digest, or -1.
func (x *indexFile) find(dgst digest.Digest) int {
	return slices.IndexFunc(x.entries, func(e indexEntry) bool { return e.desc.Digest == dgst })
}

// list makes an entry for a manifest that has none, and corrects those that say
// something else of it.
func (x *indexFile) list(desc ocispec.Descriptor) {
	if x.find(desc.Digest) < 0 {
		x.entries = append(x.entries, newIndexEntry(desc))
		return
	}
	for i, e := range x.entries {
		if e.desc.Digest == desc.Digest && (e.desc.MediaType != desc.MediaType || e.desc.Size != desc.Size) {
			x.entries[i] = e.with(map[string]any{"mediaType": desc.MediaType, "size": desc.Size})
		}
	}
}

// tag gives a name to a manifest that is listed, and takes it from others. An
// entry without a name gets it, if others have noted nothing there; where there
// is none, a new one says no more than what the manifest is.
func (x *indexFile) tag(dgst digest.Digest, name string) {
	x.untag(name, dgst)
	bare := -1
	for i, e := range x.entries {
		switch {
		case e.desc.Digest != dgst:
		case e.name() == name:
			return
		case e.name() == "" && bare < 0 && !e.isForeign():
			bare = i
		}
	}
	if bare >= 0 {
		x.entries[bare] = x.entries[bare].named(name)
		return
	}
	listed := x.entries[x.find(dgst)].desc
	x.entries = append(x.entries, newIndexEntry(ocispec.Descriptor{
		MediaType: listed.MediaType, Digest: listed.Digest, Size: listed.Size,
		Platform: listed.Platform, ArtifactType: listed.ArtifactType,
	}).named(name))
}

// isForeign reports whether an entry has more than a description of the manifest and
// its name. What others have noted belongs to that name or to none.
func (e indexEntry) isForeign() bool {
	members := map[string]json.RawMessage{}
	_ = json.Unmarshal(e.raw, &members) // it could be read before
	for _, member := range []string{"mediaType", "digest", "size", "platform", "artifactType", "annotations"} {
		delete(members, member)
	}
	for name := range e.desc.Annotations {
		if name != ocispec.AnnotationRefName {
			return true
		}
	}
	return len(members) > 0
}

// untag takes a name from all manifests but one. The last entry of a manifest
// stays, without a name.
func (x *indexFile) untag(name string, but digest.Digest) {
	left := map[digest.Digest]int{}
	for _, e := range x.entries {
		left[e.desc.Digest]++
	}
	var kept []indexEntry
	for _, e := range x.entries {
		if e.name() == name && e.desc.Digest != but {
			if left[e.desc.Digest]--; left[e.desc.Digest] > 0 {
				continue
			}
			e = e.named("")
		}
		kept = append(kept, e)
	}
	x.entries = kept
}

func (x *indexFile) drop(dgst digest.Digest) {
	x.entries = slices.DeleteFunc(x.entries, func(e indexEntry) bool { return e.desc.Digest == dgst })
}
