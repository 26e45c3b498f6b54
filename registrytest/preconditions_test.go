// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/skillcask/skillcask/registrytest"
)

func quoted(dgst digest.Digest) string { return `"` + dgst.String() + `"` }

// TestPreconditionsOfReads: RFC 9110, section 13.2.2.
func TestPreconditionsOfReads(t *testing.T) {
	t.Parallel()
	content := image("x")
	dgst := digest.FromString(content)
	for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
		srv := registrytest.New(t, registrytest.Options{Store: store})
		seed(t, store)
		exchange{"PUT", manifests + "v1", content, imageType, 201, ""}.try(t, srv)
		for path, c := range map[string]struct {
			dgst digest.Digest
			body string
		}{
			blobURL + seedDigest.String(): {seedDigest, seedText},
			manifests + "v1":              {dgst, content},
			manifests + dgst.String():     {dgst, content},
		} {
			same, other := quoted(c.dgst), quoted(digest.FromString("another"))
			for _, method := range []string{"GET", "HEAD"} {
				for _, p := range []struct {
					header []string
					status int
				}{
					{nil, 200},
					{[]string{"If-Match: " + same}, 200},
					{[]string{"If-Match: *"}, 200},
					{[]string{"If-Match: " + other + ", " + same}, 200},
					{[]string{"If-Match: " + other}, 412},
					{[]string{"If-Match: W/" + same}, 412},
					{[]string{"If-None-Match: " + same}, 304},
					{[]string{"If-None-Match: W/" + same}, 304},
					{[]string{"If-None-Match: *"}, 304},
					{[]string{"If-None-Match: " + other, "If-None-Match: " + same}, 304},
					{[]string{"If-None-Match: " + other}, 200},
					{[]string{"If-None-Match: "}, 200},
					{[]string{"If-Match: " + other, "If-None-Match: " + same}, 412},
					{[]string{"If-Match: " + same, "If-None-Match: " + same}, 304},
					{[]string{"If-None-Match: " + same, "Range: bytes=99999-"}, 304},
				} {
					resp, body, err := wire(t, srv, method, path, "", p.header...)
					require.NoError(t, err)
					require.Equal(t, p.status, resp.StatusCode, "%s %s %q", method, path, p.header)
					switch {
					case p.status == 412:
						require.Empty(t, resp.Header.Get("Etag"))
						require.Equal(t, method == "HEAD", body == "")
						continue
					case p.status == 304:
						require.Empty(t, resp.Header.Get("Content-Length"))
						require.Empty(t, body)
					case method == "GET":
						require.Equal(t, c.body, body)
					}
					require.Equal(t, same, resp.Header.Get("Etag"))
					require.Equal(t, c.dgst.String(), resp.Header.Get("Docker-Content-Digest"))
				}
				absent := map[bool]string{true: blobURL, false: manifests}[c.dgst == seedDigest] + digest.FromString("absent").String()
				for _, p := range []string{"If-Match: *", "If-None-Match: *", "If-Match: " + other} {
					resp, _, err := wire(t, srv, method, absent, "", p)
					require.NoError(t, err)
					require.Equal(t, 404, resp.StatusCode, "what is not there has no state (section 13.2.1)")
				}
			}
		}
	}
}

func TestPreconditionsOfWrites(t *testing.T) {
	t.Parallel()
	one, two := image("one"), image("two")
	oneTag, twoTag := quoted(digest.FromString(one)), quoted(digest.FromString(two))
	for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
		srv := registrytest.New(t, registrytest.Options{Store: store})
		for i, c := range []struct {
			method, ref, body, header string
			status                    int
		}{
			{"PUT", "v1", one, "If-Match: *", 412},
			{"PUT", "v1", one, "If-Match: " + oneTag, 412},
			{"DELETE", "v1", "", "If-Match: *", 412},
			{"PUT", "v1", one, "If-None-Match: *", 201},
			{"PUT", "v1", two, "If-None-Match: *", 412},
			{"GET", "v1", "", "If-Match: " + oneTag, 200},
			{"PUT", "v1", two, "If-Match: " + twoTag, 412},
			{"PUT", "v1", two, "If-None-Match: W/" + oneTag, 412},
			{"PUT", "v1", "{", "If-Match: *", 400},
			{"PUT", "v1", two, "If-Match: " + oneTag, 201},
			{"GET", "v1", "", "If-Match: " + twoTag, 200},
			{"PUT", digest.FromString(one).String(), one, "If-None-Match: *", 412},
			{"PUT", digest.FromString(image("three")).String(), image("three"), "If-None-Match: *", 201},
			{"DELETE", "v1", "", "If-Match: " + oneTag, 412},
			{"DELETE", digest.FromString(two).String(), "", "If-Match: " + oneTag, 412},
			{"DELETE", "v1", "", "If-Match: " + twoTag, 202},
			{"DELETE", digest.FromString(two).String(), "", "If-Match: *", 202},
			{"PUT", "v1", two, "If-None-Match: *", 201},
		} {
			resp, body, err := wire(t, srv, c.method, manifests+c.ref, c.body, c.header, "Content-Type: "+imageType)
			require.NoError(t, err)
			require.Equal(t, c.status, resp.StatusCode, "%d: %s", i, body)
		}
	}
}

// TestOneOfManyIsFirst: a precondition and the push that it permits are one.
func TestOneOfManyIsFirst(t *testing.T) {
	t.Parallel()
	for _, opts := range []registrytest.Options{{Store: registrytest.NewMemory()}, {Store: openLayout(t)}, {Store: registrytest.NewMemory(), Quota: 1 << 20}} {
		srv := registrytest.New(t, opts)
		for round := range 10 {
			var firsts atomic.Int64
			var group errgroup.Group
			for i := range 8 {
				group.Go(func() error {
					url := fmt.Sprintf("%s%sv%d", srv.URL, manifests, round)
					req, err := http.NewRequestWithContext(t.Context(), "PUT", url, strings.NewReader(image(fmt.Sprint(i))))
					if err != nil {
						return err
					}
					req.Header.Set("Content-Type", imageType)
					req.Header.Set("If-None-Match", "*")
					resp, err := srv.Client().Do(req)
					if err != nil {
						return err
					}
					switch resp.StatusCode {
					case http.StatusCreated:
						firsts.Add(1)
					case http.StatusPreconditionFailed:
					default:
						return fmt.Errorf("status %d", resp.StatusCode)
					}
					return resp.Body.Close()
				})
			}
			require.NoError(t, group.Wait())
			require.Equal(t, int64(1), firsts.Load())
		}
	}
}
