// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// TestNothingKeepsALongRequestLine: net/http hands out parts of the line that it
// has read, and each part would keep the whole in memory.
func TestNothingKeepsALongRequestLine(t *testing.T) {
	t.Parallel()
	long, dgst := strings.Repeat("y", 900_000), digest.FromString("x").String()
	for _, c := range []struct{ method, path, query string }{
		{"GET", "/v2/a/b/blobs/" + dgst, "x=" + long},
		{"GET", "/v2/a/b/manifests/v1", "x=" + long},
		{"GET", "/v2/" + long + "/manifests/v1", ""},
		{"POST", "/v2/a/b/blobs/uploads/", "x=" + long},
		{"POST", "/v2/a/b/blobs/uploads/", "mount=" + dgst + "&from=c/d&x=" + long},
		{long, "/v2/a/b/manifests/v1", ""},
	} {
		line := c.method + " " + c.path + "?" + c.query + " HTTP/1.1"
		in := func(s string) bool {
			start, at := uintptr(unsafe.Pointer(unsafe.StringData(line))), uintptr(unsafe.Pointer(unsafe.StringData(s)))
			return s != "" && at >= start && at < start+uintptr(len(line))
		}
		method, rest, _ := strings.Cut(line, " ")
		target, _, _ := strings.Cut(rest, " ")
		path, query, _ := strings.Cut(target, "?")
		require.True(t, in(method) && in(path))
		r := &http.Request{Method: method, RequestURI: target, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}}
		h := NewHandler(Options{})
		h.ServeHTTP(httptest.NewRecorder(), r)
		got := h.Requests()[0]
		for _, s := range []string{got.Method, got.Path, got.Repository, got.Tag, got.Digest.String()} {
			require.False(t, in(s), "%.100s", s)
		}
		require.LessOrEqual(t, len(got.Method), 32)
		require.LessOrEqual(t, len(got.Path), 1100)
		sessions := reflect.ValueOf(h.opts.Store.(*memory).uploads).Elem().FieldByName("sessions")
		if method == http.MethodPost {
			require.NotZero(t, sessions.Len())
		}
		for at := sessions.MapRange(); at.Next(); {
			require.False(t, in(at.Value().Elem().FieldByName("repo").String()))
		}
	}
}
