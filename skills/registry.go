// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/errcode"
	"oras.land/oras-go/v2/registry/remote/retry"
)

// RegistryClient moves skills between stores and registries. [Registry] is one.
type RegistryClient interface {
	// Push copies an artifact to a registry; see [Registry.Push].
	Push(ctx context.Context, src oras.ReadOnlyTarget, artifact digest.Digest, ref string, opts TransferOptions) error
	// Pull copies an artifact from a registry; see [Registry.Pull].
	Pull(ctx context.Context, dst oras.Target, ref string, opts TransferOptions) (digest.Digest, error)
}

// TransferOptions say how to push or pull. The zero value is the usual case.
type TransferOptions struct {
	// Tag is the tag that a pulled artifact gets in its store, as of
	// [PackageOptions]. It may be the artifact's digest, but not another. Default: the full reference. Push does not
	// look at it.
	Tag string

	// Limits bound what is pulled.
	Limits

	// Progress, if not nil, is called with the bytes copied and the bytes known
	// to be copied in all, which grow as manifests are read. Calls do not
	// overlap.
	Progress func(done, total int64)
}

// Registry pushes skills to registries and pulls them. It may be used by many
// goroutines.
type Registry struct {
	credentials credentials.Store
	client      *http.Client
	plainHTTP   *bool // nil: for loopback addresses
	cache       auth.Cache
	// namespaces has the caches for namespaces that have credentials of their
	// own. A cache can't tell the repositories of a host apart.
	namespaces sync.Map // of auth.Cache by key
}

var _ RegistryClient = (*Registry)(nil)

// RegistryOption changes a [Registry] that [NewRegistry] makes.
type RegistryOption func(*Registry)

// WithPlainHTTP makes the client speak HTTP without TLS to every registry, or
// to none. Without this option it does so to localhost, 127.0.0.0/8 and [::1],
// and to no other.
func WithPlainHTTP(enabled bool) RegistryOption {
	return func(r *Registry) { r.plainHTTP = &enabled }
}

// WithCredentialStore sets where passwords and tokens come from. By default they come from
// Docker's configuration file and the helpers that it names, then from
// Podman's auth.json; those that Podman has for a repository or a namespace come
// before all that are for a whole registry.
func WithCredentialStore(store credentials.Store) RegistryOption {
	return func(r *Registry) { r.credentials = store }
}

// WithHTTPClient sets the client below authentication and retries, such as one
// that trusts a certificate of one's own. Default: one with the standard
// library's default transport.
func WithHTTPClient(client *http.Client) RegistryOption {
	return func(r *Registry) { r.client = client }
}

// NewRegistry returns a client. It returns an error if the credential files
// that are found can't be read.
func NewRegistry(opts ...RegistryOption) (*Registry, error) {
	r := &Registry{cache: auth.NewCache()}
	for _, opt := range opts {
		opt(r)
	}
	if r.client == nil {
		r.client = &http.Client{}
	}
	if r.credentials == nil {
		store, err := defaultCredentials(os.Getenv)
		if err != nil {
			return nil, err
		}
		r.credentials = store
	}
	return r, nil
}

// Repository returns the repository that ref names, for use as a store, and
// the tag or digest in ref. The error of a ref that can't be parsed or has
// neither wraps [ErrInvalidReference].
func (r *Registry) Repository(ref string) (*remote.Repository, string, error) {
	parsed, err := registry.ParseReference(ref)
	if err != nil {
		if _, rest, ok := strings.Cut(ref, "://"); ok {
			return nil, "", fmt.Errorf("%w %q: it is a URL; write %s", ErrInvalidReference, ref, rest)
		}
		return nil, "", fmt.Errorf("%w %q: %w; want HOST[:PORT]/REPOSITORY:TAG or …@DIGEST", ErrInvalidReference, ref, err)
	}
	if parsed.Reference == "" {
		return nil, "", fmt.Errorf("%w %q: it has neither tag nor digest; add one, such as %s:1.0.0", ErrInvalidReference, ref, ref)
	}
	repository := &remote.Repository{
		Reference: registry.Reference{Registry: parsed.Registry, Repository: parsed.Repository},
		PlainHTTP: isLoopback(parsed.Registry),
		Client:    rewindingClient{r.authClient(parsed)},
		// Metadata beyond the limit is refused by readers too.
		MaxMetadataBytes: maxMetadataBytes,
		SkipReferrersGC:  true,
	}
	if r.plainHTTP != nil {
		repository.PlainHTTP = *r.plainHTTP
	}
	return repository, parsed.Reference, nil
}

