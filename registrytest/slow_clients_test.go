// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/registrytest/layout"
)

// patience is how long a test waits for what should not need waiting.
const patience = time.Minute

// within sends a request that must be answered without waiting for anybody.
func within(t *testing.T, srv *registrytest.Server, method, path, body string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, srv.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	if strings.HasPrefix(path, "/v2/other/manifests/") {
		req.Header.Set("Content-Type", imageType)
	}
	resp, err := srv.Client().Do(req)
	require.NoError(t, err, "%s %s waits", method, path)
	require.NoError(t, resp.Body.Close())
	return resp
}

// hold sends a request over a connection of its own, but for so many bytes at the
// end of its body.
func hold(t *testing.T, srv *registrytest.Server, missing int, method, path, body string, header ...string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", srv.Host())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", method, path, srv.Host(), len(body)+missing)
	for _, line := range header {
		head += line + "\r\n"
	}
	_, err = io.WriteString(conn, head+"\r\n"+body)
	require.NoError(t, err)
	return conn
}

// TestAClientThatIsNotAnsweredHoldsUpNoOther: whatever the options need a lock
// for is done before the answer is begun.
func TestAClientThatIsNotAnsweredHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	one := image("one")
	oneDigest := digest.FromString(one)
	for name, c := range map[string]struct {
		method, path, body string
		done               func(registrytest.Store) error // nil when it is performed
	}{
		"blob delete": {"DELETE", blobURL + seedDigest.String(), "", func(s registrytest.Store) error {
			return isGone(s.OpenBlob(context.Background(), "demo/app", seedDigest))
		}},
		"manifest delete": {"DELETE", manifests + oneDigest.String(), "", func(s registrytest.Store) error {
			_, err := s.GetManifest(context.Background(), "demo/app", oneDigest)
			return isGone(nil, 0, err)
		}},
		"blob push": {"POST", uploads + "?digest=" + digest.FromString("new").String(), "new", func(s registrytest.Store) error {
			_, _, err := s.OpenBlob(context.Background(), "demo/app", digest.FromString("new"))
			return err
		}},
		"blob mount": {"POST", "/v2/mounted/blobs/uploads/?from=demo/app&mount=" + seedDigest.String(), "", func(s registrytest.Store) error {
			_, _, err := s.OpenBlob(context.Background(), "mounted", seedDigest)
			return err
		}},
		"manifest push": {"PUT", manifests + "v2", image("two"), func(s registrytest.Store) error {
			_, err := s.ResolveTag(context.Background(), "demo/app", "v2")
			return err
		}},
	} {
		for optionsName, opts := range map[string]registrytest.Options{
			"quota": {Quota: 1 << 20}, "immutable": {ImmutableTags: true}, "strict": {Strict: true},
		} {
			t.Run(name+"/"+optionsName, func(t *testing.T) {
				t.Parallel()
				opts.Store = registrytest.NewMemory()
				putBlob(t, opts.Store, "other", seedText)
				seed(t, opts.Store)
				srv := registrytest.New(t, opts)
				exchange{"PUT", manifests + oneDigest.String(), one, imageType, 201, ""}.try(t, srv)
				srv.Inject(registrytest.Fault{Effect: registrytest.Stall})
				hold(t, srv, 0, c.method, c.path, c.body, "Content-Type: "+imageType)
				require.Eventually(t, func() bool { return c.done(srv.Store) == nil }, patience, time.Millisecond)
				three := image("three")
				require.Equal(t, 201, within(t, srv, "PUT", "/v2/other/manifests/v1", three).StatusCode)
				require.Equal(t, 201, within(t, srv, "POST", "/v2/other/blobs/uploads/?digest="+digest.FromString("x").String(), "x").StatusCode)
				require.Equal(t, 202, within(t, srv, "DELETE", "/v2/other/blobs/"+seedDigest.String(), "").StatusCode)
			})
		}
	}
}

// isGone turns it round: an error where something is still there.
func isGone(body io.ReadSeekCloser, _ int64, err error) error {
	if body != nil {
		_ = body.Close()
	}
	if err == nil {
		return fmt.Errorf("it is there")
	}
	return nil
}

