// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// exchange is a request and what is to be answered.
type exchange struct {
	method, path, body string
	contentType        string
	status             int
	code               registrytest.ErrorCode
}

func (x exchange) try(t *testing.T, srv *registrytest.Server) *http.Response {
	t.Helper()
	var header []string
	if x.contentType != "" {
		header = append(header, "Content-Type: "+x.contentType)
	}
	resp, body, err := wire(t, srv, x.method, x.path, x.body, header...)
	require.NoError(t, err)
	require.Equal(t, x.status, resp.StatusCode, "%s %s: %s", x.method, x.path, body)
	require.Contains(t, body, string(x.code))
	return resp
}

const (
	manifests = "/v2/demo/app/manifests/"
	uploads   = "/v2/demo/app/blobs/uploads/"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	one, two := image("one"), image("two")
	oneDigest := digest.FromString(one).String()
	put := func(ref, body string, status int, code registrytest.ErrorCode) exchange {
		return exchange{"PUT", manifests + ref, body, imageType, status, code}
	}
	replace := func(old, new string) string { return strings.Replace(one, old, new, 1) }
	for name, c := range map[string]struct {
		opts      registrytest.Options
		exchanges []exchange
	}{
		"read-only": {registrytest.Options{ReadOnly: true}, []exchange{
			{"GET", blobURL + seedDigest.String(), "", "", 200, ""},
			{"POST", uploads, "", "", 405, registrytest.ErrUnsupported},
			put("v1", one, 405, registrytest.ErrUnsupported),
			{"DELETE", blobURL + seedDigest.String(), "", "", 405, registrytest.ErrUnsupported},
		}},
		"strict": {registrytest.Options{Strict: true}, []exchange{
			put("v1", one, 201, ""),
			put("v1", replace(seedDigest.String(), digest.FromString("absent").String()), 400, registrytest.ErrManifestBlobUnknown),
			put("v1", replace(`"size":36`, `"size":37`), 400, registrytest.ErrManifestInvalid),
			put("v1", replace("application/vnd.example.thing", "dev.toolhive.skills.v1"), 400, registrytest.ErrManifestInvalid),
			put("v1", replace(`"schemaVersion":2`, `"schemaVersion":1`), 400, registrytest.ErrManifestInvalid),
			put("v1", replace(`"layers":[],`, ``), 400, registrytest.ErrManifestInvalid),
			put("v1", replace(`"layers":[]`, `"layers":[{"mediaType":"a/b","digest":"md5:0","size":1}]`), 400, registrytest.ErrManifestInvalid),
			put("v1", replace(`"layers":[]`, fmt.Sprintf(`"layers":[{"mediaType":"x","digest":%q,"size":36}]`, seedDigest)), 400, registrytest.ErrManifestInvalid),
			put("v1", replace(`"layers":[]`, `"layers":[{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar","digest":"`+digest.FromString("far").String()+`","size":1}]`), 201, ""),
			{"PUT", manifests + "v1", `{}`, "text/plain", 400, registrytest.ErrManifestInvalid},
			{"PUT", manifests + "v1", fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":%d}]}`, imageType, oneDigest, len(one)), ocispec.MediaTypeImageIndex, 201, ""},
			{"PUT", manifests + "v1", fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":36}]}`, imageType, seedDigest), ocispec.MediaTypeImageIndex, 400, registrytest.ErrManifestBlobUnknown},
		}},
		"not strict": {registrytest.Options{}, []exchange{
			put("v1", replace(seedDigest.String(), digest.FromString("absent").String()), 201, ""),
			put("v1", replace("application/vnd.example.thing", "dev.toolhive.skills.v1"), 201, ""),
			{"PUT", manifests + "v2", `anything`, "text/plain", 201, ""},
			{"GET", manifests + "v2", "", "", 200, "anything"},
			put("v1", "{", 400, registrytest.ErrManifestInvalid),
			put("v1", replace(imageType, ocispec.MediaTypeImageIndex), 400, registrytest.ErrManifestInvalid),
			put("v1", replace(`"layers":[]`, `"subject":{"mediaType":"a/b","digest":"../../x","size":1}`), 400, registrytest.ErrManifestInvalid),
		}},
		"immutable tags": {registrytest.Options{ImmutableTags: true}, []exchange{
			put("v1", one, 201, ""),
			put("v1", one, 201, ""),
			put("v1", two, 403, registrytest.ErrDenied),
			{"GET", manifests + "v1", "", "", 200, registrytest.ErrorCode(`"one"`)},
			put(digest.FromString(two).String()+"?tag=v2&tag=v1", two, 403, registrytest.ErrDenied),
			{"DELETE", manifests + "v1", "", "", 403, registrytest.ErrDenied},
			{"DELETE", manifests + oneDigest, "", "", 403, registrytest.ErrDenied},
		}},
		"manifest size": {registrytest.Options{MaxManifestSize: 1000}, []exchange{
			put("v1", one, 201, ""),
			put("v1", image(strings.Repeat("x", 1000)), 413, registrytest.ErrManifestInvalid),
		}},
		"quota": {registrytest.Options{Quota: 100}, []exchange{
			{"POST", uploads + "?digest=" + digest.FromString("abc").String(), "abc", "", 201, ""},
			{"POST", uploads + "?digest=" + digest.FromString("abc").String(), "abc", "", 201, ""},
			put("v1", one, 403, registrytest.ErrDenied),
			{"POST", uploads + "?digest=" + digest.FromString(strings.Repeat("x", 62)).String(), strings.Repeat("x", 62), "", 403, registrytest.ErrDenied},
			{"POST", uploads + "?digest=" + digest.FromString(strings.Repeat("x", 61)).String(), strings.Repeat("x", 61), "", 201, ""},
			{"POST", "/v2/other/blobs/uploads/?from=demo/app&mount=" + seedDigest.String(), "", "", 403, registrytest.ErrDenied},
			{"DELETE", blobURL + seedDigest.String(), "", "", 202, ""},
			{"POST", "/v2/other/blobs/uploads/?from=demo/app&mount=" + digest.FromString("abc").String(), "", "", 201, ""},
		}},
		"no referrers": {registrytest.Options{NoReferrers: true}, []exchange{
			{"GET", "/v2/demo/app/referrers/" + seedDigest.String(), "", "", 404, ""},
		}},
		"requests": {registrytest.Options{}, []exchange{
			{"GET", "/", "", "", 404, ""},
			{"GET", "/v2", "", "", 200, ""},
			{"GET", "/v2x", "", "", 404, ""},
			{"GET", "/token", "", "", 404, ""},
			{"PATCH", manifests + "v1", "x", "", 405, registrytest.ErrUnsupported},
			{"PUT", blobURL + seedDigest.String(), "x", "", 405, registrytest.ErrUnsupported},
			{"GET", uploads, "", "", 405, registrytest.ErrUnsupported},
			{"GET", uploads + "../../x", "", "", 404, ""},
			{"GET", uploads + "not-a-uuid", "", "", 404, registrytest.ErrBlobUploadUnknown},
			{"GET", uploads + "00000000-0000-4000-8000-000000000000", "", "", 404, registrytest.ErrBlobUploadUnknown},
			{"POST", uploads + "?digest-algorithm=md5", "", "", 400, registrytest.ErrDigestInvalid},
			{"POST", uploads + "?digest=" + seedDigest.String(), "other", "", 400, registrytest.ErrDigestInvalid},
			{"POST", "/v2/" + strings.Repeat("a", 256) + "/blobs/uploads/", "", "", 400, registrytest.ErrNameInvalid},
			{"POST", "/v2/../x/blobs/uploads/", "", "", 400, registrytest.ErrNameInvalid},
			{"GET", "/v2/demo/app/tags/list?n=-1", "", "", 400, registrytest.ErrUnsupported},
			{"GET", "/v2/demo/app/tags/list?n=99999999999999999999", "", "", 400, registrytest.ErrUnsupported},
			{"GET", blobURL + "sha384:" + strings.Repeat("0", 96), "", "", 400, registrytest.ErrDigestInvalid},
			{"GET", blobURL + "..%2f..%2foci-layout", "", "", 404, ""},
			{"HEAD", blobURL + seedDigest.String(), "", "", 200, ""},
			{"DELETE", manifests + seedDigest.String(), "", "", 404, registrytest.ErrManifestUnknown},
			put(strings.Repeat("a", 129), one, 400, registrytest.ErrManifestInvalid),
			put(oneDigest+"?tag=a/b", one, 400, registrytest.ErrManifestInvalid),
			put(oneDigest+"?tag=a"+strings.Repeat("&tag=b", 100), one, 414, registrytest.ErrManifestInvalid),
			put("v1", one, 201, ""),
			put("v2", one, 201, ""),
			{"PUT", manifests + "v2", one, ocispec.MediaTypeImageIndex, 400, registrytest.ErrManifestInvalid},
			{"DELETE", blobURL + oneDigest, "", "", 405, registrytest.ErrUnsupported},
			{"GET", blobURL + oneDigest, "", "", 200, registrytest.ErrorCode("schemaVersion")},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
				opts := c.opts
				opts.Store = store
				srv := registrytest.New(t, opts)
				seed(t, srv.Store)
				for _, x := range c.exchanges {
					x.try(t, srv)
				}
			}
		})
	}
}

// TestPagesAreLinked follows the links: each page but the last is full, and
// together they hold everything once, in order.
func TestPagesAreLinked(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{PageSize: 2})
	seed(t, srv.Store)
	var tags, things, all []string
	for i := range 5 {
		tags = append(tags, fmt.Sprintf("v%d", i))
		exchange{"PUT", manifests + tags[i], image("x"), imageType, 201, ""}.try(t, srv)
		referrer := strings.Replace(image(fmt.Sprint(i)), `"layers"`, fmt.Sprintf(`"subject":{"mediaType":%q,"digest":%q,"size":36},"layers"`, imageType, seedDigest), 1)
		things = append(things, digest.FromString(referrer).String())
		other := strings.Replace(referrer, "example.thing", "example.other", 1)
		all = append(all, things[i], digest.FromString(other).String())
		exchange{"PUT", manifests + things[i], referrer, imageType, 201, ""}.try(t, srv)
		exchange{"PUT", manifests + all[len(all)-1], other, imageType, 201, ""}.try(t, srv)
	}
	slices.Sort(things)
	slices.Sort(all)
	for first, want := range map[string][]string{
		"/v2/demo/app/tags/list":                       tags,
		"/v2/demo/app/tags/list?n=3":                   tags,
		"/v2/demo/app/tags/list?n=3&last=v0":           tags[1:],
		"/v2/demo/app/referrers/" + string(seedDigest): all,
		"/v2/demo/app/referrers/" + string(seedDigest) + "?artifactType=application/vnd.example.thing": things,
	} {
		var pages [][]string
		for target := first; target != ""; {
			require.LessOrEqual(t, len(pages), 5, first)
			resp, body, err := wire(t, srv, "GET", target, "")
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode, target)
			var page struct {
				Tags      []string
				Manifests []struct{ Digest string }
			}
			require.NoError(t, json.Unmarshal([]byte(body), &page))
			for _, desc := range page.Manifests {
				page.Tags = append(page.Tags, desc.Digest)
			}
			pages = append(pages, page.Tags)
			link := resp.Header.Get("Link")
			target = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
			require.True(t, link == "" || link == "<"+target+`>; rel="next"`, link)
		}
		require.Equal(t, slices.Collect(slices.Chunk(want, 2)), pages, first)
	}
}

