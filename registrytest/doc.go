// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package registrytest runs an OCI registry in the test's own process, as
// net/http/httptest runs a server: complete, strict where asked, scriptable.
//
//	srv := registrytest.New(t)
//	repo, err := remote.NewRepository(srv.Host() + "/demo/app")
//	repo.Client, repo.PlainHTTP = srv.Client(), true
//
// The registry stops when the test ends and, if the test has failed, logs the
// requests that it got. It implements the whole of the distribution
// specification 1.1, which the comments here call the specification, with
// sha256 and sha512, and passes the official conformance suite with every
// switch on.
//
// # What for
//
//   - [Options] make it behave as others do: authentication, TLS, strictness,
//     no referrers API, pages, quotas, a slow line.
//   - A [Fault] makes something go wrong with the n-th request that matches;
//     [RandomFaults] makes a schedule of them from a seed.
//   - [Handler.Requests] tells what was asked, for assertions such as "a push
//     of what is there sends one request".
//   - Package layout keeps the content on disk, in OCI layouts, so that a test
//     can look at it. [CheckStore] reports what is missing or damaged in a store.
//   - Package conformance tries somebody else's registry.
//   - [NewHandler] gives the registry as an http.Handler, outside of tests. A
//     program that serves it does not link the testing package.
//
// # Limits
//
// Bodies of blobs are streamed; of a request to push a manifest at most
// [Options.MaxManifestSize] bytes are read. [NewMemory] holds in memory what is
// pushed, unfinished uploads included, which time out after an hour. The record
// holds the last [Options.RecordLimit] requests.
package registrytest
