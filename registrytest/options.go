// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

// Options says how a registry behaves. The zero value is a registry without
// authentication that takes all that the specification allows, in memory.
type Options struct {
	// Store keeps the content. Default: a new [NewMemory].
	Store Store

	// TLS serves HTTPS with a certificate that [Server.Client] trusts. Only
	// [New] looks at it. Default: plain HTTP.
	TLS bool

	// Auth asks for credentials. Default: nobody is asked.
	Auth *Auth

	// ReadOnly refuses all that would change the store: 405, UNSUPPORTED.
	ReadOnly bool

	// MaxManifestSize is the most bytes that a manifest may have; a larger one
	// is answered with 413. Default: 4 MiB, which the specification wants all
	// to support.
	MaxManifestSize int64
}

// Auth is who may come in.
type Auth struct {
	// Users maps names to passwords.
	Users map[string]string

	// Check tells whether a password is right, instead of Users.
	Check func(user, password string) bool
}

func (a *Auth) check(user, password string) bool {
	if a.Check != nil {
		return a.Check(user, password)
	}
	want, ok := a.Users[user]
	return ok && want == password
}
