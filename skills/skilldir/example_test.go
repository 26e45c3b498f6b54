// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skilldir_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"testing/fstest"
	"time"

	"github.com/skillcask/skillcask/reproducible"
	"github.com/skillcask/skillcask/skills/skilldir"
)

// List what is wrong with a skill; for a directory there is Validate.
func ExampleValidateFS() {
	report, err := skilldir.ValidateFS(context.Background(), fstest.MapFS{
		"SKILL.md": {Data: []byte("---\nname: My Greeter\ndescription: Greets people.\n---\n\nSay hello.\n")},
	}, skilldir.ValidateOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range report.Diagnostics {
		fmt.Println(d.Severity, d.Rule, d.File, d.Line, d.Message)
	}
	// Output:
	// error name-characters SKILL.md 2 the name "My Greeter" holds the capital letter 'M'
	// warning description-when SKILL.md 3 the description does not say when to use the skill
}

// Archive a skill without an artifact.
func ExampleDir_Scan() {
	ctx := context.Background()
	dir := skilldir.OpenFS(fstest.MapFS{
		"SKILL.md": {Data: []byte("---\nname: greet\ndescription: Greets people. Use it when somebody arrives.\n---\n\nSay hello.\n")},
		"hello.sh": {Data: []byte("#!/bin/sh\necho hello\n")},
		".git/x":   {},
	})
	defer dir.Close()
	skill, err := dir.Scan(ctx, skilldir.ScanOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(skill.Frontmatter.Name, skill.Names, skill.Excluded[0].Name)
	var tar strings.Builder
	if _, err := reproducible.WriteTar(ctx, &tar, skill.Files(skilldir.FileOptions{}), time.Unix(0, 0)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(tar.Len(), "bytes")
	// Output:
	// greet [SKILL.md hello.sh] .git/
	// 3072 bytes
}

// Read the front matter of a SKILL.md.
func ExampleParseSkillMD() {
	fm, found, err := skilldir.ParseSkillMD(strings.NewReader("---\nname: greet\ndescription: Use it to greet.\nallowed-tools: Bash(git add, git commit) Read\n---\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fm.Name, len(fm.AllowedTools), len(found))
	// Output: greet 2 0
}
