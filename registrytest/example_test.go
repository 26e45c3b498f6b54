// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// An example has no *testing.T, so these serve the handler by httptest. A test
// writes srv := registrytest.New(t, options) instead, and closes nothing.

// Push an artifact and find it again. In a test, srv is registrytest.New(t) and
// the repository is at srv.Host() + "/demo/app".
func Example() {
	srv := httptest.NewServer(registrytest.NewHandler(registrytest.Options{Strict: true}))
	defer srv.Close()

	repo, err := remote.NewRepository(srv.Listener.Addr().String() + "/demo/app")
	if err != nil {
		fmt.Println(err)
		return
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()

	layer, err := oras.PushBytes(ctx, repo, "text/plain", []byte("hello"))
	if err != nil {
		fmt.Println(err)
		return
	}
	desc, err := oras.PackManifest(ctx, repo, oras.PackManifestVersion1_1, "application/vnd.example.greeting",
		oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := repo.Tag(ctx, desc, "v1"); err != nil {
		fmt.Println(err)
		return
	}

	got, err := repo.Resolve(ctx, "v1")
	fmt.Println(got.Digest == desc.Digest, err)
	// Output: true <nil>
}

// Ask for a token, which those with the password get. In a test, TLS is an
// option of New, and srv.Client() trusts the certificate just so.
func ExampleAuth() {
	srv := httptest.NewTLSServer(registrytest.NewHandler(registrytest.Options{
		Auth: &registrytest.Auth{
			Users:         map[string]string{"gopher": "secret"},
			Bearer:        true,
			AnonymousPull: true,
		},
	}))
	defer srv.Close()

	host := srv.Listener.Addr().String()
	repo, err := remote.NewRepository(host + "/demo/app")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	repo.Client = &auth.Client{Client: srv.Client()}
	_, err = oras.PushBytes(ctx, repo, "text/plain", []byte("hello"))
	var refused *errcode.ErrorResponse
	fmt.Println("anonymous:", errors.As(err, &refused) && refused.StatusCode == http.StatusUnauthorized)

	repo.Client = &auth.Client{
		Client:     srv.Client(),
		Credential: auth.StaticCredential(host, auth.Credential{Username: "gopher", Password: "secret"}),
	}
	_, err = oras.PushBytes(ctx, repo, "text/plain", []byte("hello"))
	fmt.Println("gopher:", err)
	// Output:
	// anonymous: true
	// gopher: <nil>
}

// Break the second download of a blob after 3 bytes.
func ExampleFault() {
	registry := registrytest.NewHandler(registrytest.Options{})
	srv := httptest.NewServer(registry)
	defer srv.Close()

	repo, err := remote.NewRepository(srv.Listener.Addr().String() + "/demo/app")
	if err != nil {
		fmt.Println(err)
		return
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()
	desc, err := oras.PushBytes(ctx, repo, "text/plain", []byte("hello"))
	if err != nil {
		fmt.Println(err)
		return
	}

	registry.Inject(registrytest.Fault{
		Match:  registrytest.Match{Operation: registrytest.OpBlobGet, Digest: digest.FromString("hello")},
		Skip:   1,
		Effect: registrytest.DropBody,
		At:     3,
	})
	for range 3 {
		_, b, err := oras.FetchBytes(ctx, repo.Blobs(), desc.Digest.String(), oras.DefaultFetchBytesOptions)
		fmt.Printf("%q %v\n", b, errors.Is(err, io.ErrUnexpectedEOF))
	}
	// Output:
	// "hello" false
	// "" true
	// "hello" false
}

// Look at what a client has asked: before it pushes again, does it ask whether
// the content is there?
func ExampleHandler_Requests() {
	registry := registrytest.NewHandler(registrytest.Options{})
	srv := httptest.NewServer(registry)
	defer srv.Close()

	repo, err := remote.NewRepository(srv.Listener.Addr().String() + "/demo/app")
	if err != nil {
		fmt.Println(err)
		return
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()
	for range 2 {
		if _, err := oras.PushBytes(ctx, repo, "text/plain", []byte("hello")); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, r := range registry.Requests() {
		fmt.Println(r.Operation, r.Status, r.BytesIn)
	}
	// Output:
	// upload-start 202 0
	// upload-put 201 5
	// upload-start 202 0
	// upload-put 201 5
}

// Put an image and what refers to it into the registry, for a client to find. In a
// test, srv is registrytest.New(t).
func ExampleServer_PutImage() {
	srv, err := registrytest.NewServer(registrytest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	image := srv.PutImage("demo/app", "1.0.0")
	srv.Referrer("demo/app", image, "application/vnd.example.sbom", []byte("{}"))

	repo, err := remote.NewRepository(srv.Host() + "/demo/app")
	if err != nil {
		fmt.Println(err)
		return
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()
	desc, err := repo.Resolve(ctx, "1.0.0")
	fmt.Println(desc.Digest == image.Digest, err)
	err = repo.Referrers(ctx, desc, "", func(referrers []ocispec.Descriptor) error {
		fmt.Println(referrers[0].ArtifactType)
		return nil
	})
	fmt.Println(srv.Count(registrytest.OpReferrersList), err)
	// Output:
	// true <nil>
	// application/vnd.example.sbom
	// 1 <nil>
}

// fullDisk takes no manifest, and counts how often one was to be stored.
type fullDisk struct {
	registrytest.Store
	refused atomic.Int64
}

func (d *fullDisk) PutManifest(context.Context, string, registrytest.Manifest, ...string) error {
	d.refused.Add(1)
	return syscall.ENOSPC
}

// Wrap a store so that an operation fails: it embeds one, and has this method of its
// own. An error without an [registrytest.ErrorCode] is answered with 500.
func ExampleStore() {
	disk := &fullDisk{Store: registrytest.NewMemory()}
	srv := httptest.NewServer(registrytest.NewHandler(registrytest.Options{Store: disk}))
	defer srv.Close()

	repo, err := remote.NewRepository(srv.Listener.Addr().String() + "/demo/app")
	if err != nil {
		fmt.Println(err)
		return
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	_, err = oras.PackManifest(context.Background(), repo, oras.PackManifestVersion1_1,
		"application/vnd.example.greeting", oras.PackManifestOptions{})
	var refused *errcode.ErrorResponse
	fmt.Println(errors.As(err, &refused) && refused.StatusCode == http.StatusInternalServerError, disk.refused.Load())
	// Output: true 1
}

// Say which requests a client may send, in a line each. In a test, what Diff returns
// goes into t.Error unless it is empty.
func ExampleDiff() {
	registry := registrytest.NewHandler(registrytest.Options{})
	srv := httptest.NewServer(registry)
	defer srv.Close()

	repo, err := remote.NewRepository(srv.Listener.Addr().String() + "/demo/app")
	if err != nil {
		fmt.Println(err)
		return
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()
	_, _ = repo.Resolve(ctx, "v1")
	_, _ = repo.Resolve(ctx, "latest")
	_, _ = repo.Blobs().Resolve(ctx, digest.FromString("hello").String())

	fmt.Println(registrytest.Diff([]string{
		"HEAD /v2/demo/app/manifests/v1 -> 200",
		"HEAD /v2/demo/app/manifests/latest",
		"HEAD /v2/demo/app/blobs/sha256:*",
		"GET /v2/demo/app/tags/list",
	}, registry.Requests()))
	// Output:
	// - HEAD   /v2/demo/app/manifests/v1 -> 200
	// + HEAD   /v2/demo/app/manifests/v1 -> 404 (manifest-head, 0 in, 0 out)
	//   HEAD   /v2/demo/app/manifests/latest -> 404 (manifest-head, 0 in, 0 out)
	//   HEAD   /v2/demo/app/blobs/sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 -> 404 (blob-head, 0 in, 0 out)
	// - GET    /v2/demo/app/tags/list
}

func ExampleNewHandler() {
	// Outside of a test, for a person: serve a directory of layouts.
	store, err := layout.Open("layouts")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	handler := registrytest.NewHandler(registrytest.Options{
		Store:    store,
		ReadOnly: true,
		Auth:     &registrytest.Auth{Check: func(user, password string) bool { return user == password }},
	})
	_ = http.ListenAndServe("127.0.0.1:5000", handler)
}
