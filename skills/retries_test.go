// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"errors"

	"oras.land/oras-go/v2/registry/remote/retry"
)

// WithoutRetries makes the first error or answer the last, for tests that would
// wait for seconds.
func WithoutRetries() RegistryOption {
	return func(r *Registry) {
		r.clients.Retries = func() retry.Policy { return &retry.GenericPolicy{} }
		r.clients.Pause = func(context.Context, int) error { return errors.New("no second attempt") }
	}
}
