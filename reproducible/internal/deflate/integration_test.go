// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package deflate

import (
	"testing"

	"github.com/skillcask/skillcask/reproducible/internal/decoders"
)

// TestIntegrationDecoders has every golden vector decoded by others.
func TestIntegrationDecoders(t *testing.T) {
	t.Parallel()
	var cases []decoders.Case
	for _, c := range inputs() {
		in := c.make()
		cases = append(cases, decoders.Case{Name: c.name, Member: decoders.Member(encode(t, in, 2, 0), in), Want: in})
	}
	decoders.Check(t, cases)
}
