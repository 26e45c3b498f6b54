// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/skillcask/skillcask/registrytest/conformance"
)

func ExampleCheck() {
	srv := httptest.NewServer(http.NotFoundHandler()) // a poor registry
	defer srv.Close()

	findings := conformance.Check(context.Background(), srv.Client(), srv.URL)
	fmt.Println(findings[0])
	// Output: ping: GET /v2/: 404, not 200 (MUST, "Determining Support")
}
