// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// script decides, byte by byte, what a fuzz target does. Where it ends it
// decides 0.
type script struct{ left []byte }

// pick returns a number below n.
func (s *script) pick(n int) int {
	if len(s.left) == 0 {
		return 0
	}
	b := s.left[0]
	s.left = s.left[1:]
	return int(b) % n
}

// one returns one of list.
func one[T any](s *script, list []T) T { return list[s.pick(len(list))] }

// text returns up to 16 bytes of the script.
func (s *script) text() string {
	n := min(s.pick(17), len(s.left))
	text := s.left[:n]
	s.left = s.left[n:]
	return string(text)
}

// node is a JSON value that can say what no encoder would: members twice, and
// in any order and spelling.
type node struct {
	open byte     // '{', '[' or 0
	keys []string // of an object, as they are written, with quotes
	kids []*node  // of an object or a list
	text string   // of anything else, as it is written
}

func parseNode(data []byte) *node {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return readNode(decoder)
}

func readNode(decoder *json.Decoder) *node {
	token, err := decoder.Token()
	if err != nil {
		panic(err)
	}
	open, ok := token.(json.Delim)
	if !ok {
		text, err := json.Marshal(token)
		if err != nil {
			panic(err)
		}
		return &node{text: string(text)}
	}
	n := &node{open: byte(open)}
	for decoder.More() {
		if n.open == '{' {
			n.keys = append(n.keys, readNode(decoder).text)
		}
		n.kids = append(n.kids, readNode(decoder))
	}
	_, _ = decoder.Token() // the end
	return n
}

func (n *node) String() string {
	switch n.open {
	case '{':
		members := make([]string, len(n.kids))
		for i, kid := range n.kids {
			members[i] = n.keys[i] + ":" + kid.String()
		}
		return "{" + strings.Join(members, ",") + "}"
	case '[':
		items := make([]string, len(n.kids))
		for i, kid := range n.kids {
			items[i] = kid.String()
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	return n.text
}

func quoted(s string) *node {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return &node{text: string(text)}
}

// at returns the value of a member, or an empty node.
func (n *node) at(key string) *node {
	if i := slices.Index(n.keys, quoted(key).text); i >= 0 {
		return n.kids[i]
	}
	return &node{text: "null"}
}

// set gives a member a value.
func (n *node) set(key string, value *node) {
	if i := slices.Index(n.keys, quoted(key).text); i >= 0 {
		n.kids[i] = value
		return
	}
	n.insert(len(n.kids), quoted(key).text, value)
}

func (n *node) insert(i int, key string, value *node) {
	n.kids = slices.Insert(n.kids, i, value.clone())
	if n.open == '{' {
		n.keys = slices.Insert(n.keys, i, key)
	}
}

func (n *node) remove(i int) {
	n.kids = slices.Delete(n.kids, i, i+1)
	if n.open == '{' {
		n.keys = slices.Delete(n.keys, i, i+1)
	}
}

// clone copies a value, which may then be edited and hold the other.
func (n *node) clone() *node {
	c := &node{open: n.open, keys: slices.Clone(n.keys), text: n.text}
	for _, kid := range n.kids {
		c.kids = append(c.kids, kid.clone())
	}
	return c
}

// Keys and values that mean something to some reader.
var (
	knownKeys = []string{"mediaType", "manifests", "config", "layers", "artifactType", "annotations", "schemaVersion", "subject",
		"digest", "size", "urls", "data", "platform", "Labels", "rootfs", "diff_ids", "os", "architecture", "history", "blobs"}
	knownTexts = []string{"", "x", "demo", "other", "../../x", "/etc/passwd", "a/../../b", "SKILL.md", "[]", "{}", `["SKILL.md"]`, "2026-01-01T00:00:00Z", "1", "2",
		"application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.config.v1+json",
		"application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar", "application/vnd.docker.distribution.manifest.v2+json",
		"application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.artifact.manifest.v1+json",
		"application/vnd.dev.toolhive.skills.v1", "dev.toolhive.skills.v1", "sha256:", "sha512:" + strings.Repeat("0", 128)}
	knownValues = []string{"null", "true", "0", "-1", "2", "1e400", "9223372036854775807", "99999999999999999999", `""`, "[]", "{}", "[null]", "[[]]", "[{}]",
		strings.Repeat("[", 300) + strings.Repeat("]", 300)}
)

// edit changes one thing in a document. Values come from donors too.
func (s *script) edit(doc *node, donors []*node) {
	if s.pick(6) == 1 { // all of another document besides, and no word on which one it is
		donor := one(s, donors)
		for i, key := range donor.keys {
			if !slices.Contains(doc.keys, key) {
				doc.insert(len(doc.kids), key, donor.kids[i])
			}
		}
		if i := slices.Index(doc.keys, `"mediaType"`); i >= 0 && s.pick(3) > 0 {
			doc.remove(i)
		}
		return
	}
	at := doc
	for len(at.kids) > 0 && s.pick(3) > 0 {
		at = at.kids[s.pick(len(at.kids))]
	}
	if at.open == 0 {
		at.text = s.value(donors).text
		return
	}
	place := s.pick(len(at.kids) + 1)
	switch has := place < len(at.kids); s.pick(8) {
	case 0: // a member of another document
		donor := one(s, donors)
		if len(donor.keys) > 0 {
			i := s.pick(len(donor.keys))
			at.insert(place, donor.keys[i], donor.kids[i])
		}
	case 1: // a member of a known name
		at.insert(place, quoted(one(s, knownKeys)).text, s.value(donors))
	case 2: // a member twice, or a twin of it
		if has && at.open == '{' {
			at.insert(s.pick(len(at.kids)+1), s.twin(at.keys[place]), s.value(donors))
		}
	case 3: // an item twice
		if has {
			key := ""
			if at.open == '{' {
				key = at.keys[place]
			}
			at.insert(s.pick(len(at.kids)+1), key, at.kids[place])
		}
	case 4:
		if has {
			at.remove(place)
		}
	case 5: // another spelling
		if has && at.open == '{' {
			at.keys[place] = s.twin(at.keys[place])
		}
	case 6: // another order
		if has {
			other := s.pick(len(at.kids))
			at.kids[place], at.kids[other] = at.kids[other], at.kids[place]
		}
	case 7:
		if has {
			at.kids[place] = s.value(donors).clone()
		}
	}
}

// value returns some value.
func (s *script) value(donors []*node) *node {
	switch s.pick(4) {
	case 0:
		donor := one(s, donors)
		for len(donor.kids) > 0 && s.pick(4) > 0 {
			donor = donor.kids[s.pick(len(donor.kids))]
		}
		return donor
	case 1:
		return quoted(one(s, knownTexts))
	case 2:
		return quoted(s.text())
	}
	return &node{text: one(s, knownValues)}
}

// twin returns a key that some decoder takes for key.
func (s *script) twin(key string) string {
	switch s.pick(6) {
	case 1:
		return strings.ToUpper(key)
	case 2:
		return strings.ToLower(key)
	case 3: // letters that fold to those of ASCII
		return strings.NewReplacer("s", "ſ", "k", "\u212a").Replace(key)
	case 4:
		if len(key) > 2 {
			return fmt.Sprintf(`"\u%04x%s`, key[1], key[2:])
		}
	case 5:
		if len(key) > 2 {
			return `"` + strings.ToUpper(key[1:2]) + key[2:]
		}
	}
	return key
}
