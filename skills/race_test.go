// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package skills_test

// raceEnabled says that everything takes many times longer.
const raceEnabled = true
