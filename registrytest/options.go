// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Options say how a registry behaves. The zero value is a registry without
// authentication that takes all that the specification allows, in memory.
type Options struct {
	// Store holds the content. Who opened it closes it. Default: a new [NewMemory].
	Store Store

	// TLS serves HTTPS with a certificate that [Server.Client] trusts. As registries
	// do, it offers HTTP/2, where one connection serves many requests.
	// [NewHandler] ignores it. Default: plain HTTP.
	TLS bool

	// TLSConfig serves HTTPS in its own way: with another certificate, asking for
	// those of clients, or with NextProtos "http/1.1" without HTTP/2. TLS need not be
	// set then. Without a certificate it has that of TLS, without NextProtos both
	// versions of HTTP. [Server.Client] trusts its Certificates, if they are for the
	// host. [NewHandler] ignores it. Default: as TLS says.
	TLSConfig *tls.Config

	// Listener accepts the connections, which TLS and TLSConfig wrap; it must not be
	// one of TLS itself. [Server.Close] closes it. The host of [Server.URL] is its
	// address, or 127.0.0.1 if that is unspecified. [NewHandler] ignores it.
	// Default: a free port of the loopback interface.
	Listener net.Listener

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

	// PageSize is the most tags, referrers or repositories in one answer; a Link leads
	// to the rest. Default: all, but as many referrers as make 4 MiB.
	PageSize int

	// NoSinglePost answers a POST that has a digest and the blob with 202, as one that
	// has neither: the upload is there, and nothing in it ("Single POST").
	NoSinglePost bool

	// NoMount answers a request to mount a blob with 202: an upload begins.
	NoMount bool

	// UploadState makes the Location of an upload absolute, with a state in its query
	// that changes with what was received. A request without it, or with an old one,
	// is answered with 400, BLOB_UPLOAD_INVALID: as distribution does, clients must go
	// on at the last Location, as it is.
	UploadState bool

	// ChunkMinLength is the OCI-Chunk-Min-Length that begun uploads announce, in
	// bytes. A chunk after a shorter one is answered with 400, SIZE_INVALID, since
	// only the last may be shorter ("Pushing a blob in chunks"). Default: none.
	ChunkMinLength int64

	// NoDigest lists the operations whose answers lack the Docker-Content-Digest
	// header, which the specification does not want of all.
	NoDigest []Operation

	// IgnoreRange answers requests for a part of a blob with all of it, and 200.
	IgnoreRange bool

	// RedirectBlobs sends each GET of a blob on to another host with 307, as registries
	// do whose blobs are in an object store. It has a signed URL of a second listener
	// of the server, at "localhost", whose requests are [OpStorageGet]: faults and the
	// record have them too. It refuses requests that bear an Authorization, as object
	// stores do. [NewHandler] ignores it.
	RedirectBlobs bool

	// Redirect returns where a blob is to be had, given its repository and its
	// digest and size: an absolute URL, to which a GET is redirected with 307. With ""
	// the registry answers itself. Default: no redirects but those of RedirectBlobs.
	Redirect func(repository string, blob ocispec.Descriptor) string

	// StrictAccept answers a request for a manifest whose media type its Accept headers
	// do not list with 404, MANIFEST_UNKNOWN; "*/*" does not list any.
	StrictAccept bool

	// MustExist refuses whatever is asked of a repository that is not there with 404,
	// NAME_UNKNOWN, pushes too: [Handler.CreateRepository] makes one.
	MustExist bool

	// NoDelete refuses to delete manifests and blobs, and NoTagDelete to delete tags:
	// 405, UNSUPPORTED.
	NoDelete, NoTagDelete bool

	// IgnoreN lists tags without regard to n and last, so all of them or, with a
	// PageSize, always the first page.
	IgnoreN bool

	// NoLink leaves out the Link to the rest of a list, and AbsoluteLinks makes it a
	// URL with scheme and host.
	NoLink, AbsoluteLinks bool

	// NoFilter lists all referrers whatever artifactType is asked for, and does not
	// say OCI-Filters-Applied ("Listing Referrers").
	NoFilter bool

	// StaleReads is how many reads of a tag or of content are answered as if its last
	// write had not been, and StaleFor for how long they are: as by a registry whose
	// replicas lag behind. Default: none.
	StaleReads int
	StaleFor   time.Duration

	// RateLimit says how often a user may ask. Default: always.
	RateLimit *RateLimit

	// OnError changes the answer to a request that the registry, or a fault, refuses,
	// before it is sent: other statuses and codes than the specification's, bodies of
	// gateways that are no JSON. Default: errors are as specified ("Error Codes").
	OnError func(Operation, *ErrorAnswer)

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

	// Now is the clock of tokens, of the record and, from then on, of the store's
	// unfinished uploads, which time out after an hour. Default: time.Now.
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
	// The list of repositories has those that the user may pull from.
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

	// TokenFields are those that the token endpoint answers with: some registries have
	// a "token" or an "access_token" alone. Default: all that are known.
	TokenFields []string

	// NoOAuth issues no tokens for POST requests: 405, UNSUPPORTED.
	NoOAuth bool

	// TokenTTL is how long a token is valid. Default: 5 minutes.
	TokenTTL time.Duration

	// TokenServer is another server, which issues the tokens in place of this one,
	// so that a client has to send the password to the host that the challenge names
	// and to no other. Its Auth is Bearer and has the users; this one's is Bearer
	// too, then, and needs none. AnonymousPull and Allow count for both.
	// Default: the token endpoint is /token here.
	TokenServer *Server

	// Realm is the URL of the token endpoint in challenges.
	// Default: the one that there is.
	Realm string

	// Service is the registry's name in challenges. If it is set, only tokens that
	// were asked for with this service are valid. Default: the host of the request.
	Service string
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
	if a := o.Auth; a != nil && a.TokenServer != nil && !a.Bearer {
		bearer := *a
		bearer.Bearer = true
		o.Auth = &bearer
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
