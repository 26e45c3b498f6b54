// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// watcher is a connection that looks at the record when bytes have arrived, as
// a client could.
type watcher struct {
	*httptest.ResponseRecorder
	t *testing.T
	h *registrytest.Handler
}

func (w watcher) Write(p []byte) (int, error) {
	n, err := w.ResponseRecorder.Write(p)
	got := w.h.Requests()[0]
	require.Equal(w.t, w.Code, got.Status)
	require.GreaterOrEqual(w.t, got.BytesOut, int64(w.Body.Len()))
	return n, err
}

// sender can take a file as well, as a TCP connection can.
type sender struct{ watcher }

func (s sender) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{s.watcher}, r)
}

func TestTheRecordKnowsAnAnswerBeforeItsReader(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 1<<20+1)
	stores := map[string]func(*testing.T) registrytest.Store{
		"memory": func(*testing.T) registrytest.Store { return registrytest.NewMemory() },
		"layout": openLayout,
	}
	for name, opts := range map[string]registrytest.Options{
		"plain":  {},
		"slow":   {Bandwidth: 1 << 40},
		"harmed": {Faults: []registrytest.Fault{{Effect: registrytest.WrongDigest}}},
	} {
		for storeName, open := range stores {
			for _, request := range []struct {
				method, dgst, ranges string
				status, out          int
			}{
				{"GET", "", "", 200, 1<<20 + 1},
				{"GET", "", "bytes=1-700000", 206, 700000},
				{"GET", "sha256:0", "", 400, -1},
				{"HEAD", "", "", 200, 0},
				{"HEAD", "sha256:0", "", 400, 0},
			} {
				t.Run(name+"/"+storeName+"/"+request.method+request.dgst+request.ranges, func(t *testing.T) {
					t.Parallel()
					opts := opts
					opts.Store = open(t)
					dgst := putBlob(t, opts.Store, "demo/app", text).String()
					if request.dgst != "" {
						dgst = request.dgst
					}
					h := registrytest.NewHandler(opts)
					r := httptest.NewRequest(request.method, blobURL+dgst, nil)
					r.Header.Set("Range", request.ranges)
					w := httptest.NewRecorder()
					h.ServeHTTP(sender{watcher{w, t, h}}, r)
					got := h.Requests()[0]
					require.Equal(t, request.status, got.Status)
					if request.out < 0 {
						request.out = w.Body.Len()
					}
					require.Equal(t, int64(request.out), got.BytesOut)
				})
			}
		}
	}
}

// shortWriter is a connection that breaks after so many bytes.
type shortWriter struct {
	*httptest.ResponseRecorder
	rest int
}

func (w *shortWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.rest)
	w.rest -= n
	_, _ = w.ResponseRecorder.Write(p[:n])
	if n < len(p) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}

func TestTheRecordCountsWhatWasSent(t *testing.T) {
	t.Parallel()
	for _, bandwidth := range []int64{0, 1 << 40} {
		store := registrytest.NewMemory()
		seed(t, store)
		h := registrytest.NewHandler(registrytest.Options{Bandwidth: bandwidth, Store: store})
		h.ServeHTTP(&shortWriter{httptest.NewRecorder(), 10}, httptest.NewRequest("GET", blobURL+seedDigest.String(), nil))
		require.Equal(t, int64(10), h.Requests()[0].BytesOut)
	}
}
