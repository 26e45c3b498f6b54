// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Server is a registry that listens, on a port of the loopback interface unless
// [Options.Listener] says otherwise. Make one by [New] or, outside of tests, by
// [NewServer].
type Server struct {
	*Handler

	// URL is scheme, host and port, without a slash at the end.
	URL string

	// Store holds the registry's content: [Options.Store], or the one in memory.
	Store Store

	listener *listener
	storage  *listener // of blobs that are redirected, or nil
	t        failer
}

// TB is what [New] needs of a *[testing.T] or any other [testing.TB]. It is
// declared here so that programs which serve a registry do not link the testing
// package.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Log(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// New starts a registry, which stops when the test ends. The test fails then if a
// fault never took effect and is not Optional. If it has failed the requests are
// logged. At most one [Options] may be given; with two the test fails.
func New(t TB, opts ...Options) *Server {
	t.Helper()
	if len(opts) > 1 {
		t.Fatal("registrytest: New takes one Options at most")
	}
	var o Options
	if len(opts) == 1 {
		o = opts[0]
	}
	s, err := NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.t = t
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("registrytest: %v", err)
		}
		if o.CheckStore {
			if err := CheckStore(context.Background(), s.Store); err != nil {
				t.Errorf("registrytest: the store has defects:\n%v", err)
			}
		}
		for _, fault := range s.faults.unfired() {
			t.Errorf("registrytest: a fault never took effect: %s; if it need not, say Optional", fault)
		}
		if t.Failed() {
			t.Log(s.record.dump())
		}
	})
	return s
}

// NewServer starts a registry for use outside of a test. The caller closes it. It fails
// if the loopback interface has no port left or [Options.TLSConfig] has a certificate
// that can't be read, and panics as [NewHandler] does.
func NewServer(opts Options) (*Server, error) {
	h := NewHandler(opts)
	l, err := listen(h, opts)
	if err != nil {
		return nil, fmt.Errorf("registrytest: %w", err)
	}
	s := &Server{Handler: h, URL: l.url(), Store: h.opts.Store, listener: l, t: noTest{}}
	if opts.RedirectBlobs {
		opts.Listener = nil
		if s.storage, err = listen(h.storageHandler(), opts); err != nil {
			return nil, errors.Join(fmt.Errorf("registrytest: %w", err), s.Close())
		}
		// Not 127.0.0.1: to clients another port is no other host.
		_, port, _ := net.SplitHostPort(s.storage.host)
		scheme, _, _ := strings.Cut(s.URL, ":")
		h.storage = scheme + "://localhost:" + port
	}
	return s, nil
}

// FailTLS makes the next n TLS handshakes fail, as those of a server that is being
// restarted do. Connections that exist go on.
func (s *Server) FailTLS(n int) { s.listener.failTLS.Store(int64(n)) }

// Host returns host and port: the first part of a reference.
func (s *Server) Host() string {
	_, host, _ := strings.Cut(s.URL, "://")
	return host
}

// Client returns a client that trusts the server's certificate. It carries no
// credentials and no certificate of its own; its Transport is an [http.Transport]. Its
// idle connections are closed with the server.
func (s *Server) Client() *http.Client { return s.listener.client }

// Certificate returns the server's certificate, for clients that are not written
// in Go; nil of plain HTTP, and where only a function of [Options.TLSConfig] has it.
func (s *Server) Certificate() *x509.Certificate { return s.listener.certificate }

// closeGrace is how long clients may take to finish their requests at the end.
const closeGrace = time.Second

// Close stops the server; one that [New] made stops with the test at the latest. It
// drops the requests that are stalled or delayed and waits for those that are being
// answered. A client that neither sends nor reads, such as one whose test has left a
// body open, is cut off after a second. A second call does nothing. The error is that
// of [Handler.Close].
func (s *Server) Close() error {
	err := s.Handler.Close()
	s.listener.close(closeGrace)
	if s.storage != nil {
		s.storage.close(closeGrace)
	}
	return err
}
