// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"net/http"
)

// CheckInBrief is Check with a manifest of 100,000 bytes in the place of the large one,
// whose JSON takes most of the time under the race detector.
func CheckInBrief(ctx context.Context, client *http.Client, baseURL string) []Finding {
	return checkWith(ctx, client, baseURL, 100_000)
}
