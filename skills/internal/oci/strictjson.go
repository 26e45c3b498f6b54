// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits on JSON that strangers wrote.
const (
	// maxJSONDepth bounds how deep objects and lists are nested.
	maxJSONDepth = 100
	// maxJSONMembers bounds the members of one object.
	maxJSONMembers = 1 << 16
)

// UnmarshalStrict is [json.Unmarshal] after [CheckJSON].
func UnmarshalStrict(data []byte, into any) error {
	if err := CheckJSON(data, reflect.TypeOf(into), nil); err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// CheckJSON refuses a document that two readers may take for different things:
// one that is not UTF-8 or is followed by something else, an object that has a
// member twice, a member whose name differs only by case from one that shape
// has, at any depth. Of two members of a name some readers take the first and
// some the last; encoding/json looks at no case, others do. It refuses the
// members named in foreign too, at the top level, whatever their case: they make
// the document one of another kind.
//
// It needs memory for no more than the names of the members of objects that are
// open at one time.
func CheckJSON(data []byte, shape reflect.Type, foreign []string) error {
	if !utf8.Valid(data) {
		return errors.New("it is not UTF-8")
	}
	// The grammar is the library's business; what follows relies on it.
	if err := json.Unmarshal(data, new(Skipped)); err != nil {
		// The library has no other sign of it.
		if err.Error() == "unexpected end of JSON input" {
			err = ErrTruncated
		}
		return err
	}
	w := jsonWalk{data: data, foreign: foreign, members: map[reflect.Type]map[string]reflect.Type{}}
	return w.value(shape)
}

// SplitObject calls each with the members of an object, in their order and with
// their bytes. The object has passed [CheckJSON].
func SplitObject(data []byte, each func(name string, value json.RawMessage)) error {
	w := jsonWalk{data: data}
	if w.next() != '{' {
		return errors.New("it is no JSON object")
	}
	w.at++
	for w.next() != '}' {
		name := string(w.text())
		w.next() // a colon
		w.at++
		w.next()
		start := w.at
		if err := w.value(nil); err != nil {
			return err
		}
		each(name, data[start:w.at:w.at])
		if w.next() == ',' {
			w.at++
		}
	}
	return nil
}

// jsonWalk goes through valid JSON.
type jsonWalk struct {
	data    []byte
	at      int
	depth   int
	foreign []string
	names   [][]byte // of the members of all open objects
	members map[reflect.Type]map[string]reflect.Type
}

// value passes over a value that is decoded into shape, nil if into nothing.
func (w *jsonWalk) value(shape reflect.Type) error {
	for shape != nil && shape.Kind() == reflect.Pointer {
		shape = shape.Elem()
	}
	switch w.next() {
	case '{':
		return w.nested(shape, w.object)
	case '[':
		return w.nested(shape, w.list)
	case '"':
		w.text()
	default: // a number, true, false or null
		for w.at < len(w.data) && bytes.IndexByte([]byte(",]} \t\r\n"), w.data[w.at]) < 0 {
			w.at++
		}
	}
	return nil
}

// nested passes over an object or a list.
func (w *jsonWalk) nested(shape reflect.Type, pass func(shape reflect.Type) error) error {
	if w.depth == maxJSONDepth {
		return fmt.Errorf("it exceeds the depth of %d", maxJSONDepth)
	}
	w.depth++
	w.at++ // the bracket
	err := pass(shape)
	w.at++
	w.depth--
	return err
}

func (w *jsonWalk) list(shape reflect.Type) error {
	var item reflect.Type
	if shape != nil && (shape.Kind() == reflect.Slice || shape.Kind() == reflect.Array) {
		item = shape.Elem()
	}
	for w.next() != ']' {
		if err := w.value(item); err != nil {
			return err
		}
		if w.next() == ',' {
			w.at++
		}
	}
	return nil
}

func (w *jsonWalk) object(shape reflect.Type) error {
	first := len(w.names)
	for w.next() != '}' {
		name := w.text()
		if len(w.names)-first == maxJSONMembers {
			return fmt.Errorf("an object has more than %d members", maxJSONMembers)
		}
		w.names = append(w.names, name)
		value, err := w.member(shape, name)
		if err != nil {
			return err
		}
		w.next() // a colon
		w.at++
		if err := w.value(value); err != nil {
			return err
		}
		if w.next() == ',' {
			w.at++
		}
	}
	names := w.names[first:]
	slices.SortFunc(names, bytes.Compare)
	for i := 1; i < len(names); i++ {
		if bytes.Equal(names[i-1], names[i]) {
			return fmt.Errorf("it has the member %q twice", Excerpt(string(names[i])))
		}
	}
	w.names = w.names[:first]
	return nil
}

// member returns what the value of a member is decoded into.
func (w *jsonWalk) member(shape reflect.Type, name []byte) (reflect.Type, error) {
	if w.depth == 1 {
		for _, other := range w.foreign {
			if strings.EqualFold(string(name), other) {
				return nil, fmt.Errorf("it has the member %q, which is one of another kind of document", Excerpt(string(name)))
			}
		}
	}
	switch {
	case shape == nil:
		return nil, nil
	case shape.Kind() == reflect.Map:
		return shape.Elem(), nil
	case shape.Kind() != reflect.Struct:
		return nil, nil
	}
	known := w.membersOf(shape)
	if value, ok := known[string(name)]; ok {
		return value, nil
	}
	for other := range known {
		if strings.EqualFold(string(name), other) {
			return nil, fmt.Errorf("its member %q differs only by case from %q", Excerpt(string(name)), other)
		}
	}
	return nil, nil
}

// membersOf returns the members that encoding/json looks for.
func (w *jsonWalk) membersOf(shape reflect.Type) map[string]reflect.Type {
	if known, ok := w.members[shape]; ok {
		return known
	}
	known := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(shape) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case !field.IsExported() || name == "-" || field.Anonymous && name == "":
			continue
		case name == "":
			name = field.Name
		}
		known[name] = field.Type
	}
	w.members[shape] = known
	return known
}

// next passes over white space and returns the byte after it.
func (w *jsonWalk) next() byte {
	for {
		switch c := w.data[w.at]; c {
		case ' ', '\t', '\r', '\n':
			w.at++
		default:
			return c
		}
	}
}

// text passes over a string and returns it.
func (w *jsonWalk) text() []byte {
	start, escaped := w.at, false
	for w.at++; w.data[w.at] != '"'; w.at++ {
		if w.data[w.at] == '\\' {
			w.at++
			escaped = true
		}
	}
	w.at++
	if !escaped {
		return w.data[start+1 : w.at-1]
	}
	var s string
	_ = json.Unmarshal(w.data[start:w.at], &s) // it was found valid
	return []byte(s)
}

// JSONText encodes texts, lists and mappings of texts, which can't fail. Keys of
// mappings come out sorted by their bytes.
func JSONText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
