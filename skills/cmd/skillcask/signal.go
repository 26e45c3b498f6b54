// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// signalError is the cause of a context that a signal ended.
type signalError struct{ os.Signal }

func (e signalError) Error() string { return e.String() }

// Unwrap makes it an error of a context that was cancelled, which it may be
// returned in place of.
func (signalError) Unwrap() error { return context.Canceled }

// status is what a shell makes of a process that the signal ended.
func (e signalError) status() int { return statusSignal + signalNumber(e.Signal) }

// untilSignal returns a context that ends with the first signal that asks the
// process to. A second one ends the process the hard way. Signals that whoever
// started the process has set to be ignored stay so, as nohup wants.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	wanted := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	caught := make(chan os.Signal, 1)
	if len(wanted) > 0 { // to Notify, none means all
		signal.Notify(caught, wanted...)
	}
	go func() {
		select {
		case sig := <-caught:
			signal.Stop(caught)
			cancel(signalError{sig})
		case <-ctx.Done():
			signal.Stop(caught)
		}
	}()
	return ctx, func() { cancel(nil) }
}
