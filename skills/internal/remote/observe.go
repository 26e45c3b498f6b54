// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"fmt"
	"net/http"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Note is what happens below an operation and does not end it.
type Note struct {
	// Resumed says that a download of Desc broke off and goes on.
	Resumed bool
	Desc    ocispec.Descriptor
	// Retried is why a request was sent again: the answer or the error before.
	Retried string
}

type observerKey struct{}

// Observed has notes about requests with the context reported. Calls may overlap.
func Observed(ctx context.Context, report func(Note)) context.Context {
	return context.WithValue(ctx, observerKey{}, report)
}

func observe(ctx context.Context, note Note) {
	if report, ok := ctx.Value(observerKey{}).(func(Note)); ok {
		report(note)
	}
}

type attemptsKey struct{}

// attempts are those to get one request answered.
type attempts struct{ failure string }

// countingAttempts is below the retries. It notes each request that is sent again
// since it failed for the moment.
type countingAttempts struct{ http.RoundTripper }

func (c countingAttempts) RoundTrip(request *http.Request) (*http.Response, error) {
	made, ok := request.Context().Value(attemptsKey{}).(*attempts)
	if ok && made.failure != "" {
		observe(request.Context(), Note{Retried: made.failure})
		made.failure = ""
	}
	response, err := c.RoundTripper.RoundTrip(request)
	switch {
	case !ok:
	case err != nil:
		made.failure = err.Error()
	case overloaded(response.StatusCode) || response.StatusCode == http.StatusRequestTimeout:
		made.failure = fmt.Sprintf("%s answered %d %s", request.URL.Host, response.StatusCode, http.StatusText(response.StatusCode))
	}
	return response, err
}
