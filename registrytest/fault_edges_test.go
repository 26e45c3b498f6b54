// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestDropUploadAlwaysDrops, wherever the body ends and whoever reads it, and
// nothing is performed.
func TestDropUploadAlwaysDrops(t *testing.T) {
	t.Parallel()
	newDigest, two := digest.FromString("new").String(), image("two")
	atManifest := manifests + digest.FromString(two).String()
	absent := func(path string) exchange { return exchange{"GET", path, "", "", 404, ""} }
	for name, c := range map[string]struct {
		method, path, body string // UPLOAD is one that has received nothing
		at                 int64
		rng                string   // of the upload afterwards
		after              exchange // if any
	}{
		"append, at its start":       {"PATCH", "UPLOAD", "new", 0, "0-0", exchange{}},
		"append, one before":         {"PATCH", "UPLOAD", "new", 2, "0-1", exchange{}},
		"append, at its end":         {"PATCH", "UPLOAD", "new", 3, "0-2", exchange{}},
		"append, after it":           {"PATCH", "UPLOAD", "new", 4, "0-2", exchange{}},
		"close, at its start":        {"PUT", "UPLOAD?digest=" + newDigest, "new", 0, "0-0", absent(blobURL + newDigest)},
		"close, at its end":          {"PUT", "UPLOAD?digest=" + newDigest, "new", 3, "0-2", absent(blobURL + newDigest)},
		"close without a body":       {"PUT", "UPLOAD?digest=" + digest.FromString("").String(), "", 0, "0-0", absent(blobURL + digest.FromString("").String())},
		"close without a body, at 5": {"PUT", "UPLOAD?digest=" + digest.FromString("").String(), "", 5, "0-0", absent(blobURL + digest.FromString("").String())},
		"single POST, at its end":    {"POST", uploads + "?digest=" + newDigest, "new", 3, "0-0", absent(blobURL + newDigest)},
		"manifest, at its end":       {"PUT", atManifest, two, int64(len(two)), "0-0", absent(atManifest)},
		"manifest, in it":            {"PUT", atManifest, two, 5, "0-0", absent(atManifest)},
		"manifest, after it":         {"PUT", atManifest, two, 5000, "0-0", absent(atManifest)},
		"refused without reading":    {"PUT", "UPLOAD?digest=bad", "new", 2, "0-0", exchange{}},
		"delete":                     {"DELETE", "UPLOAD", "", 0, "0-0", exchange{}},
	} {
		for _, layout := range []bool{false, true} {
			t.Run(fmt.Sprint(name, "/layout=", layout), func(t *testing.T) {
				t.Parallel()
				store := registrytest.NewMemory()
				if layout {
					store = openLayout(t)
				}
				srv := registrytest.New(t, registrytest.Options{Store: store, CheckStore: true})
				upload := startUpload(t, srv, "demo/app")
				path := c.path
				if rest, ok := strings.CutPrefix(path, "UPLOAD"); ok {
					path = upload + rest
				}
				srv.Inject(registrytest.Fault{Effect: registrytest.DropUpload, At: c.at})
				_, _, err := wire(t, srv, c.method, path, c.body, "Content-Type: "+imageType)
				requireClosed(t, err)
				resp := exchange{"GET", upload, "", "", 204, ""}.try(t, srv)
				require.Equal(t, c.rng, resp.Header.Get("Range"))
				if c.after.method != "" {
					c.after.try(t, srv)
				}
			})
		}
	}
}

// TestARequestThatNobodyWaitedForIsNotPerformed, for whatever reason it waits.
func TestARequestThatNobodyWaitedForIsNotPerformed(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{
		"delay":             {Faults: []registrytest.Fault{{Delay: time.Hour}}},
		"delay of a forget": {Faults: []registrytest.Fault{{Delay: time.Hour, Effect: registrytest.Forget}}},
		"latency":           {Latency: time.Hour},
	} {
		for who, leave := range map[string]func(srv *registrytest.Server, conn net.Conn){
			"client": func(_ *registrytest.Server, conn net.Conn) { _ = conn.Close() },
			"server": func(srv *registrytest.Server, _ net.Conn) { srv.Close() },
		} {
			t.Run(name+"/"+who, func(t *testing.T) {
				t.Parallel()
				srv := registrytest.New(t, opts)
				seed(t, srv.Store)
				conn := hold(t, srv, 0, "DELETE", blobURL+seedDigest.String(), "")
				require.Eventually(t, func() bool { return len(srv.Requests()) == 1 }, patience, time.Millisecond)
				leave(srv, conn)
				require.Eventually(t, func() bool { return srv.Requests()[0].Duration > 0 }, patience, time.Millisecond)
				require.Zero(t, srv.Requests()[0].Status)
				body, _, err := srv.Store.OpenBlob(t.Context(), "demo/app", seedDigest)
				require.NoError(t, err, "deleted")
				require.NoError(t, body.Close())
			})
		}
	}
	t.Run("bandwidth", func(t *testing.T) {
		t.Parallel()
		waits := make(chan struct{})
		srv := registrytest.New(t, registrytest.Options{Bandwidth: 1, Sleep: func(ctx context.Context, _ time.Duration) error {
			close(waits)
			<-ctx.Done()
			return ctx.Err()
		}})
		conn := hold(t, srv, 0, "POST", uploads+"?digest="+digest.FromString("new").String(), "new")
		<-waits // all of the body has come in
		require.NoError(t, conn.Close())
		require.Eventually(t, func() bool { return srv.Requests()[0].Duration > 0 }, patience, time.Millisecond)
		exists := isGone(srv.Store.OpenBlob(t.Context(), "demo/app", digest.FromString("new")))
		require.NoError(t, exists, "stored")
	})
}

