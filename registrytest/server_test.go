// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
)

// TestAServerOutsideOfTests is the same as that of New, but that its caller ends it.
func TestAServerOutsideOfTests(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{"http": {}, "https": {TLS: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, err := registrytest.NewServer(opts)
			require.NoError(t, err)
			require.Equal(t, opts.TLS, srv.Certificate() != nil)
			seed(t, srv.Store)
			resp, err := srv.Client().Get(srv.URL + blobURL + seedDigest.String())
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, 200, resp.StatusCode)
			require.Len(t, srv.Requests(), 1)
			require.NoError(t, srv.Close())
			require.NoError(t, srv.Close(), "again")
		})
	}
}

// TestAListenerOfOnesOwn is served on, be it in plain HTTP or not, and closed.
func TestAListenerOfOnesOwn(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{"http": {}, "https": {TLS: true}} {
		for _, addr := range []string{"127.0.0.1:0", ":0"} {
			t.Run(name+addr, func(t *testing.T) {
				t.Parallel()
				l, err := net.Listen("tcp", addr)
				require.NoError(t, err)
				_, port, err := net.SplitHostPort(l.Addr().String())
				require.NoError(t, err)
				opts := opts
				opts.Listener = l
				srv := registrytest.New(t, opts)
				require.Equal(t, name+"://127.0.0.1:"+port, srv.URL)
				resp, err := srv.Client().Get(srv.URL + "/v2/")
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				require.Equal(t, 200, resp.StatusCode)
				require.NoError(t, srv.Close())
				_, err = l.Accept()
				require.ErrorIs(t, err, net.ErrClosed)
			})
		}
	}
}

// TestTLSAsTheConfigSays: certificates of both sides and versions of HTTP.
func TestTLSAsTheConfigSays(t *testing.T) {
	t.Parallel()
	own := selfSigned(t, "server", net.IPv4(127, 0, 0, 1))
	ann := selfSigned(t, "ann")
	clients := x509.NewCertPool()
	clients.AddCert(ann.Leaf)
	for name, c := range map[string]struct {
		config  *tls.Config
		carries []tls.Certificate
		proto   string // "" if the client is refused
		subject string
	}{
		"nothing said":                {&tls.Config{}, nil, "HTTP/2.0", "registrytest"},
		"HTTP/1.1 only":               {&tls.Config{NextProtos: []string{"http/1.1"}}, nil, "HTTP/1.1", "registrytest"},
		"HTTP/2 only":                 {&tls.Config{NextProtos: []string{"h2"}}, nil, "HTTP/2.0", "registrytest"},
		"another certificate":         {&tls.Config{Certificates: []tls.Certificate{own}}, nil, "HTTP/2.0", "server"},
		"a client without":            {&tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}, nil, "", "registrytest"},
		"a client with a certificate": {&tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}, []tls.Certificate{ann}, "HTTP/2.0", "registrytest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{TLSConfig: c.config})
			require.Equal(t, c.subject, srv.Certificate().Subject.CommonName)
			srv.Client().Transport.(*http.Transport).TLSClientConfig.Certificates = c.carries
			resp, err := srv.Client().Get(srv.URL + "/v2/")
			if c.proto == "" {
				require.Error(t, err, "%v", resp)
				require.Empty(t, srv.Requests())
				return
			}
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, c.proto, resp.Proto)
		})
	}
}

func TestACertificateThatCantBeReadIsAnError(t *testing.T) {
	t.Parallel()
	_, err := registrytest.NewServer(registrytest.Options{TLSConfig: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{{0}}}}}})
	require.ErrorContains(t, err, "registrytest: ")
}

// selfSigned makes a certificate that is its own authority.
func selfSigned(t *testing.T, name string, ips ...net.IP) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IPAddresses: ips,
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
