// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestNumbersOfARangeMayBeLarge: RFC 9110, section 14.1.2, means the end by a
// last position behind it, and everything by a suffix that is longer.
func TestNumbersOfARangeMayBeLarge(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	dgst := putBlob(t, srv.Store, "demo/app", "hello")
	for ranges, c := range map[string]struct {
		status     int
		part, body string
	}{
		"0-4611686018427387904":        {206, "bytes 0-4/5", "hello"},
		"0-9223372036854775807":        {206, "bytes 0-4/5", "hello"},
		"1-18446744073709551615":       {206, "bytes 1-4/5", "ello"},
		"1-99999999999999999999999999": {206, "bytes 1-4/5", "ello"},
		"-9223372036854775807":         {206, "bytes 0-4/5", "hello"},
		"-99999999999999999999999999":  {206, "bytes 0-4/5", "hello"},
		"9223372036854775807-":         {416, "bytes */5", ""},
		"99999999999999999999-1":       {416, "bytes */5", ""},
		"1-+2":                         {416, "bytes */5", ""},
		"1-0x5":                        {416, "bytes */5", ""},
		"-":                            {416, "bytes */5", ""},
	} {
		resp, body, err := wire(t, srv, "GET", blobURL+dgst.String(), "", "Range: bytes="+ranges)
		require.NoError(t, err)
		require.Equal(t, c.status, resp.StatusCode, ranges)
		require.Equal(t, c.part, resp.Header.Get("Content-Range"), ranges)
		if c.status == 206 {
			require.Equal(t, c.body, body, ranges)
		}
	}
	exchange{"PUT", manifests + "v1", image("x"), imageType, 201, ""}.try(t, srv)
	exchange{"GET", "/v2/demo/app/tags/list?n=9223372036854775807", "", "", 200, `"v1"`}.try(t, srv)
	at := startUpload(t, srv, "demo/app")
	resp, _, err := wire(t, srv, "PATCH", at, "hello", "Content-Range: 0-9223372036854775807")
	require.NoError(t, err)
	require.Equal(t, 400, resp.StatusCode, "no upload has a byte of that number")
}
