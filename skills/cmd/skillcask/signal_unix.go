// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

func signalNumber(sig os.Signal) int { return int(sig.(syscall.Signal)) }

// endBy ends the process by the signal, as if it had not been caught: a shell
// that runs a loop looks at that to end with Ctrl-C too.
func endBy(caught signalError) {
	// The first process of a container is not ended by a signal, unless it is
	// SIGKILL; there the status must do.
	if os.Getpid() != 1 {
		signal.Reset(caught.Signal)
		_ = syscall.Kill(os.Getpid(), caught.Signal.(syscall.Signal))
		time.Sleep(time.Second) // it may be blocked
	}
	os.Exit(caught.status())
}
