// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package conformance tries a registry, anybody's, and reports where it deviates
// from the distribution specification. It is to a registry what
// testing/fstest.TestFS is to a file system:
//
//	for _, f := range conformance.Check(ctx, http.DefaultClient, "http://127.0.0.1:5000") {
//		t.Error(f)
//	}
//
// It reads the specification, 1.1.1 or its draft of 2026, by itself and shares
// nothing with package registrytest but the grammar of digests. Where the
// specification leaves a registry free, all ways are right. REGISTRIES.md, beside
// this file, lists the findings in other registries, each with the sentence of
// the specification that decides.
//
// # Limits
//
// [Check] sends a few hundred requests, one after the other. It writes a few
// megabytes to new repositories under "registrytest/" and deletes only part of
// them. Of an answer it reads at most 16 MiB.
package conformance
