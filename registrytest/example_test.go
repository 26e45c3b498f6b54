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
	"testing"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/skillcask/skillcask/registrytest"
)

// In a test, t is the *testing.T. An example has none, and makes do.
func newT() (t testing.TB, end func()) {
	fake := &fakeTB{TB: new(testing.T)}
	return fake, func() { fake.end() }
}

func Example() {
	t, end := newT()
	defer end()

	srv := registrytest.New(t)

	repo, err := remote.NewRepository(srv.Host() + "/demo/app")
	if err != nil {
		t.Fatal(err)
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()
	desc, err := oras.TagBytes(ctx, repo, "application/vnd.oci.image.manifest.v1+json",
		[]byte(`{"schemaVersion":2,"config":{},"layers":[]}`), "v1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := repo.Resolve(ctx, "v1")
	fmt.Println(got.Digest == desc.Digest, err)
	// Output: true <nil>
}

func ExampleAuth() {
	t, end := newT()
	defer end()

	srv := registrytest.New(t, registrytest.Options{
		TLS: true,
		Auth: &registrytest.Auth{
			Users:         map[string]string{"gopher": "secret"},
			Bearer:        true,
			AnonymousPull: true,
		},
	})

	repo, err := remote.NewRepository(srv.Host() + "/demo/app")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	repo.Client = &auth.Client{Client: srv.Client()}
	_, err = oras.PushBytes(ctx, repo, "text/plain", []byte("hello"))
	var refused *errcode.ErrorResponse
	fmt.Println("anonymous:", errors.As(err, &refused) && refused.StatusCode == http.StatusUnauthorized)

	repo.Client = &auth.Client{
		Client:     srv.Client(),
		Credential: auth.StaticCredential(srv.Host(), auth.Credential{Username: "gopher", Password: "secret"}),
	}
	_, err = oras.PushBytes(ctx, repo, "text/plain", []byte("hello"))
	fmt.Println("gopher:", err)
	// Output:
	// anonymous: true
	// gopher: <nil>
}

func ExampleFault() {
	t, end := newT()
	defer end()

	srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{
		// The second download of a blob ends after 3 bytes.
		{Match: registrytest.Match{Operation: registrytest.OpBlobGet}, Skip: 1, Effect: registrytest.DropBody, At: 3},
	}})

	repo, err := remote.NewRepository(srv.Host() + "/demo/app")
	if err != nil {
		t.Fatal(err)
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()
	if _, err := oras.PushBytes(ctx, repo, "text/plain", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, b, err := oras.FetchBytes(ctx, repo.Blobs(), digest.FromString("hello").String(), oras.DefaultFetchBytesOptions)
		fmt.Printf("%q %v\n", b, errors.Is(err, io.ErrUnexpectedEOF))
	}
	// Output:
	// "hello" false
	// "" true
	// "hello" false
}

func ExampleHandler_Requests() {
	t, end := newT()
	defer end()

	srv := registrytest.New(t)
	repo, err := remote.NewRepository(srv.Host() + "/demo/app")
	if err != nil {
		t.Fatal(err)
	}
	repo.Client, repo.PlainHTTP = srv.Client(), true
	ctx := context.Background()
	for range 2 {
		if _, err := oras.PushBytes(ctx, repo, "text/plain", []byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range srv.Requests() {
		fmt.Println(r.Operation, r.Status, r.BytesIn)
	}
	// Output:
	// upload-start 202 0
	// upload-put 201 5
	// upload-start 202 0
	// upload-put 201 5
}

func ExampleTestRegistry() {
	srv := httptest.NewServer(http.NotFoundHandler()) // a poor registry
	defer srv.Close()

	findings := registrytest.TestRegistry(context.Background(), srv.Client(), srv.URL)
	fmt.Println(findings[0])
	// Output: ping: GET /v2/: 404, not 200 (MUST, "Determining Support")
}

func ExampleNewHandler() {
	// Outside of a test, for a person: serve a directory of layouts.
	store, err := registrytest.OpenLayout("layouts")
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := registrytest.NewHandler(registrytest.Options{
		Store:    store,
		ReadOnly: true,
		Auth:     &registrytest.Auth{Check: func(user, password string) bool { return user == password }},
	})
	_ = http.ListenAndServe("127.0.0.1:5000", handler)
}
