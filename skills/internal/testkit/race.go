// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package testkit

// RaceEnabled reports whether the race detector is on: everything takes many times
// longer, and pools forget what is in them.
const RaceEnabled = true