func (r *Registry) authClient(ref registry.Reference) *auth.Client {
	client := *r.client
	client.Transport = retry.NewTransport(r.client.Transport)
	c := &auth.Client{Client: &client, Credential: credentials.Credential(r.credentials), Cache: r.cache}
	if l, ok := r.credentials.(*logins); ok {
		if key, credential := l.namespaced(ref.Host(), ref.Repository); key != "" {
			cache, _ := r.namespaces.LoadOrStore(key, auth.NewCache())
			c.Credential, c.Cache = credential, cache.(auth.Cache)
		}
	}
	c.SetUserAgent("skillcask")
	return c
}

// rewindingClient makes requests repeatable, so that an upload is sent again
// with a fresh token or after a 503. oras-go sees to that only for bodies of a
// few types. A body that can be read at any offset is read again, one that is
// small enough is kept in memory.
type rewindingClient struct{ remote.Client }

func (c rewindingClient) Do(request *http.Request) (*http.Response, error) {
	if request.GetBody != nil || request.Body == nil || request.ContentLength <= 0 {
		return c.Client.Do(request)
	}
	size := request.ContentLength
	at, ok := request.Body.(io.ReaderAt)
	if !ok && size <= maxMetadataBytes {
		data, err := io.ReadAll(io.LimitReader(request.Body, size+1))
		if err != nil {
			return nil, err
		}
		if int64(len(data)) != size {
			return nil, fmt.Errorf("%w: its content has another size than the %d bytes it should", ErrCorrupt, size)
		}
		at, ok = bytes.NewReader(data), true
	}
	if ok {
		request.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(at, 0, size)), nil
		}
		request.Body, _ = request.GetBody()
	}
	return c.Client.Do(request)
}

// isLoopback reports whether host, with or without a port, is this machine.
func isLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}

// Push copies the artifact with that digest, and all that it refers to, from
// src to the registry, and tags it as ref says. Content that the registry has
// is not sent again, and the tag is set last. src is any target of oras-go that
// resolves the digest. The files are not looked at: what they hold, a secret
// among it, packing has warned of.
//
// Errors wrap [ErrInvalidReference] for a ref without a tag, [ErrNotSkill] for
// what is no skill, [ErrCorrupt] for content of src that does not match its
// digest, and those of src and the registry: [errdef.ErrNotFound],
// [oras.land/oras-go/v2/registry/remote/errcode.ErrorResponse].
func (r *Registry) Push(ctx context.Context, src oras.ReadOnlyTarget, artifact digest.Digest, ref string, opts TransferOptions) error {
	dst, tag, err := r.tagged(ref)
	if err != nil {
		return err
	}
	root, err := src.Resolve(ctx, artifact.String())
	if err == nil {
		err = checkPin(artifact.String(), root)
	}
	if err != nil {
		return fmt.Errorf("push %s to %s: the store to push from: %w", artifact, ref, err)
	}
	if err := transfer(ctx, src, root, dst, tag, opts); err != nil {
		return fmt.Errorf("push %s to %s: %w", artifact, ref, explainCopy(err, dst, oras.CopyErrorOriginDestination))
	}
	return nil
}