func TestWarningsAreSentAsTheSpecificationWants(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Warnings: []string{`say "hi"` + "\r\nX: y", strings.Repeat("x", 4096)}})
	resp := exchange{"GET", "/v2/", "", "", 200, ""}.try(t, srv)
	require.Equal(t, []string{`299 - "say \"hi\"  X: y"`}, resp.Header.Values("Warning"))
}

func TestAtMostOneOptions(t *testing.T) {
	t.Parallel()
	fake := &fakeTB{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		registrytest.New(fake, registrytest.Options{}, registrytest.Options{})
	}()
	<-done
	require.Len(t, fake.fatal, 1)
}

func TestRangesAreForGetAndForContentThatIsTheSame(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	seed(t, srv.Store)
	for _, c := range []struct {
		method, ifRange string
		status          int
	}{
		{"GET", "", 206},
		{"HEAD", "", 200},
		{"GET", "If-Range: \"" + seedDigest.String() + "\"", 206},
		{"GET", "If-Range: \"another\"", 200},
	} {
		header := []string{"Range: bytes=1-2"}
		if c.ifRange != "" {
			header = append(header, c.ifRange)
		}
		resp, body, err := wire(t, srv, c.method, blobURL+seedDigest.String(), "", header...)
		require.NoError(t, err)
		require.Equal(t, c.status, resp.StatusCode)
		if c.status == 206 {
			require.Equal(t, seedText[1:3], body)
		}
	}
}
