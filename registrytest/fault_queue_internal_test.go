// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSpentFaultsCostNothing: later requests do not look at them.
func TestSpentFaultsCostNothing(t *testing.T) {
	t.Parallel()
	var queue faultQueue
	faults := make([]Fault, 1000)
	for i := range faults {
		faults[i] = Fault{Status: 500, Skip: i % 3}
	}
	queue.add(faults)
	queue.add([]Fault{{Status: 502, Count: -1}})
	q := &request{r: httptest.NewRequest("GET", "/v2/", nil)}
	for _, want := range []int{667, 334, 1, 1} {
		due := queue.next(q, false)
		require.NotNil(t, due)
		require.Len(t, queue.pending, want)
	}
}