// Pull copies the artifact that ref names, and all that it refers to, from the
// registry to dst, and tags it there. Nothing is tagged unless all of it has
// arrived and matches its digests. It returns the digest of the index or, for
// an artifact without one, of the manifest.
//
// Errors wrap [ErrInvalidReference], [ErrNotSkill], [ErrSkillTooLarge] for
// content beyond the limits, [ErrCorrupt], and those of dst and the registry.
func (r *Registry) Pull(ctx context.Context, dst oras.Target, ref string, opts TransferOptions) (digest.Digest, error) {
	src, reference, err := r.Repository(ref)
	if err != nil {
		return "", err
	}
	tag := opts.Tag
	if tag == "" {
		tag = ref
	}
	if digest.Digest(tag).Validate() != nil { // a digest may be that of the artifact
		if err := checkTag(tag); err != nil {
			return "", err
		}
	}
	root, err := src.Resolve(ctx, reference)
	if err == nil {
		err = checkPin(reference, root)
	}
	if wanted := digest.Digest(tag); err == nil && wanted.Validate() == nil && wanted != root.Digest {
		err = fmt.Errorf("%w: %s can't be the tag of %s; give a tag that is no digest", ErrInvalidReference, tag, root.Digest)
	}
	if err == nil {
		err = transfer(ctx, src, root, dst, tag, opts)
	}
	if err != nil {
		return "", fmt.Errorf("pull %s: %w", ref, explainCopy(err, src, oras.CopyErrorOriginSource))
	}
	return root.Digest, nil
}

// explain adds the next step to errors of a registry that a person can mend.
// Errors of other stores stay as they are.
func explain(err error, store any) error {
	repository, ok := store.(*remote.Repository)
	if !ok {
		return err
	}
	host := repository.Reference.Registry
	var response *errcode.ErrorResponse
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, auth.ErrBasicCredentialNotFound), errors.As(err, &response) && response.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%w; log in to %s with docker login or podman login", err, host)
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return fmt.Errorf("%w; if you trust %s, name the file of its authority's certificate in SSL_CERT_FILE or add that to the system's trust store; a program may use WithHTTPClient", err, host)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return fmt.Errorf("%w; %s speaks HTTP without TLS: ask for plain HTTP (--plain-http, WithPlainHTTP) if you trust the way there", err, host)
	case errors.As(err, &response) && response.StatusCode == http.StatusBadRequest && response.URL != nil && response.URL.Scheme == "http":
		return fmt.Errorf("%w; it was asked without TLS: if %s wants TLS, turn plain HTTP off", err, host)
	case errors.Is(err, errdef.ErrNotFound):
		return fmt.Errorf("%w; check the name and the tag", err)
	case errors.As(err, new(*net.OpError)) && !errors.As(err, &response):
		return fmt.Errorf("%w; no registry answers at %s: check the host and the port, and whether it runs", err, host)
	}
	return err
}

// explainCopy is explain for an error of a copy between a registry, which is on
// that side of it, and another store, whose errors are none of the registry's.
func explainCopy(err error, registry *remote.Repository, side oras.CopyErrorOrigin) error {
	var cerr *oras.CopyError
	if errors.As(err, &cerr) && cerr.Origin != side {
		return err
	}
	return explain(err, registry)
}

// PushDir packs the directory skillDir straight into the repository that ref
// names and tags it as ref says, which takes the place of opts.Tag. Errors are
// those of [Packager.Package] and [Registry.Push], and an [*InvalidError] that
// wraps [ErrSecret] for what looks like a private key or an access token at the
// beginning of a text file, unless opts.Allow lists the rule "secret". Nothing
// is sent then.
func (r *Registry) PushDir(ctx context.Context, skillDir, ref string, opts PackageOptions) (*PackageResult, error) {
	dst, tag, err := r.tagged(ref)
	if err != nil {
		return nil, err
	}
	opts.Tag = tag
	packager := NewPackager(dst)
	packager.refuse = refusedByPush
	result, err := packager.Package(ctx, skillDir, opts)
	if err != nil {
		return nil, fmt.Errorf("push %s to %s: %w", skillDir, ref, explain(err, dst))
	}
	return result, nil
}

// tagged is Repository for a reference that must have a tag.
func (r *Registry) tagged(ref string) (*remote.Repository, string, error) {
	repository, tag, err := r.Repository(ref)
	if err == nil && strings.Contains(tag, ":") {
		err = fmt.Errorf("%w %q: a digest follows from the content and can't be chosen; give a tag", ErrInvalidReference, ref)
	}
	return repository, tag, err
}
