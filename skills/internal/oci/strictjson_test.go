// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/skills/internal/testkit"
)

func TestStrictJSON(t *testing.T) {
	t.Parallel()
	index, image := reflect.TypeFor[ocispec.Index](), reflect.TypeFor[*ocispec.Image]()
	for _, c := range []struct {
		name, text string
		shape      reflect.Type
		says       string // "" if it is taken
	}{
		{"a member twice", `{"manifests":[],"manifests":[{}]}`, index, `member "manifests" twice`},
		{"a member twice, once in an escape", `{"manifests":[],"manif\u0065sts":[]}`, index, `member "manifests" twice`},
		{"an unknown member twice", `{"x":1,"y":2,"x":1}`, index, `member "x" twice`},
		{"a member twice below", `{"manifests":[{"size":1,"platform":{"os":"a","os":"b"}}]}`, index, `member "os" twice`},
		{"a member twice below an unknown one", `{"x":{"y":[[{"z":1,"z":2}]]}}`, index, `member "z" twice`},
		{"an annotation twice", `{"annotations":{"a":"1","a":"2"}}`, index, `member "a" twice`},
		{"a label twice", `{"config":{"Labels":{"a":"1","a":"2"}}}`, image, `member "a" twice`},
		{"a member twice without a shape", `[{"a":1,"a":1}]`, nil, `member "a" twice`},
		{"a member in capitals", `{"MANIFESTS":[]}`, index, `"MANIFESTS" differs only by case from "manifests"`},
		{"a member in both", `{"manifests":[],"Manifests":[]}`, index, `"Manifests" differs only by case from "manifests"`},
		{"a member with a long s", `{"manifest\u017f":[]}`, index, `differs only by case from "manifests"`},
		{"a member of a descriptor in capitals", `{"manifests":[{},{"Digest":"x"}]}`, index, `"Digest" differs only by case from "digest"`},
		{"a member of a platform in capitals", `{"manifests":[{"platform":{"OS":"x"}}]}`, index, `"OS" differs only by case from "os"`},
		{"a member of an embedded struct in capitals", `{"OS":"x"}`, image, `"OS" differs only by case from "os"`},
		{"labels in small letters", `{"config":{"labels":{}}}`, image, `"labels" differs only by case from "Labels"`},
		{"diff IDs in capitals", `{"rootfs":{"Diff_IDs":[]}}`, image, `"Diff_IDs" differs only by case from "diff_ids"`},
		{"what follows", `{} {}`, index, "after top-level value"},
		{"what is cut", `{"manifests":[`, index, "ends too early"},
		{"nothing", ``, index, "ends too early"},
		{"a byte that is not UTF-8", "{\"a\xff\":1}", index, "not UTF-8"},
		{"a byte order mark", "\ufeff{}", index, "invalid character"},
		{"depth", `{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, index, "depth"},
		{"depth without end", strings.Repeat("[", 1<<20), index, "depth"},

		{"keys of maps that differ by case", `{"annotations":{"a":"1","A":"2","Digest":"3"}}`, index, ""},
		{"labels that differ by case", `{"config":{"Labels":{"Created":"1","created":"2"},"Volumes":{"/a":{},"/A":{}}}}`, image, ""},
		{"unknown members that differ by case", `{"x":1,"X":{"Digest":1,"digest":2}}`, index, ""},
		{"one name in two objects", `{"manifests":[{"size":1},{"size":1}],"size":1}`, index, ""},
		{"brackets in texts", `{"a":"}\"{[","\"":"\\","b\\":"\\\"","":""}`, index, ""},
		{"white space", "\t{ \r\"a\" \n: [ 1 , -1.5e+3 ,true , false ,null ] }\n", index, ""},
		{"another form than the shape's", `{"manifests":{"a":1},"annotations":[{"b":2}],"mediaType":{"c":{}}}`, index, ""},
		{"depth within the limit", `{"x":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `}`, index, ""},
		{"a number alone", `1`, index, ""},
		{"null", ` null `, index, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := CheckJSON([]byte(c.text), c.shape, nil)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "\n")
			require.Less(t, len(err.Error()), 300)
		})
	}
}