// TestAStallThatDidNotReadTheBodyEnds when the client goes away, or the server.
func TestAStallThatDidNotReadTheBodyEnds(t *testing.T) {
	t.Parallel()
	for _, at := range []int64{0, 5} {
		for name, c := range map[string]struct {
			missing int
			header  string
			leave   func(srv *registrytest.Server, conn net.Conn)
		}{
			"client":                      {0, "X: y", func(_ *registrytest.Server, conn net.Conn) { _ = conn.Close() }},
			"client that has not sent it": {1, "X: y", func(_ *registrytest.Server, conn net.Conn) { _ = conn.Close() }},
			"server":                      {1, "X: y", func(srv *registrytest.Server, _ net.Conn) { go srv.Close() }},
			"server that did not ask":     {3, "Expect: 100-continue", func(srv *registrytest.Server, _ net.Conn) { go srv.Close() }},
		} {
			t.Run(fmt.Sprint(name, at), func(t *testing.T) {
				t.Parallel()
				srv := registrytest.New(t, registrytest.Options{Faults: []registrytest.Fault{{Effect: registrytest.Stall, At: at}}})
				conn := hold(t, srv, c.missing, "PUT", uploads+"absent?digest=bad", "new"[:3-c.missing], c.header)
				require.Eventually(t, func() bool { return len(srv.Requests()) == 1 }, patience, time.Millisecond)
				c.leave(srv, conn)
				require.Eventually(t, func() bool { return !isOpen(srv) }, patience, time.Millisecond)
			})
		}
	}
}

// isOpen tells whether the first request is still under way.
func isOpen(srv *registrytest.Server) bool { return srv.Requests()[0].Duration == 0 }

// TestFaultsOfAnswersWithoutABody: the connection closes after the header, and a
// length is claimed that is not there.
func TestFaultsOfAnswersWithoutABody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do     func(upload string) (method, path, body string)
		status int
	}{
		"201 of a blob": {func(string) (string, string, string) {
			return "POST", uploads + "?digest=" + digest.FromString("new").String(), "new"
		}, 201},
		"201 of a manifest":    {func(string) (string, string, string) { return "PUT", manifests + "v1", image("one") }, 201},
		"202 of an upload":     {func(u string) (string, string, string) { return "PATCH", u, "new" }, 202},
		"202 of a delete":      {func(string) (string, string, string) { return "DELETE", blobURL + seedDigest.String(), "" }, 202},
		"204":                  {func(u string) (string, string, string) { return "GET", u, "" }, 204},
		"HEAD":                 {func(string) (string, string, string) { return "HEAD", blobURL + seedDigest.String(), "" }, 200},
		"body that is shorter": {func(string) (string, string, string) { return "GET", blobURL + seedDigest.String(), "" }, 200},
	} {
		for _, at := range []int64{0, 1000} {
			if at == 0 && name == "body that is shorter" {
				continue
			}
			t.Run(fmt.Sprint("drop-body/", name, at), func(t *testing.T) {
				t.Parallel()
				srv := registrytest.New(t)
				seed(t, srv.Store)
				method, path, body := c.do(startUpload(t, srv, "demo/app"))
				srv.Inject(registrytest.Fault{Effect: registrytest.DropBody, At: at})
				conn := hold(t, srv, 0, method, path, body, "Content-Type: "+imageType)
				r := bufio.NewReader(conn)
				resp, err := http.ReadResponse(r, &http.Request{Method: method})
				require.NoError(t, err)
				require.Equal(t, c.status, resp.StatusCode)
				if c.status != 204 {
					require.NotEmpty(t, resp.Header.Get("Content-Length"))
				}
				text, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				if method == "GET" && c.status == 200 {
					require.Equal(t, seedText, string(text))
				} else {
					require.Empty(t, text)
				}
				_, err = r.ReadByte() // the connection was to be kept
				requireClosed(t, err)
				srv.Close()
				requests := srv.Requests()
				require.Equal(t, c.status, requests[len(requests)-1].Status)
			})
		}
		if c.status != 201 && c.status != 202 {
			continue
		}
		t.Run("wrong-length/"+name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t)
			seed(t, srv.Store)
			method, path, body := c.do(startUpload(t, srv, "demo/app"))
			srv.Inject(registrytest.Fault{Effect: registrytest.WrongLength, At: 7})
			resp, text, err := wire(t, srv, method, path, body, "Content-Type: "+imageType)
			require.NotNil(t, resp)
			require.Equal(t, c.status, resp.StatusCode)
			require.Equal(t, int64(7), resp.ContentLength)
			require.Empty(t, text)
			requireClosed(t, err)
		})
	}
}

