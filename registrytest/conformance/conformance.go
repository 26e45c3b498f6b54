// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Finding is a deviation from the specification, or a missing answer, which says
// nothing about the registry's conformance.
type Finding struct {
	Check   string // what was tried, such as "chunk out of order"
	Section string // of the specification, the one that decides; "" for a missing answer
	Must    bool   // a MUST of the specification, or else a SHOULD
	Message string // the answer, and which one would have been right
}

// String is one line.
func (f Finding) String() string {
	if f.Section == "" {
		return f.Check + ": " + f.Message
	}
	level := "SHOULD"
	if f.Must {
		level = "MUST"
	}
	return fmt.Sprintf("%s: %s (%s, %q)", f.Check, f.Message, level, f.Section)
}

// Check tries the registry at baseURL, such as "http://127.0.0.1:5000", and returns
// its deviations from the specification; a conforming registry has none. The client
// brings credentials if they are needed.
//
// It stops with a finding that says so, the last, when the registry can't be
// reached, be it from the start, or when ctx is done.
func Check(ctx context.Context, client *http.Client, baseURL string) []Finding {
	return checkWith(ctx, client, baseURL, 4_000_000)
}

// checkWith is Check with a large manifest of so many bytes.
func checkWith(ctx context.Context, client *http.Client, baseURL string, large int) []Finding {
	s := &suite{ctx: ctx, client: client, base: strings.TrimSuffix(baseURL, "/"), large: large}
	for _, check := range suiteChecks {
		if s.run(check); s.over {
			break
		}
	}
	return s.findings
}
