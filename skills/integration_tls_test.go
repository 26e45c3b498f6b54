// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package skills_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/skills"
)

// TestIntegrationPassword pushes and pulls over TLS, with a certificate of a
// self-made authority and a password.
func TestIntegrationPassword(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"zot", "distribution2", "distribution3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servers[name](t, serverOptions{authority: newAuthority(t), password: true})
			right := auth.Credential{Username: integrationUser, Password: integrationPassword}
			for _, skill := range samples(t) {
				t.Run(skill, func(t *testing.T) { testRoundTrip(t, s, right, skill) })
			}
			for what, credential := range map[string]auth.Credential{
				"wrong password": {Username: integrationUser, Password: "battery staple"},
				"unknown user":   {Username: "nobody", Password: integrationPassword},
				"no password":    auth.EmptyCredential,
			} {
				t.Run(what, func(t *testing.T) { testRefused(t, s, credential) })
			}
			t.Run("unknown authority", func(t *testing.T) { testUntrusted(t, s) })
		})
	}
}

// testRefused shows that nothing can be pushed or pulled, and that the error
// says what to do.
func testRefused(t *testing.T, s *server, credential auth.Credential) {
	ctx := t.Context()
	ref := s.ref(t, "refused", "csv-report")
	dir := filepath.Join(sampleDir, "csv-report")
	registry, _ := s.registry(t, credential)
	_, pushed := registry.PushDir(ctx, dir, ref, skills.PackageOptions{})
	_, pulled := registry.Pull(ctx, memory.New(), ref, skills.TransferOptions{})
	for _, err := range []error{pushed, pulled} {
		require.ErrorContains(t, err, ref)
		require.ErrorIs(t, err, skills.ErrUnauthorized)
		require.ErrorContains(t, err, "log in to "+s.host)
		require.NotContains(t, err.Error(), "battery staple")
	}
	allowed, _ := s.registry(t, auth.Credential{Username: integrationUser, Password: integrationPassword})
	_, err := allowed.Pull(ctx, memory.New(), ref, skills.TransferOptions{})
	require.ErrorContains(t, err, "not found", "nothing was pushed")
}

// testUntrusted shows that a certificate of an unknown authority is refused.
func testUntrusted(t *testing.T, s *server) {
	stranger := &server{host: s.host, tls: true, opts: serverOptions{authority: newAuthority(t)}}
	registry, writes := stranger.registry(t, auth.Credential{Username: integrationUser, Password: integrationPassword})
	_, err := registry.PushDir(t.Context(), filepath.Join(sampleDir, "csv-report"), s.ref(t, "untrusted", "csv-report"), skills.PackageOptions{})
	require.ErrorAs(t, err, new(x509.UnknownAuthorityError))
	require.Zero(t, writes.Load())
}

// authority is a certificate authority that exists for one test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := certificate(1, "skillcask test authority")
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{cert: cert, key: key}
}

func certificate(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
}

// issue writes a certificate for this machine and its key into dir.
func (a *authority) issue(t *testing.T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := certificate(2, "127.0.0.1")
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return writeFile(t, dir, "cert.pem", toPEM("CERTIFICATE", der)), writeFile(t, dir, "key.pem", toPEM("PRIVATE KEY", pkcs8))
}

// file writes the authority's own certificate into dir.
func (a *authority) file(t *testing.T, dir string) string {
	return writeFile(t, dir, "authority.crt", toPEM("CERTIFICATE", a.cert.Raw))
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func toPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
