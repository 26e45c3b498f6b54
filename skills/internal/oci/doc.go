// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package oci reads manifests, indexes and configurations that strangers wrote:
// within limits, held to size and digest, and in one way only ([FetchJSON]).
// [TaggedLater] and [OnTagged] are words that a writer and a store exchange.
package oci
