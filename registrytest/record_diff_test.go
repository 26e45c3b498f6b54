// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

func TestDiffShowsWhatIsMissingAndWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	got := []registrytest.Request{
		{Method: "HEAD", Path: "/v2/a/b/manifests/v1", Status: 404, Operation: registrytest.OpManifestHead},
		{Method: "POST", Path: "/v2/a/b/blobs/uploads/", Status: 202, Operation: registrytest.OpUploadStart},
		{Method: "PUT", Path: "/v2/a/b/blobs/uploads/7?digest=sha256:1", Status: 201, Operation: registrytest.OpUploadPut, BytesIn: 5},
		{Method: "PUT", Path: "/v2/a/b/manifests/v1", Operation: registrytest.OpManifestPut, Fault: "drop-request at 0"},
	}
	lines := func(texts ...string) string { return strings.Join(texts, "\n") }
	const (
		head  = "HEAD   /v2/a/b/manifests/v1 -> 404 (manifest-head, 0 in, 0 out)"
		start = "POST   /v2/a/b/blobs/uploads/ -> 202 (upload-start, 0 in, 0 out)"
		put   = "PUT    /v2/a/b/blobs/uploads/7?digest=sha256:1 -> 201 (upload-put, 5 in, 0 out)"
		last  = "PUT    /v2/a/b/manifests/v1 -> 0 (manifest-put, 0 in, 0 out) FAULT drop-request at 0"
	)
	for name, c := range map[string]struct {
		want []string
		got  []registrytest.Request
		diff string
	}{
		"nothing":             {nil, nil, ""},
		"blank lines":         {[]string{"", " \t"}, nil, ""},
		"its own lines":       {[]string{head, start, put, last}, got, ""},
		"beginnings of lines": {[]string{"HEAD", "POST /v2/a/b/blobs/uploads/", "PUT /v2/a/b/blobs/uploads/* -> 201", "", "PUT  *  ->  0"}, got, ""},
		"a pattern":           {[]string{"HEAD *", "POST *", "PUT /v2/*/blobs/uploads/*digest=sha256:?", "PUT *"}, got, ""},
		"all missing": {[]string{"GET /v2/ -> 200", "HEAD /x -> 404"}, nil, lines(
			"- GET    /v2/ -> 200", "- HEAD   /x -> 404")},
		"all too much": {nil, got[:2], lines("+ "+head, "+ "+start)},
		"another status": {[]string{"HEAD /v2/a/b/manifests/v1 -> 200", "POST *"}, got[:2], lines(
			"- HEAD   /v2/a/b/manifests/v1 -> 200", "+ "+head, "  "+start)},
		"one missing, one too much": {[]string{"HEAD *", "HEAD /v2/a/b/blobs/*", "POST *", "PUT */manifests/v1"}, got, lines(
			"  "+head, "- HEAD   /v2/a/b/blobs/*", "  "+start, "+ "+put, "  "+last)},
		"another order": {[]string{"POST *", "HEAD *"}, got[:2], lines("- POST   *", "  "+head, "+ "+start)},
		"twice":         {[]string{"HEAD *", "HEAD *"}, got[:1], lines("  "+head, "- HEAD   *")},
		"no pattern":    {[]string{"HEAD [", "get /v2/a/b/manifests/v1"}, got[:1], lines("- HEAD   [", "- get    /v2/a/b/manifests/v1", "+ "+head)},
		"too long":      {[]string{head + " x"}, got[:1], lines("- "+head+" x", "+ "+head)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.diff, registrytest.Diff(c.want, c.got))
		})
	}
}

// TestDiffOfAFullRecord keeps most of a record of the default size.
func TestDiffOfAFullRecord(t *testing.T) {
	t.Parallel()
	var want []string
	var got []registrytest.Request
	for i := range 1000 {
		path := fmt.Sprintf("/v2/a/manifests/v%d", i)
		got = append(got, registrytest.Request{Method: "GET", Path: path, Status: 200})
		if i%100 != 50 {
			want = append(want, "GET "+path+" -> 200")
		}
	}
	diff := registrytest.Diff(want, got)
	require.Equal(t, 10, strings.Count("\n"+diff, "\n+ "))
	require.Zero(t, strings.Count("\n"+diff, "\n- "))
	require.Equal(t, 990, strings.Count("\n"+diff, "\n  "))
}
