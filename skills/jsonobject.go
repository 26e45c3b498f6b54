// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// jsonObject is a JSON object whose members keep their order and their bytes, so
// that what others wrote there survives a change.
type jsonObject []jsonMember

type jsonMember struct {
	name  string
	value json.RawMessage
}

// maxMembers bounds the members of an object that is taken apart. Few bytes of
// JSON become many in memory.
const maxMembers = 10_000

// parseObject splits an object into its members. Readers of JSON disagree about
// names that come twice, so these are an error, and so are names that differ by
// case from a known one: some readers take one for the other.
func parseObject(data []byte, known ...string) (jsonObject, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	start, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if start != json.Delim('{') {
		return nil, errors.New("it is no JSON object")
	}
	var object jsonObject
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		member := jsonMember{name: token.(string)} // the decoder takes nothing else for a name
		if seen[member.name] {
			return nil, fmt.Errorf("it has the member %q twice", member.name)
		}
		if seen[member.name] = true; len(seen) > maxMembers {
			return nil, fmt.Errorf("it has more than %d members", maxMembers)
		}
		for _, name := range known {
			if member.name != name && strings.EqualFold(member.name, name) {
				return nil, fmt.Errorf("it has a member %q, which some take for %q", member.name, name)
			}
		}
		if err := dec.Decode(&member.value); err != nil {
			return nil, err
		}
		object = append(object, member)
	}
	if _, err := dec.Token(); err != nil { // the end of the object
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it goes on after the JSON object")
	}
	return object, nil
}

// get returns the value of a member, or nil if there is none.
func (o jsonObject) get(name string) json.RawMessage {
	for _, member := range o {
		if member.name == name {
			return member.value
		}
	}
	return nil
}

// with returns the object with another value of a member: in its place, or else
// in the end. Nil takes the member away.
func (o jsonObject) with(name string, value json.RawMessage) jsonObject {
	i := slices.IndexFunc(o, func(m jsonMember) bool { return m.name == name })
	changed := slices.Clone(o)
	switch {
	case value == nil && i >= 0:
		return slices.Delete(changed, i, i+1)
	case value == nil:
		return changed
	case i >= 0:
		changed[i].value = value
		return changed
	}
	return append(changed, jsonMember{name, value})
}

// encode writes the object with the bytes of its values as they are.
func (o jsonObject) encode() json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, member := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(jsonValue(member.name))
		b.WriteByte(':')
		b.Write(member.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// jsonValue encodes what always can be: text, numbers and structs of them.
func jsonValue(v any) json.RawMessage {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
