// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/skillcask/skillcask/skills/internal/oci"
)

// jsonObject is a JSON object whose members keep their order and their bytes, so
// that what others wrote there survives a change.
type jsonObject []jsonMember

type jsonMember struct {
	name  string
	value json.RawMessage
}

// parseObject splits an object into its members. It has passed [oci.CheckJSON].
func parseObject(data []byte) (object jsonObject, err error) {
	err = oci.SplitObject(data, func(name string, value json.RawMessage) {
		object = append(object, jsonMember{name, value})
	})
	return object, err
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
