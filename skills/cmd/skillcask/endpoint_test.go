// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheCertificateIsForAllWaysToReachTheServer(t *testing.T) {
	t.Parallel()
	hostname, err := os.Hostname()
	require.NoError(t, err)
	names := []string{"localhost", "127.0.0.1", "::1"}
	all := append([]string{hostname}, names...)
	addrs, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, addr := range addrs {
		if ip := addr.(*net.IPNet).IP; ip.IsGlobalUnicast() {
			all = append(all, ip.String())
		}
	}
	lan := net.IPv4(192, 0, 2, 7)
	for _, c := range []struct {
		asked     string
		bound     net.IP
		host      string // that is printed; "" if it depends on the machine
		certified []string
	}{
		{"127.0.0.1:0", net.IPv4(127, 0, 0, 1), "127.0.0.1:5000", names},
		{"localhost:0", net.IPv4(127, 0, 0, 1), "127.0.0.1:5000", names},
		{"192.0.2.7:0", lan, "192.0.2.7:5000", append([]string{"192.0.2.7"}, names...)},
		{"build.example:0", lan, "192.0.2.7:5000", append([]string{"192.0.2.7", "build.example"}, names...)},
		{"0.0.0.0:0", net.IPv6zero, "", all}, // so says a listener for both
		{"0.0.0.0:0", net.IPv4zero, "", all},
		{":0", net.IPv6zero, "", all},
	} {
		at := newEndpoint(c.asked, &net.TCPAddr{IP: c.bound, Port: 5000})
		host, port, err := net.SplitHostPort(at.host)
		require.NoError(t, err)
		require.Equal(t, "5000", port)
		require.False(t, net.ParseIP(host).IsUnspecified(), at.host)
		if c.host != "" {
			require.Equal(t, c.host, at.host)
		}
		certificate, file, err := makeCertificate(at)
		require.NoError(t, err)
		require.NoError(t, os.Remove(file))
		parsed, err := x509.ParseCertificate(certificate.Certificate[0])
		require.NoError(t, err)
		for _, name := range append(c.certified, host) {
			require.NoError(t, parsed.VerifyHostname(name), c.asked)
		}
		require.Error(t, parsed.VerifyHostname("198.51.100.1"))
	}
}

// TestServeOnAllAddressesPrintsOneThatWorks, for a client that knows only the
// certificate and what was printed.
func TestServeOnAllAddressesPrintsOneThatWorks(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0"} {
		stdout, out := io.Pipe()
		stderr, errOut := io.Pipe()
		a := &app{stdout: out, stderr: errOut}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.serve(ctx, serveFlags{addr: addr, tls: true, noAuth: true}) }()
		told, err := bufio.NewReader(stderr).ReadString('\n')
		require.NoError(t, err)
		_, file, ok := strings.Cut(strings.TrimSpace(told), "SSL_CERT_FILE=")
		require.True(t, ok, told)
		pem, err := os.ReadFile(file)
		require.NoError(t, err)
		url, err := bufio.NewReader(stdout).ReadString('\n')
		require.NoError(t, err)
		roots := x509.NewCertPool()
		require.True(t, roots.AppendCertsFromPEM(pem))
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
		resp, err := (&http.Client{Transport: transport}).Get(strings.TrimSpace(url) + "/v2/")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 200, resp.StatusCode)
		transport.CloseIdleConnections()
		cancel()
		require.NoError(t, <-ended)
		require.NoFileExists(t, file)
	}
}
