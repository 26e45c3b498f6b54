// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/registrytest"
)

// fakeTB is a test that may fail without anybody minding.
type fakeTB struct {
	testing.TB
	cleanups []func()
	logs     []string
	fatal    []string
	failed   bool
}

func (f *fakeTB) Cleanup(fn func()) { f.cleanups = append(f.cleanups, fn) }
func (f *fakeTB) Failed() bool      { return f.failed }
func (f *fakeTB) Helper()           {}
func (f *fakeTB) Log(args ...any)   { f.logs = append(f.logs, fmt.Sprint(args...)) }

func (f *fakeTB) Fatal(args ...any) {
	f.fatal = append(f.fatal, fmt.Sprint(args...))
	runtime.Goexit()
}

func (f *fakeTB) Errorf(format string, args ...any) {
	f.failed = true
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}

func (f *fakeTB) end() string {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
	return strings.Join(f.logs, "\n")
}

func TestAPushOfWhatIsThereSendsOneRequest(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	repo := newRepo(t, srv, "demo/app", "", "")
	src, desc := pack(t, "v1", "hello")
	_, err := oras.Copy(t.Context(), src, "v1", repo, "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	srv.ResetRequests()
	require.Empty(t, srv.Requests())
	require.NoError(t, oras.CopyGraph(t.Context(), src, repo, desc, oras.DefaultCopyGraphOptions))
	requests := srv.Requests()
	require.Len(t, requests, 1, "is it there")
	require.Equal(t, registrytest.OpManifestHead, requests[0].Operation)
	require.Equal(t, desc.Digest, requests[0].Digest)
	require.Equal(t, 200, requests[0].Status)
	require.Zero(t, requests[0].BytesIn+requests[0].BytesOut)
}

func TestATagOfWhatIsThereSendsOneRequestMore(t *testing.T) {
	t.Parallel()
	srv := registrytest.New(t)
	repo := newRepo(t, srv, "demo/app", "", "")
	src, desc := pack(t, "v1", "hello")
	_, err := oras.Copy(t.Context(), src, "v1", repo, "v1", oras.DefaultCopyOptions)
	require.NoError(t, err)
	srv.ResetRequests()
	_, err = oras.Copy(t.Context(), src, "v1", repo, "v2", oras.DefaultCopyOptions)
	require.NoError(t, err)
	requests := srv.Requests()
	require.Len(t, requests, 2, "is it there, and its tag")
	require.Equal(t, registrytest.OpManifestHead, requests[0].Operation)
	require.Equal(t, registrytest.OpManifestPut, requests[1].Operation)
	require.Equal(t, "v2", requests[1].Tag)
	require.Equal(t, "demo/app", requests[1].Repository)
	require.Equal(t, 201, requests[1].Status)
	require.Equal(t, desc.Size, requests[1].BytesIn)
}

func TestTheRecordIsBounded(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{-1, 1, 3, 100} {
		srv := registrytest.New(t, registrytest.Options{RecordLimit: limit})
		for i := range 10 {
			exchange{"GET", fmt.Sprintf("/v2/demo/app/manifests/v%d", i), "", "", 404, ""}.try(t, srv)
		}
		requests := srv.Requests()
		require.Len(t, requests, min(10, max(0, limit)))
		for i, r := range requests {
			require.Equal(t, fmt.Sprintf("v%d", 10-len(requests)+i), r.Tag)
		}
	}
}

// TestALateAnswerChangesNoOtherRequest: by the time that it is complete its
// place in the record belongs to others, or the record was begun anew.
func TestALateAnswerChangesNoOtherRequest(t *testing.T) {
	t.Parallel()
	for name, reset := range map[string]bool{"forgotten": false, "reset": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arrived, leave := make(chan struct{}), make(chan struct{})
			srv := registrytest.New(t, registrytest.Options{
				RecordLimit: 3,
				Faults:      []registrytest.Fault{{Delay: time.Hour, Status: 418}},
				Sleep: func(context.Context, time.Duration) error {
					close(arrived)
					<-leave
					return nil
				},
			})
			done := make(chan error, 1)
			go func() {
				_, _, err := wire(t, srv, "GET", "/v2/", "")
				done <- err
			}()
			<-arrived
			require.Zero(t, srv.Requests()[0].Status, "not answered yet")
			if reset {
				srv.ResetRequests()
			}
			for range 3 {
				exchange{"GET", "/v2/demo/app/manifests/v1", "", "", 404, ""}.try(t, srv)
			}
			close(leave)
			require.NoError(t, <-done)
			srv.Close() // all answers are complete
			requests := srv.Requests()
			require.Len(t, requests, 3)
			for _, r := range requests {
				require.Equal(t, 404, r.Status)
				require.Empty(t, r.Fault)
			}
		})
	}
}

func TestAFailedTestShowsTheRequests(t *testing.T) {
	t.Parallel()
	for _, failed := range []bool{true, false} {
		fake := &fakeTB{TB: t, failed: failed}
		srv := registrytest.New(fake, registrytest.Options{RecordLimit: 1, Faults: []registrytest.Fault{{Skip: 1, Status: 503}}})
		for range 2 {
			_, _, err := wire(t, srv, "GET", "/v2/?x=1", "")
			require.NoError(t, err)
		}
		log := fake.end()
		require.Equal(t, failed, strings.Contains(log, "registrytest: 2 requests, the last 1\n"), log)
		require.Equal(t, failed, strings.Contains(log, "GET    /v2/?x=1 -> 503 (ping, 0 in,"), log)
		require.Equal(t, failed, strings.Contains(log, "FAULT status 503"), log)
	}
}

func TestTheStoreIsCheckedAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, whole := range []bool{true, false} {
		fake := &fakeTB{TB: t}
		srv := registrytest.New(fake, registrytest.Options{CheckStore: true})
		if whole {
			seed(t, srv.Store)
		}
		exchange{"PUT", manifests + "v1", image("x"), imageType, 201, ""}.try(t, srv)
		log := fake.end()
		require.Equal(t, !whole, fake.failed)
		require.Equal(t, !whole, strings.Contains(log, "refers to "+seedDigest.String()+", which is not there"), log)
	}
}
