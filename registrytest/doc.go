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
// requests that it got. It implements all of the distribution specification 1.1,
// which the comments here call the specification, with sha256 and sha512, and
// passes the official conformance suite with every switch on. It also lists its
// repositories, for crane catalog and the like.
//
// # What for
//
//   - [Options] make it behave as other registries do: authentication, TLS,
//     strictness, no referrers API, pages, quotas, rate limits, blobs at another
//     host, reads that lag behind, a slow line. Package like has those of some.
//   - A [Fault] makes something go wrong with the n-th request that matches;
//     [RandomFaults] makes a schedule of them from a seed.
//   - [Server.PutImage] and its kin put content there, past all of that.
//   - [Handler.Requests] returns what was requested, for assertions such as "a
//     second push sends one request"; [Diff] compares them with those that are wanted.
//   - Package layout keeps the content on disk, in OCI layouts, so that a test
//     can look at it. [CheckStore] reports what is absent or damaged in a store.
//   - Package conformance tries somebody else's registry.
//   - [NewServer] starts a registry outside of tests, and [NewHandler] returns it as
//     an [http.Handler]. A program that uses either does not link the testing package.
//
// # How it is built
//
// A [Handler] reads a request's line, looks for a fault that is due, and calls an
// endpoint, which calls a [Store]. Faults stand around the endpoints: they harm
// what is read and written, or put a store that discards changes before the real
// one. The rules of the options about what is stored stand before the store.
//
// # Limits
//
// Bodies of blobs are streamed; of a manifest at most [Options.MaxManifestSize]
// bytes are read. [NewMemory] holds everything in memory, unfinished uploads
// included, which time out after an hour. The record holds the last
// [Options.RecordLimit] requests.
package registrytest
