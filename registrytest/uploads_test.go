// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// sessionStore remembers the sessions that were begun, and calls appended after
// each AppendUpload of the first.
type sessionStore struct {
	registrytest.Store
	mu       sync.Mutex
	ids      []string
	appended func()
}

func (s *sessionStore) StartUpload(ctx context.Context, repo string, algorithm digest.Algorithm) (string, error) {
	id, err := s.Store.StartUpload(ctx, repo, algorithm)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids = append(s.ids, id)
	return id, err
}

func (s *sessionStore) AppendUpload(ctx context.Context, repo, id string, offset int64, r io.Reader) (int64, error) {
	size, err := s.Store.AppendUpload(ctx, repo, id, offset, r)
	s.mu.Lock()
	first := len(s.ids) == 1
	s.mu.Unlock()
	if first && s.appended != nil {
		s.appended()
	}
	return size, err
}

// TestASinglePOSTThatFailsLeavesNoSession: the client was never told of one, so
// that it can't cancel it.
func TestASinglePOSTThatFailsLeavesNoSession(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 80)
	for name, c := range map[string]struct {
		body, digest string
		quota        int64
		cut          int    // bytes of the body that are not sent
		meanwhile    string // pushed by another before the upload is committed
		status       int
	}{
		"another digest":              {body: long, digest: digest.FromString("y").String(), status: http.StatusBadRequest},
		"a body that ends early":      {body: long, digest: digest.FromString(long).String(), cut: 10},
		"more than the quota":         {body: long, digest: digest.FromString(long).String(), quota: 79, status: http.StatusForbidden},
		"a quota that was used since": {body: long, digest: digest.FromString(long).String(), quota: 100, meanwhile: strings.Repeat("y", 50), status: http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, under := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
				store := &sessionStore{Store: under}
				srv := registrytest.New(t, registrytest.Options{Store: store, Quota: c.quota})
				if c.meanwhile != "" {
					store.appended = func() {
						resp, _, err := wire(t, srv, "POST", uploads+"?digest="+digest.FromString(c.meanwhile).String(), c.meanwhile)
						require.NoError(t, err)
						require.Equal(t, http.StatusCreated, resp.StatusCode)
					}
				}
				if c.cut > 0 {
					postCut(t, srv, uploads+"?digest="+c.digest, c.body, c.cut)
				} else {
					resp, _, err := wire(t, srv, "POST", uploads+"?digest="+c.digest, c.body)
					require.NoError(t, err)
					require.Equal(t, c.status, resp.StatusCode)
				}
				require.NotEmpty(t, store.ids)
				for _, id := range store.ids {
					_, err := under.UploadSize(t.Context(), "demo/app", id)
					require.ErrorIs(t, err, registrytest.ErrBlobUploadUnknown)
				}
			}
		})
	}
}

// postCut sends a request whose body lacks its last bytes, and waits for the
// answer.
func postCut(t *testing.T, srv *registrytest.Server, path, body string, lacking int) {
	t.Helper()
	conn, err := net.Dial("tcp", srv.Host())
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", path, srv.Host(), len(body), body[:len(body)-lacking])
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	_, err = io.Copy(io.Discard, conn)
	require.NoError(t, err)
}

// TestAnUploadOverTheQuotaEnds when it is committed.
func TestAnUploadOverTheQuotaEnds(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t, registrytest.Options{Quota: 100})
	body := strings.Repeat("x", 60)
	var locations []string
	for _, b := range []string{body, strings.ToUpper(body)} {
		location := startUpload(t, srv, "demo/app")
		resp, _, err := wire(t, srv, "PATCH", location, b)
		require.NoError(t, err)
		require.Equal(t, http.StatusAccepted, resp.StatusCode)
		locations = append(locations, location+"?digest="+digest.FromString(b).String())
	}
	for i, status := range []int{http.StatusCreated, http.StatusForbidden, http.StatusNotFound} {
		resp, _, err := wire(t, srv, "PUT", locations[min(i, 1)], "")
		require.NoError(t, err)
		require.Equal(t, status, resp.StatusCode, i)
	}
}