// TestAFaultThatCantBePanics, wherever it is given.
func TestAFaultThatCantBePanics(t *testing.T) {
	t.Parallel()
	for text, f := range map[string]registrytest.Fault{
		`registrytest: Fault.Match.Path: "/v2/[" is no pattern of path.Match`:                          {Match: registrytest.Match{Path: "/v2/["}},
		`registrytest: Fault.Match.Path: "*/[]a" is no pattern of path.Match`:                          {Match: registrytest.Match{Path: "*/[]a"}},
		`registrytest: Fault.Match.Path: "/v2/\\" is no pattern of path.Match`:                         {Match: registrytest.Match{Path: `/v2/\`}},
		`registrytest: Fault.Match.Operation: there is no "upload"`:                                    {Match: registrytest.Match{Operation: "upload"}},
		`registrytest: Fault.Match.Method: methods are written in capitals, this is "post"`:            {Match: registrytest.Match{Method: "post"}},
		"registrytest: Fault.Status: 99 is no status of HTTP, which has three digits":                  {Status: 99},
		"registrytest: Fault.Status: 1000 is no status of HTTP, which has three digits":                {Status: 1000},
		"registrytest: Fault.Status: -1 is no status of HTTP, which has three digits":                  {Status: -1},
		"registrytest: Fault.Effect: there is no Effect(99)":                                           {Effect: 99},
		"registrytest: Fault.Effect: there is no Effect(-1)":                                           {Effect: -1},
		"registrytest: Fault.Effect: the fault has nothing that it does":                               {Count: 3},
		"registrytest: Fault.Effect: corrupt can't happen to an answer with a Status; give two faults": {Status: 500, Effect: registrytest.Corrupt},
		"registrytest: Fault.Header: there is Effect too; give two faults":                             {Header: http.Header{"X": nil}, Effect: registrytest.Corrupt},
		"registrytest: Fault.Bandwidth: there is Status too; give two faults":                          {Bandwidth: 1, Status: 500},
		"registrytest: Fault.Bandwidth: -1 is below 0":                                                 {Bandwidth: -1},
		"registrytest: Fault.Status: 0 can't follow what was performed; want 200 or more":              {Effect: registrytest.Perform},
		"registrytest: Fault.Status: 103 can't follow what was performed; want 200 or more":            {Effect: registrytest.Perform, Status: 103},
		`registrytest: Fault.Match.Tag: "a/b" is no tag`:                                               {Match: registrytest.Match{Tag: "a/b"}, Status: 500},
		"registrytest: Fault.Skip: -1 is below 0":                                                      {Skip: -1, Status: 500},
		"registrytest: Fault.Delay: -1s is below 0":                                                    {Delay: -time.Second},
		"registrytest: Fault.At: -1 is below 0":                                                        {Effect: registrytest.Corrupt, At: -1},
		"registrytest: Fault.At: forget has no place in a body":                                        {Effect: registrytest.Forget, At: 1},
		`registrytest: Fault.Match.Digest: "sha256:00" is no digest`:                                   {Match: registrytest.Match{Digest: "sha256:00"}, Status: 500},
		`registrytest: Fault.Match.Path: "v2/*" fits nothing, paths begin with a slash`:                {Match: registrytest.Match{Path: "v2/*"}, Status: 500},
	} {
		srv := registrytest.New(t)
		require.PanicsWithValue(t, text, func() { srv.Inject(registrytest.Fault{Status: 500}, f) })
		exchange{"GET", "/v2/", "", "", 200, ""}.try(t, srv) // the other is not there either
		require.PanicsWithValue(t, text, func() { registrytest.NewHandler(registrytest.Options{Faults: []registrytest.Fault{f}}) })
	}
}