// stallUpload begins a PATCH whose last byte is kept back, and waits until the
// rest has arrived. It returns the upload's path.
func stallUpload(t *testing.T, srv *registrytest.Server, text string) (string, net.Conn) {
	t.Helper()
	at := startUpload(t, srv, "demo/app")
	conn := hold(t, srv, 1, "PATCH", at, text)
	want := "0-" + itoa(int64(len(text))-1)
	require.Eventually(t, func() bool { return within(t, srv, "GET", at, "").Header.Get("Range") == want }, patience, time.Millisecond,
		"the status tells of what is being received")
	return at, conn
}

func TestAStalledUploadHasAStatusAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(string) (registrytest.Store, error){
		"memory": func(string) (registrytest.Store, error) { return registrytest.NewMemory(), nil },
		"layout": layout.Open,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			store, err := open(dir)
			require.NoError(t, err)
			srv := registrytest.New(t, registrytest.Options{Store: store})
			at, conn := stallUpload(t, srv, "hello")
			second := hold(t, srv, 0, "PATCH", at, "more") // waits for the first
			require.Equal(t, 204, within(t, srv, "DELETE", at, "").StatusCode)
			require.Equal(t, 404, within(t, srv, "GET", at, "").StatusCode)
			for _, c := range []net.Conn{conn, second} {
				resp, err := http.ReadResponse(bufio.NewReader(c), nil)
				require.NoError(t, err, "an answer without another byte")
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.Equal(t, 404, resp.StatusCode, "%s", body)
				require.Contains(t, string(body), registrytest.ErrBlobUploadUnknown)
			}
			require.NoError(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				content, err := os.ReadFile(p)
				require.NotContains(t, string(content), "hello", "what came is on disk still")
				return err
			}))
		})
	}
}

func TestACommitThatWaitsForASlowClientHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Quota: 1 << 20})
	at, conn := stallUpload(t, srv, "hello")
	commit := hold(t, srv, 0, "PUT", at+"?digest="+digest.FromString("hello!").String(), "")
	require.Eventually(t, func() bool {
		requests := srv.Requests()
		return requests[len(requests)-1].Operation == registrytest.OpUploadPut
	}, patience, time.Millisecond)
	for i := range 20 {
		text := fmt.Sprint(i)
		require.Equal(t, 201, within(t, srv, "POST", "/v2/other/blobs/uploads/?digest="+digest.FromString(text).String(), text).StatusCode)
	}
	_, err := io.WriteString(conn, "!")
	require.NoError(t, err)
	for c, want := range map[net.Conn]int{conn: 202, commit: 201} {
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err)
		require.Equal(t, want, resp.StatusCode)
	}
}

// TestWaitingForAnUploadEndsWithItsContext, at each store.
func TestWaitingForAnUploadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
		id, err := store.StartUpload(t.Context(), "a", digest.SHA256)
		require.NoError(t, err)
		r, w := io.Pipe()
		done := make(chan error)
		go func() {
			_, err := store.AppendUpload(t.Context(), "a", id, -1, r)
			done <- err
		}()
		_, err = io.WriteString(w, "x") // taken in: the session is in use
		require.NoError(t, err)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = store.AppendUpload(gone, "a", id, -1, strings.NewReader("y"))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, store.CommitUpload(gone, "a", id, digest.FromString("x")), context.Canceled)
		size, err := store.UploadSize(t.Context(), "a", id)
		require.NoError(t, err)
		require.LessOrEqual(t, size, int64(1))
		require.ErrorIs(t, store.CancelUpload(t.Context(), "b", id), registrytest.ErrBlobUploadUnknown)
		require.NoError(t, store.CancelUpload(t.Context(), "a", id))
		require.ErrorIs(t, store.CancelUpload(t.Context(), "a", id), registrytest.ErrBlobUploadUnknown)
		require.NoError(t, w.Close())
		require.ErrorIs(t, <-done, registrytest.ErrBlobUploadUnknown)
	}
}