// TestMembersOfAnotherKind are refused at the top level only.
func TestMembersOfAnotherKind(t *testing.T) {
	t.Parallel()
	foreign := []string{"config", "layers"}
	require.NoError(t, CheckJSON([]byte(`{"x":{"config":1},"y":[{"layers":2}]}`), nil, foreign))
	for _, text := range []string{`{"config":null}`, `{"x":{},"layers":[]}`, `{"LAYERS":[]}`, `{"\u0063onfig":1}`} {
		require.ErrorContains(t, CheckJSON([]byte(text), nil, foreign), "another kind of document", text)
	}
}

// TestStrictJSONIsBounded has documents of 4 MiB that would be large in memory.
// It is not parallel: it measures memory.
func TestStrictJSONIsBounded(t *testing.T) {
	testkit.SkipUnderRace(t)
	members := func(open, name string) string {
		var b strings.Builder
		b.WriteString(open)
		for i := 0; b.Len() < MaxMetadataBytes-100; i++ {
			fmt.Fprintf(&b, name, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"members":           members(`{"":0`, `,"%x":0`) + "}",
		"members below":     `{"annotations":` + members(`{"":""`, `,"%x":""`) + "}}",
		"escaped":           members(`{"":0`, `,"\u0061%x":0`) + "}",
		"a member and more": members(`{"":0`, `,"":%d`) + "}",
		"objects":           `[` + strings.TrimSuffix(strings.Repeat(`{"":0},`, MaxMetadataBytes/8), ",") + `]`,
		"open objects":      strings.Repeat(members(`{"":0`, `,"%x":0`)[:40_000]+`":0,"x":`, 90) + "0" + strings.Repeat("}", 90),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_ = CheckJSON([]byte(text), reflect.TypeFor[ocispec.Index](), nil)
		runtime.ReadMemStats(&after)
		// All there ever was; what is held at one time is less than half of it.
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(96<<20), name)
	}
	require.ErrorContains(t, CheckJSON([]byte(members(`{"":0`, `,"%x":0`)+"}"), nil, nil), "more than 65536 members")
}

// hasTwins looks for what CheckJSON refuses, with the tokens of encoding/json.
func hasTwins(data []byte, shape reflect.Type) bool {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return twins(dec, shape)
}

func twins(dec *json.Decoder, shape reflect.Type) (found bool) {
	for shape != nil && shape.Kind() == reflect.Pointer {
		shape = shape.Elem()
	}
	token, err := dec.Token()
	if err != nil {
		panic(err)
	}
	if token != json.Delim('{') && token != json.Delim('[') {
		return false
	}
	seen := map[string]bool{}
	for dec.More() {
		var below reflect.Type
		if token == json.Delim('{') {
			key, _ := dec.Token()
			name := key.(string)
			found = found || seen[name]
			seen[name] = true
			if shape != nil && shape.Kind() == reflect.Map {
				below = shape.Elem()
			}
			if shape != nil && shape.Kind() == reflect.Struct {
				for _, field := range reflect.VisibleFields(shape) {
					known, _, _ := strings.Cut(field.Tag.Get("json"), ",")
					if known == name {
						below = field.Type
					}
					found = found || known != "" && known != name && strings.EqualFold(known, name)
				}
			}
		} else if shape != nil && shape.Kind() == reflect.Slice {
			below = shape.Elem()
		}
		found = twins(dec, below) || found
	}
	_, _ = dec.Token()
	return found
}

// FuzzStrictJSON compares with another reading of the same text. What is taken
// means the same to readers that take the first of two members and those that
// take the last.
func FuzzStrictJSON(f *testing.F) {
	for _, text := range []string{
		`{"manifests":[{"digest":"a","DIGEST":"b"}]}`, `{"a":1,"\u0061":2}`, `{"config":{"Labels":{"a":"b"}}}`,
		`[{"x":"}"},{"y":["\\\""]}]`, `{"annotations":{"a":"1","A":"2"}}`, ` {"layers" : null , "layer\u017f":[ ] } `,
		`{"schemaVersion":2,"mediaType":"x","manifests":[{"platform":{"os":"a","os.features":["b"]}}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, shape := range []reflect.Type{nil, reflect.TypeFor[ocispec.Index](), reflect.TypeFor[ocispec.Manifest](), reflect.TypeFor[ocispec.Image]()} {
			err := CheckJSON(data, shape, nil)
			if err == nil {
				require.True(t, json.Valid(data))
				require.False(t, hasTwins(data, shape))
			} else if says := err.Error(); strings.Contains(says, "twice") || strings.Contains(says, "by case") {
				require.True(t, hasTwins(data, shape), says)
			}
		}
	})
}
