// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package registrytest runs an OCI registry in the test's own process, as
// net/http/httptest runs a server: complete, strict where asked, scriptable.
//
//	srv := registrytest.New(t)
//	repo, _ := remote.NewRepository(srv.Host() + "/demo/app")
//	repo.Client, repo.PlainHTTP = srv.Client(), true
//
// It implements the whole of the distribution specification 1.1, which the
// comments here call the specification. It stops when the test ends. What it
// holds is in memory, or in a directory of OCI layouts ([OpenLayout]).
//
// Outside of tests, [NewHandler] gives the same registry as an http.Handler.
package registrytest
