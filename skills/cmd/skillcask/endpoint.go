// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"os"
	"strconv"
	"strings"
)

// endpoint is how a listener can be reached.
type endpoint struct {
	host  string // host and port, for people
	names []string
	ips   []net.IP
}

// newEndpoint takes the address that was asked for and the one that came of it.
// One that is not specified, such as 0.0.0.0, means all of this machine's: no
// client can connect to it by that name.
func newEndpoint(asked string, bound net.Addr) endpoint {
	at := endpoint{
		host:  bound.String(),
		names: []string{"localhost"},
		ips:   []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if host, _, err := net.SplitHostPort(asked); err == nil && host != "" && net.ParseIP(host) == nil {
		at.names = append(at.names, host)
	}
	tcp, ok := bound.(*net.TCPAddr)
	if !ok {
		return at
	}
	if !tcp.IP.IsUnspecified() {
		at.ips = append(at.ips, tcp.IP)
		return at
	}
	if name, err := os.Hostname(); err == nil && name != "" && isASCII(name) {
		at.names = append(at.names, name)
	}
	addrs, _ := net.InterfaceAddrs() // without them there is loopback
	best := net.IPv4(127, 0, 0, 1)
	for _, addr := range addrs {
		network, ok := addr.(*net.IPNet)
		if !ok || !network.IP.IsGlobalUnicast() {
			continue
		}
		at.ips = append(at.ips, network.IP)
		if best.IsLoopback() || best.To4() == nil && network.IP.To4() != nil {
			best = network.IP
		}
	}
	at.host = net.JoinHostPort(best.String(), strconv.Itoa(tcp.Port))
	return at
}

// isASCII: a certificate takes no other names.
func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 }
