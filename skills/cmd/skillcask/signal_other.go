// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main

import "os"

// signalNumber returns the number that the signal has elsewhere.
func signalNumber(sig os.Signal) int {
	if sig == os.Interrupt {
		return 2
	}
	return 15
}

// endBy ends the process with the status that shells elsewhere show.
func endBy(caught signalError) { os.Exit(caught.status()) }
