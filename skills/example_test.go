// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"fmt"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// skill is a skill that an example needs; a program would have a directory.
var skill fs.FS = fstest.MapFS{
	"SKILL.md": {Data: []byte("---\nname: greet\ndescription: Greets people. Use it when somebody arrives.\n---\n\nSay hello.\n")},
	"hello.sh": {Data: []byte("#!/bin/sh\necho hello\n")},
}

// Pack a skill into memory.
func ExamplePackager_PackageFS() {
	store := memory.New()
	result, err := skills.NewPackager(store).PackageFS(context.Background(), skill, skills.PackageOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Config.Name, result.Config.Files, len(result.Platforms))
	// Output: greet [SKILL.md hello.sh] 2
}

// Pack a directory into an OCI layout and tag it.
func ExamplePackager_Package() {
	ctx := context.Background()
	work, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(work)
	dir := filepath.Join(work, "greet")
	if err := os.CopyFS(dir, skill); err != nil {
		log.Fatal(err)
	}

	layout, err := ocilayout.Open(filepath.Join(work, "layout"))
	if err != nil {
		log.Fatal(err)
	}
	result, err := skills.NewPackager(layout).Package(ctx, dir, skills.PackageOptions{Tag: "1.0.0"})
	if err != nil {
		log.Fatal(err)
	}
	desc, err := layout.Resolve(ctx, "1.0.0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(desc.Digest == result.IndexDigest)
	// Output: true
}

// Copy an artifact to a registry with oras-go alone.
func Example_copyToARegistry() {
	ctx := context.Background()
	server := httptest.NewServer(registrytest.NewHandler(registrytest.Options{}))
	defer server.Close()
	ref := strings.TrimPrefix(server.URL, "http://") + "/skills/greet:1.0.0"

	store := memory.New()
	result, err := skills.NewPackager(store).PackageFS(ctx, skill, skills.PackageOptions{Tag: "1.0.0"})
	if err != nil {
		log.Fatal(err)
	}
	registry, err := skills.NewRegistry()
	if err != nil {
		log.Fatal(err)
	}
	repository, tag, err := registry.Repository(ref)
	if err != nil {
		log.Fatal(err)
	}
	desc, err := oras.Copy(ctx, store, "1.0.0", repository, tag, oras.DefaultCopyOptions)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(desc.Digest == result.IndexDigest)
	// Output: true
}

// Pull an artifact from a registry, check it against its source and unpack it.
func ExampleRegistry_Pull() {
	ctx := context.Background()
	server := httptest.NewServer(registrytest.NewHandler(registrytest.Options{}))
	defer server.Close()
	ref := strings.TrimPrefix(server.URL, "http://") + "/skills/greet:1.0.0"
	registry, err := skills.NewRegistry()
	if err != nil {
		log.Fatal(err)
	}
	repository, tag, err := registry.Repository(ref)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := skills.NewPackager(repository).PackageFS(ctx, skill, skills.PackageOptions{Tag: tag}); err != nil {
		log.Fatal(err)
	}

	store := memory.New()
	if _, err := registry.Pull(ctx, store, ref, skills.TransferOptions{}); err != nil {
		log.Fatal(err)
	}
	verified, err := skills.VerifyFS(ctx, store, ref, skill, skills.VerifyOptions{})
	if err != nil {
		log.Fatal(err)
	}
	work, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(work)
	unpacked, err := skills.Unpack(ctx, store, ref, filepath.Join(work, "greet"), skills.UnpackOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verified.Identical)
	for _, f := range unpacked.Files {
		fmt.Println(f.Mode, f.Name)
	}
	// Output:
	// true
	// -rw-r--r-- SKILL.md
	// -rwxr-xr-x hello.sh
}

// Take the login for one registry from the program's own configuration, and all
// others from where docker login and podman login put them.
func ExampleWithCredentials() {
	standard := skills.DefaultCredentials()
	registry, err := skills.NewRegistry(skills.WithCredentials(
		func(ctx context.Context, host, repository string) (auth.Credential, error) {
			if host == "registry.example.com" {
				return auth.Credential{Username: "robot", Password: os.Getenv("ROBOT_TOKEN")}, nil
			}
			return standard(ctx, host, repository)
		}))
	if err != nil {
		log.Fatal(err)
	}
	_, tag, err := registry.Repository("registry.example.com/skills/greet:1.0.0")
	fmt.Println(tag, err)
	// Output: 1.0.0 <nil>
}
