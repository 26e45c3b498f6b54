// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// listener serves a handler, on a port of the loopback interface unless another is
// given. It is what net/http/httptest has, which no program outside of tests should link.
type listener struct {
	host        string            // and port
	certificate *x509.Certificate // of HTTPS, if it is known
	secure      bool
	client      *http.Client
	server      *http.Server
	served      chan struct{} // closed when no connection is accepted any more
	failTLS     atomic.Int64  // how many handshakes are still to fail

	mu      sync.Mutex
	closed  bool
	states  map[net.Conn]http.ConnState
	drained chan struct{} // closed when closed is set and states is empty
}

// listen starts a listener.
func listen(h http.Handler, o Options) (*listener, error) {
	transport := &http.Transport{}
	s := &listener{
		client:  &http.Client{Transport: transport},
		served:  make(chan struct{}),
		states:  map[net.Conn]http.ConnState{},
		drained: make(chan struct{}),
	}
	s.server = &http.Server{Handler: h, ConnState: s.track, Protocols: new(http.Protocols)}
	s.server.Protocols.SetHTTP1(true)
	serve := s.server.Serve
	if s.secure = o.TLS || o.TLSConfig != nil; s.secure {
		if err := s.prepareTLS(o.TLSConfig, transport); err != nil {
			return nil, err
		}
		serve = func(l net.Listener) error { return s.server.ServeTLS(l, "", "") }
	}
	l := o.Listener
	if l == nil {
		var err error
		if l, err = listenOnLoopback(); err != nil {
			return nil, err
		}
	}
	s.host = reachable(l.Addr())
	go func() {
		defer close(s.served)
		_ = serve(l) // until close
	}()
	return s, nil
}

func listenOnLoopback() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l, err = net.Listen("tcp6", "[::1]:0")
	}
	return l, err
}

// reachable is where clients of this machine find what listens on an address.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return addr.String()
}

// prepareTLS makes server and client of a listener ready for TLS as config, which may
// be nil, says.
func (s *listener) prepareTLS(config *tls.Config, transport *http.Transport) error {
	if config = config.Clone(); config == nil {
		config = &tls.Config{}
	}
	if len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
		config.Certificates = []tls.Certificate{loopbackCertificate()}
	}
	pool := x509.NewCertPool()
	for _, chain := range config.Certificates {
		for _, der := range chain.Certificate {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return err
			}
			if s.certificate == nil {
				s.certificate = certificate
			}
			pool.AddCert(certificate)
		}
	}
	// net/http offers what Protocols says, whatever NextProtos does.
	all := len(config.NextProtos) == 0
	http2 := all || slices.Contains(config.NextProtos, "h2")
	s.server.Protocols.SetHTTP1(all || !http2 || slices.Contains(config.NextProtos, "http/1.1"))
	s.server.Protocols.SetHTTP2(http2)
	choose := config.GetConfigForClient
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if s.failTLS.Add(-1) >= 0 {
			return nil, errFailTLS
		}
		if choose != nil {
			return choose(hello)
		}
		return nil, nil
	}
	s.server.TLSConfig = config
	transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	transport.ForceAttemptHTTP2 = true
	return nil
}

var errFailTLS = errors.New("registrytest: a failure was asked for")

// url is scheme, host and port.
func (s *listener) url() string {
	if s.secure {
		return "https://" + s.host
	}
	return "http://" + s.host
}

// track follows the connections, so that close knows which are idle.
func (s *listener) track(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateHijacked, http.StateClosed:
		delete(s.states, conn)
		s.drainedIf()
	default:
		s.states[conn] = state
		if s.closed && state != http.StateActive {
			conn.Close()
		}
	}
}

// drainedIf closes drained once nothing is left to wait for. s.mu is held.
func (s *listener) drainedIf() {
	if s.closed && len(s.states) == 0 {
		select {
		case <-s.drained:
		default:
			close(s.drained)
		}
	}
}

// close waits for the requests that are being answered, at most grace, and cuts
// off what remains. A second call waits too.
func (s *listener) close(grace time.Duration) {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	for conn, state := range s.states {
		if state != http.StateActive {
			conn.Close()
		}
	}
	s.drainedIf()
	s.mu.Unlock()
	if first {
		s.server.SetKeepAlivesEnabled(false)
	}
	cut := time.NewTimer(grace)
	defer cut.Stop()
	select {
	case <-s.drained:
	case <-cut.C:
	}
	_ = s.server.Close()
	<-s.served
	<-s.drained
	s.client.CloseIdleConnections()
	// Most tests of clients use it.
	if transport, ok := http.DefaultTransport.(*http.Transport); ok && first {
		transport.CloseIdleConnections()
	}
}

// loopbackCertificate is the certificate of this process's servers, made when
// the first one wants it.
var loopbackCertificate = sync.OnceValue(func() tls.Certificate {
	certificate, err := newCertificate()
	if err != nil {
		panic("registrytest: " + err.Error()) // nothing that a caller gives can be wrong
	}
	return certificate
})

// newCertificate makes a certificate for the names of the loopback interface
// that is its own authority.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	// The clock of a test is not the system's: valid for as long as can be.
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "registrytest"},
		NotBefore:             time.Unix(0, 0),
		NotAfter:              time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
