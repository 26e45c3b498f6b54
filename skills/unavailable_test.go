// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// dialing is a client whose connections fail.
func dialing(err error) skills.RegistryOption {
	return skills.WithHTTPClient(&http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err },
	}})
}

// TestUnavailable says so of what can't be reached and what can't answer.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		option skills.RegistryOption
		fault  registrytest.Fault
		want   string
		advice string
	}{
		"no such host":   {option: dialing(&net.DNSError{Err: "no such host", Name: "registry.example.com", IsNotFound: true}), want: "no such host; no registry answers at"},
		"refused":        {option: dialing(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), want: "connection refused; no registry answers at"},
		"another reason": {option: dialing(errors.New("the cable is cut")), want: "the cable is cut; no registry answers at"},
		"too many":       {fault: registrytest.Fault{Status: http.StatusTooManyRequests}, want: "answered 429 Too Many Requests"},
		"broken":         {fault: registrytest.Fault{Status: http.StatusInternalServerError}, want: "answered 500 Internal Server Error"},
		"no registry":    {fault: registrytest.Fault{Status: http.StatusNotImplemented}, want: "answered 501 Not Implemented", advice: "; check the host and the port, and whether a registry runs there"},
		"under repair":   {fault: registrytest.Fault{Status: http.StatusServiceUnavailable}, want: "try again later"},
		"an odd gateway": {fault: registrytest.Fault{Status: 599}, want: "answered 599"},
		"plain, not TLS": {option: skills.WithPlainHTTP(false), want: "speaks HTTP without TLS; ask for plain HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			option := c.option
			if option == nil {
				option = skills.WithPlainHTTP(true)
			}
			f := newFailing(t, option)
			if c.fault.Status != 0 {
				c.fault.Count = -1
				f.Inject(c.fault)
			}
			ways := f.reads(t)
			for way, write := range f.writes() {
				ways[way] = write
			}
			for way, run := range ways {
				err := run()
				require.ErrorIs(t, err, skills.ErrUnavailable, way)
				require.ErrorContains(t, err, c.want, way)
				require.ErrorContains(t, err, c.advice, way)
				require.NotErrorIs(t, err, skills.ErrInterrupted, way)
				require.NotErrorIs(t, err, skills.ErrCorrupt, way)
				require.Equal(t, name == "plain, not TLS", errors.Is(err, skills.ErrWantsPlainHTTP), way)
				requireReadable(t, err, f.Host())
			}
		})
	}
}

// TestPlainHTTPWhereTLSIsSpoken is told apart from a registry's own refusal.
func TestPlainHTTPWhereTLSIsSpoken(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	srv := registrytest.New(t, registrytest.Options{TLS: true})
	_, err := newRegistry(t, srv, skills.WithPlainHTTP(true)).Pull(ctx, memory.New(), srv.Host()+"/a/demo:1", skills.TransferOptions{})
	require.ErrorIs(t, err, skills.ErrWantsTLS)
	require.ErrorIs(t, err, skills.ErrUnavailable)
	require.ErrorContains(t, err, "turn plain HTTP off")
	requireReadable(t, err, srv.Host())

	f := newFailing(t)
	f.Inject(registrytest.Fault{Match: registrytest.Match{Method: http.MethodPut}, Status: http.StatusBadRequest, Count: -1})
	for way, write := range f.writes() {
		err := write()
		require.Error(t, err, way)
		require.NotErrorIs(t, err, skills.ErrWantsTLS, way)
		require.ErrorContains(t, err, "the registry answered 400 Bad Request", way)
		requireReadable(t, err, f.Host())
	}
}

// TestTLSAlertToPlainHTTP is the answer of servers that know no better.
func TestTLSAlertToPlainHTTP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1<<10))
			_, _ = conn.Write([]byte("\x15\x03\x01\x00\x02\x02\x16"))
			conn.Close()
		}
	})
	defer wg.Wait()
	defer listener.Close()
	registry, err := skills.NewRegistry(skills.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}), skills.WithoutRetries())
	require.NoError(t, err)
	_, err = registry.Pull(context.Background(), memory.New(), listener.Addr().String()+"/a/demo:1", skills.TransferOptions{})
	require.ErrorIs(t, err, skills.ErrWantsTLS)
	require.ErrorIs(t, err, skills.ErrUnavailable)
	require.NotErrorIs(t, err, skills.ErrInterrupted)
}
