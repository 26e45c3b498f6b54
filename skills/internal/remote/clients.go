// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/retry"
)

// Clients makes the clients of repositories. They share connections and, of one
// repository, tokens.
type Clients struct {
	HTTP         *http.Client  // below authentication and retries; nil: the usual
	StallTimeout time.Duration // 0: 60 seconds; below: none
	Credentials  func(ctx context.Context, host, repository string) (auth.Credential, error)
	Retries      func() retry.Policy // nil: the usual
	// Pause waits before a transfer that broke off is begun again; an error ends it.
	// Default: a tenth of a second, then two, and so on.
	Pause func(ctx context.Context, attempt int) error

	sessions sessions
}

// ForRepository returns the client for the repository that ref is in.
func (c *Clients) ForRepository(ref registry.Reference) remote.Client {
	session := c.sessions.of(ref, c.Credentials)
	var below http.Client
	if c.HTTP != nil {
		below = *c.HTTP
	}
	below.Transport = c.retrying(watchedTransport{below.Transport, c.stallTimeout()})
	authenticated := &auth.Client{Client: &below, Credential: session.credential, Cache: session.cache}
	authenticated.SetUserAgent("skillcask")
	return client{authenticated, session, c.Pause}
}

func (c *Clients) stallTimeout() time.Duration {
	if c.StallTimeout == 0 {
		return defaultStallTimeout
	}
	return c.StallTimeout
}

// isLoopback reports whether host, with or without a port, is this machine.
func IsLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}