func TestAnInterruptedUploadIsResumed(t *testing.T) {
	t.Parallel()
	for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
		srv := registrytest.New(t, registrytest.Options{Store: store, Faults: []registrytest.Fault{
			{Match: registrytest.Match{Method: "PATCH"}, Effect: registrytest.DropUpload, At: 10},
		}})
		at := startUpload(t, srv, "demo/app")
		_, _, err := wire(t, srv, "PATCH", at, seedText)
		requireClosed(t, err)
		resp, _, err := wire(t, srv, "PATCH", at, seedText[5:], "Content-Range: 5-35")
		require.NoError(t, err)
		require.Equal(t, 416, resp.StatusCode)
		require.Equal(t, "0-9", resp.Header.Get("Range"))
		resp, _, err = wire(t, srv, "PATCH", at, seedText[10:], "Content-Range: 10-35")
		require.NoError(t, err)
		require.Equal(t, "0-35", resp.Header.Get("Range"))
		exchange{"PUT", at + "?digest=" + digest.SHA512.FromString(seedText).String(), "", "", 201, ""}.try(t, srv)
		body, size, err := store.OpenBlob(t.Context(), "demo/app", digest.SHA512.FromString(seedText))
		require.NoError(t, err)
		require.Equal(t, int64(36), size)
		for _, whence := range []int{io.SeekStart, io.SeekEnd} {
			_, err := body.Seek(int64(whence)*-36/2, whence)
			require.NoError(t, err)
			b, err := io.ReadAll(body)
			require.NoError(t, err)
			require.Equal(t, seedText, string(b))
		}
		require.NoError(t, body.Close())
	}
}

// TestUploadsAgeByTheClockOfTheOptions, in every store, be it wrapped.
func TestUploadsAgeByTheClockOfTheOptions(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]registrytest.Store{
		"default": nil, "memory": registrytest.NewMemory(), "layout": openLayout(t),
		"wrapped": struct{ registrytest.Store }{registrytest.NewMemory()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			srv := registrytest.New(t, registrytest.Options{Store: store, Now: clock.now})
			old := startUpload(t, srv, "demo/app")
			for _, c := range []struct {
				passes time.Duration
				status int
			}{{time.Hour, 204}, {time.Hour, 204}, {time.Hour + time.Second, 404}} {
				_ = clock.sleep(t.Context(), c.passes)
				startUpload(t, srv, "demo/app")
				exchange{"GET", old, "", "", c.status, ""}.try(t, srv)
			}
		})
	}
}

// TestOfAChunkThatLiesNothingStays: its length is known only when it has come.
func TestOfAChunkThatLiesNothingStays(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 70_000)
	for _, store := range []registrytest.Store{registrytest.NewMemory(), openLayout(t)} {
		srv := registrytest.New(t, registrytest.Options{Store: store})
		for _, first := range []string{"", "abc", long} {
			for _, method := range []string{"PATCH", "PUT"} {
				for _, body := range []string{"", "x", long} {
					for _, claimed := range []int{1, 2, len(body) - 1, len(body) + 1, 2 * len(long), 0} {
						if claimed == len(body) && body != "" || claimed < 0 {
							continue
						}
						at := startUpload(t, srv, "demo/app")
						resp, _, err := wire(t, srv, "PATCH", at, first)
						require.NoError(t, err)
						before := resp.Header.Get("Range")
						target, want := at, digest.FromString(first+"abc").String()
						if method == "PUT" {
							target += "?digest=" + digest.FromString(first+body).String()
						}
						length := fmt.Sprintf("%d-%d", len(first), len(first)+claimed-1)
						r := httptest.NewRequest(method, target, struct{ io.Reader }{strings.NewReader(body)})
						require.Negative(t, r.ContentLength)
						r.Header.Set("Content-Range", length)
						w := httptest.NewRecorder()
						srv.ServeHTTP(w, r)
						require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
						resp, _, err = wire(t, srv, "GET", at, "")
						require.NoError(t, err)
						require.Equal(t, before, resp.Header.Get("Range"))
						resp, _, err = wire(t, srv, "PUT", at+"?digest="+want, "abc", fmt.Sprintf("Content-Range: %d-%d", len(first), len(first)+2))
						require.NoError(t, err)
						require.Equal(t, http.StatusCreated, resp.StatusCode)
					}
				}
			}
		}
		_, size, err := store.OpenBlob(t.Context(), "demo/app", digest.FromString(long+"abc"))
		require.NoError(t, err)
		require.Equal(t, int64(len(long)+3), size)
	}
}

// TestALastChunkWithoutBytesHasNoRange, and no chunk has two.
func TestALastChunkWithoutBytesHasNoRange(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	at := startUpload(t, srv, "demo/app")
	for _, header := range [][]string{{"Content-Range: 0-0"}, {"Content-Range: "}, {"Content-Range: 0-2", "Content-Range: 0-2"}} {
		body := map[bool]string{true: "", false: "abc"}[len(header) == 1]
		resp, _, err := wire(t, srv, "PUT", at+"?digest="+digest.FromString(body).String(), body, header...)
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, resp.StatusCode, header)
	}
	resp, _, err := wire(t, srv, "PUT", at+"?digest="+digest.FromString("").String(), "")
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, resp.StatusCode)
}
