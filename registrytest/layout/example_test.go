// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"

	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/registry/remote"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// Push to a registry that keeps its content on disk, and read it there with another
// tool. In a test, srv is registrytest.New(t, registrytest.Options{Store: store}).
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "registry")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	store, err := layout.Open(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	srv := httptest.NewServer(registrytest.NewHandler(registrytest.Options{Store: store}))
	defer srv.Close()

	repo, err := remote.NewRepository(srv.Listener.Addr().String() + "/demo/app")
	if err != nil {
		fmt.Println(err)
		return
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()
	desc, err := oras.PackManifest(ctx, repo, oras.PackManifestVersion1_1, "application/vnd.example.greeting", oras.PackManifestOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := repo.Tag(ctx, desc, "v1"); err != nil {
		fmt.Println(err)
		return
	}

	tool, err := oci.NewFromFS(ctx, os.DirFS(filepath.Join(dir, "demo", "app")))
	if err != nil {
		fmt.Println(err)
		return
	}
	got, err := tool.Resolve(ctx, "v1")
	fmt.Println(got.Digest == desc.Digest, err)
	// Output: true <nil>
}
