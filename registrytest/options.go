// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"time"
)

// Options say how a registry behaves. The zero value is a registry without
// authentication that takes all that the specification allows, in memory.
type Options struct {
	// Store holds the content. Default: a new [NewMemory].
	Store Store

	// TLS serves HTTPS with a certificate that [Server.Client] trusts. Only [New]
	// heeds it. Default: plain HTTP.
	TLS bool

	// Auth asks for credentials. Default: nobody is asked.
	Auth *Auth

	// ReadOnly refuses every request that would change the store: 405,
	// UNSUPPORTED.
	ReadOnly bool

	// Strict takes only manifests that hold to the image specification and whose
	// blobs and manifests are there, as zot does. Absent content is answered with
	// MANIFEST_BLOB_UNKNOWN, anything else with MANIFEST_INVALID: also a member that
	// is there twice, and one such as "SUBJECT", which some readers take for another.
	// Default: sparse manifests and manifests of any media type are taken.
	Strict bool

	// NoReferrers leaves out the referrers API and the OCI-Subject header, as
	// distribution 2.8 does, so that clients maintain the fallback tag
	// (specification, "Unavailable Referrers API").
	NoReferrers bool

	// ImmutableTags refuses to move or delete a tag: 403, DENIED.
	ImmutableTags bool

	// MaxManifestSize is the most bytes that a manifest may have; a larger one is
	// answered with 413. Default: 4 MiB, which the specification wants all
	// registries to support.
	MaxManifestSize int64

	// Quota is the most bytes that all repositories together may hold, each
	// counting all of its content; more is refused with 403, DENIED.
	// Default: no limit.
	Quota int64

	// PageSize is the most tags or referrers in one answer; a Link leads to the
	// rest. Default: all tags, and as many referrers as make 4 MiB.
	PageSize int

	// Warnings are sent with each answer, as Warning headers (specification,
	// "Warnings"). Those that would exceed 4,096 bytes together are left out.
	Warnings []string

	// Faults are injected from the start, as if given to [Handler.Inject].
	Faults []Fault

	// Latency passes before a request is looked at. Default: none.
	Latency time.Duration

	// Bandwidth is how many bytes of a body pass in a second, in each direction
	// and for each request. Default: no limit.
	Bandwidth int64

	// RecordLimit is how many requests are recorded; older ones are dropped.
	// Default: 1,000. Below 0: none.
	RecordLimit int

	// CheckStore fails the test if [CheckStore] finds a defect at its end. Only
	// [New] heeds it.
	CheckStore bool

	// Now is the clock of tokens and of the record. Default: time.Now.
	Now func() time.Time

	// Sleep waits for latency, bandwidth and delays. It returns early, with an
	// error, when ctx is done; a request that is yet to be performed is dropped
	// then. Default: real time passes.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Auth says who may come in and how they authenticate.
type Auth struct {
	// Users maps names to passwords.
	Users map[string]string

	// Check reports whether a password is right. It takes the place of Users.
	Check func(user, password string) bool

	// Allow reports whether a user, "" if anonymous, may do something with a
	// repository; action is "pull", "push" or "delete". A refusal is answered with
	// 403, DENIED; without credentials with 401 and a challenge.
	// Default: users may do everything.
	Allow func(user, repository, action string) bool

	// AnonymousPull lets those without credentials read: with Bearer, by a token that
	// they get for nothing. /v2/ asks for credentials nevertheless, so that clients
	// which have some send them. Wrong ones are refused, also for reading.
	AnonymousPull bool

	// DenyMounts refuses to mount a blob from a repository that the user may not
	// read: 403, DENIED. Default: an upload begins, as where the blob is not there
	// (specification, "Mounting a blob from another repository").
	DenyMounts bool

	// Bearer asks for tokens, which an endpoint of the same server issues for the
	// right password or refresh token. Default: basic authentication.
	Bearer bool

	// TokenTTL is how long a token is valid. Default: 5 minutes.
	TokenTTL time.Duration
}

const (
	defaultMaxManifestSize = 4 << 20
	defaultRecordLimit     = 1000
	defaultTokenTTL        = 5 * time.Minute
)

// withDefaults fills in the defaults.
func (o Options) withDefaults() Options {
	if o.Store == nil {
		o.Store = NewMemory()
	}
	if o.MaxManifestSize == 0 {
		o.MaxManifestSize = defaultMaxManifestSize
	}
	if o.RecordLimit == 0 {
		o.RecordLimit = defaultRecordLimit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return o
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
