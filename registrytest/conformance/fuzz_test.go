// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzLink: no Link makes the suite fail, and those of the usual form are read.
func FuzzLink(f *testing.F) {
	for _, s := range []string{`</v2/a/tags/list?n=1&last=x>; rel="next"`, `<a>;rel=next`, `<a>; rel="prev"`, `<`, `a>; rel=next`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = parseNext(s)
		u := url.URL{Path: "/v2/a/tags/list", RawQuery: url.Values{"last": {s}}.Encode()}
		target, ok := parseNext("<" + u.String() + `>; rel="next"`)
		require.True(t, ok)
		require.Equal(t, u.String(), target)
	})
}
