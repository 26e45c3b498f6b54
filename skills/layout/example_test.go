// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"testing/fstest"

	"oras.land/oras-go/v2/registry"

	"github.com/skillcask/skillcask/skills"
	"github.com/skillcask/skillcask/skills/layout"
)

// Pack a skill into a layout, and see which tags it has.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := layout.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	skill := fstest.MapFS{"SKILL.md": {Data: []byte("---\nname: greet\ndescription: Says hello. Use it to greet.\n---\n\n# Greet\n")}}
	packed, err := skills.NewPackager(store).PackageFS(ctx, skill, skills.PackageOptions{Tag: "1.0.0"})
	if err != nil {
		log.Fatal(err)
	}
	tags, err := registry.Tags(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	desc, err := store.Resolve(ctx, "1.0.0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tags, desc.Digest == packed.IndexDigest)
	// Output: [1.0.0] true
}
