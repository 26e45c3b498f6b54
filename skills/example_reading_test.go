// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/skills"
)

// packedSkill packs the skill of the examples into memory, under the tag 1.0.0.
func packedSkill(ctx context.Context) oras.Target {
	store := memory.New()
	if _, err := skills.NewPackager(store).PackageFS(ctx, skill, skills.PackageOptions{Tag: "1.0.0"}); err != nil {
		log.Fatal(err)
	}
	return store
}

// Look into an artifact without writing anything. The source may be any store of
// oras-go: a repository, a layout, memory.
func ExampleInspect() {
	ctx := context.Background()
	inspection, err := skills.Inspect(ctx, packedSkill(ctx), "1.0.0", skills.InspectOptions{Files: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(inspection.Config.Name+":", inspection.Config.Description)
	for _, file := range inspection.Files {
		fmt.Println(file.Mode, file.Size, file.Name)
	}
	// Output:
	// greet: Greets people. Use it when somebody arrives.
	// -rw-r--r-- 90 SKILL.md
	// -rwxr-xr-x 21 hello.sh
}

// Write an artifact's files to a directory.
func ExampleUnpack() {
	ctx := context.Background()
	work, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(work)
	unpacked, err := skills.Unpack(ctx, packedSkill(ctx), "1.0.0", filepath.Join(work, "greet"), skills.UnpackOptions{})
	if err != nil {
		log.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(unpacked.Dir, "hello.sh"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", script)
	// Output:
	// #!/bin/sh
	// echo hello
}

// Find out whether a directory still holds exactly what was unpacked.
func ExampleCheck() {
	ctx := context.Background()
	store := packedSkill(ctx)
	work, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(work)
	dir := filepath.Join(work, "greet")
	if _, err := skills.Unpack(ctx, store, "1.0.0", dir, skills.UnpackOptions{}); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "extra.sh"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		log.Fatal(err)
	}
	checked, err := skills.Check(ctx, store, "1.0.0", dir, skills.CheckOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("identical:", checked.Identical)
	for _, difference := range checked.Differences {
		fmt.Println(difference.Kind, difference.Name)
	}
	// Output:
	// identical: false
	// extra extra.sh
}
