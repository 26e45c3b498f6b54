// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"
	orasremote "oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/skillcask/skillcask/skills/internal/oci"
	"github.com/skillcask/skillcask/skills/internal/remote"
)

// RegistryClient moves skills between stores and registries. [Registry] is one. The
// interface is complete: it will have no more methods than these.
type RegistryClient interface {
	// Push copies an artifact to a registry; see [Registry.Push].
	Push(ctx context.Context, src oras.ReadOnlyTarget, artifact digest.Digest, ref string, opts TransferOptions) error
	// Pull copies an artifact from a registry; see [Registry.Pull].
	Pull(ctx context.Context, dst oras.Target, ref string, opts TransferOptions) (digest.Digest, error)
}

// TransferOptions say how to push or pull. The zero value is the usual case.
type TransferOptions struct {
	// Tag is the tag that a pulled artifact gets in its store, as of [PackageOptions]. It
	// may be the artifact's digest, but not another. Default: the full reference. Push
	// does not look at it.
	Tag string

	// Limits bound the skill that is pulled or pushed.
	Limits

	// Progress, if not nil, is called with the bytes copied and the bytes known
	// to be copied in all, which grow as manifests are read. What is there
	// already counts as copied, what has to be sent again does not count twice.
	// Calls do not overlap.
	Progress func(done, total int64)
}

// Registry pushes skills to registries and pulls them. It may be used by many
// goroutines.
type Registry struct {
	clients   remote.Clients
	plainHTTP *bool // nil: for loopback addresses
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

// WithCredentials sets where passwords and tokens come from. Default:
// [DefaultCredentials].
func WithCredentials(lookup CredentialFunc) RegistryOption {
	return func(r *Registry) { r.clients.Credentials = lookup }
}

// WithCredentialStore is [WithCredentials] with a store of oras-go, which knows
// hosts only: whatever the repository, it gives the credential of its host. To
// keep the logins for repositories, wrap [DefaultCredentials] instead.
func WithCredentialStore(store credentials.Store) RegistryOption {
	if store == nil {
		return WithCredentials(nil)
	}
	return WithCredentials(func(ctx context.Context, host, _ string) (auth.Credential, error) {
		return credentials.Credential(store)(ctx, registry.Reference{Registry: host}.Host())
	})
}

// WithStallTimeout sets how long a request may wait for the network to take or
// to bring a byte, an answer included, before it fails with [ErrInterrupted], or
// with [ErrUnavailable] while there is no connection yet. The time that a reader
// or writer of the content takes does not count. Default, and for 0: 60 seconds.
// Below 0: for ever.
func WithStallTimeout(d time.Duration) RegistryOption {
	return func(r *Registry) { r.clients.StallTimeout = d }
}

// WithHTTPClient sets the client below authentication and retries, such as one
// that trusts a certificate of one's own. Default: one with the standard
// library's default transport.
func WithHTTPClient(client *http.Client) RegistryOption {
	return func(r *Registry) { r.clients.HTTP = client }
}

// NewRegistry returns a client. The error is for options that may come; today
// there is none.
func NewRegistry(opts ...RegistryOption) (*Registry, error) {
	r := &Registry{}
	for _, opt := range opts {
		opt(r)
	}
	if r.clients.Credentials == nil {
		r.clients.Credentials = DefaultCredentials()
	}
	return r, nil
}

// Repository returns the repository that ref names, for use as a store, and
// the tag or digest in ref. The error of a ref that can't be parsed or has
// neither wraps [ErrInvalidReference].
//
// Errors of the store wrap [ErrUnavailable], [ErrUnauthorized] and
// [ErrInterrupted] as those of [Registry.Pull] do, and [errdef.ErrNotFound]. It
// compares no content with its digest. Other answers of the registry are an
// [errcode.ErrorResponse].
func (r *Registry) Repository(ref string) (*orasremote.Repository, string, error) {
	return r.repository(ref, "tag or digest")
}

// malformed says why ref was not parsed, and what would be right.
func malformed(ref string, err error) string {
	host, path, _ := strings.Cut(ref, "/")
	name, sum, isDigest := strings.Cut(path, "@")
	if isDigest && digest.Digest(sum).Validate() != nil {
		return fmt.Sprintf("%q is no digest; want sha256: and 64 hexadecimal digits", sum)
	}
	name, _, _ = strings.Cut(name, ":")
	lower := host + "/" + strings.ToLower(name)
	if _, err := registry.ParseReference(lower); err == nil && lower != host+"/"+name {
		return "the name of a repository has no capital letters; write " + lower
	}
	reason := strings.TrimPrefix(err.Error(), errdef.ErrInvalidReference.Error()+": ")
	return reason + "; want HOST[:PORT]/REPOSITORY:TAG or …@DIGEST"
}

// repository is Repository for a reference that must have a tag, or a tag or digest.
func (r *Registry) repository(ref, wanted string) (*orasremote.Repository, string, error) {
	parsed, err := registry.ParseReference(ref)
	if err != nil {
		if _, rest, ok := strings.Cut(ref, "://"); ok {
			return nil, "", fmt.Errorf("%w %q: it is a URL; write %s", ErrInvalidReference, ref, rest)
		}
		err = remote.WithText(err, fmt.Sprintf("%q: %s", ref, malformed(ref, err)))
		return nil, "", fmt.Errorf("%w %w", ErrInvalidReference, err)
	}
	if parsed.Reference == "" {
		return nil, "", fmt.Errorf("%w %q: it has no %s; add one, such as %s:1.0.0", ErrInvalidReference, ref, wanted, ref)
	}
	repository := &orasremote.Repository{
		Reference: registry.Reference{Registry: parsed.Registry, Repository: parsed.Repository},
		PlainHTTP: remote.IsLoopback(parsed.Registry),
		Client:    r.clients.ForRepository(parsed),
		// Metadata beyond the limit is refused by readers too.
		MaxMetadataBytes: oci.MaxMetadataBytes,
		SkipReferrersGC:  true,
	}
	if r.plainHTTP != nil {
		repository.PlainHTTP = *r.plainHTTP
	}
	return repository, parsed.Reference, nil
}

// Push copies the artifact with that digest, and all that it refers to, from
// src to the registry, and tags it as ref says. Content that the registry has
// is not sent again, and the tag is set last. src is any target of oras-go that
// resolves the digest.
//
// The skill is checked as by [Inspect], before anything is sent unless src is a registry,
// and nothing that fails is tagged. If src is a registry and the other one has the layer
// already, the layer is not read. It does not read the files: packing has warned of
// secrets in them.
//
// Besides those of src and of ctx, errors wrap:
//
//   - [ErrInvalidReference] for a ref without a tag;
//   - [ErrNotSkill] for another artifact, and [ErrTooManyFiles] and [ErrSkillTooLarge]
//     for one beyond the limits;
//   - [ErrCorrupt] for content of src that does not match its digest or size, or
//     contradicts itself, and [ErrInvalidSkillFile] for what can't be in a skill;
//   - [ErrUnavailable] if the registry can't be reached or answers 429 or 5xx,
//     with [ErrWantsTLS] or [ErrWantsPlainHTTP] if it was asked in the wrong way;
//   - [ErrUnauthorized] if it answers 401 or 403. The message says whose login
//     was used and where it was found, or where one was looked for;
//   - [ErrInterrupted] if the connection breaks or stalls: try again;
//   - [errcode.ErrorResponse] for any other answer.
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
		return fmt.Errorf("push %s to %s: the store to push from: %w", artifact, ref, remote.Explain(err, artifact.String()))
	}
	if err := transfer(ctx, src, root, dst, tag, opts); err != nil {
		return fmt.Errorf("push %s to %s: %w", artifact, ref, remote.Explain(err, artifact.String(), ref))
	}
	return nil
}

// Pull copies the artifact that ref names, and all that it refers to, from the
// registry to dst, and tags it there. Nothing is tagged unless all of it has
// arrived and matches its digests. It returns the digest of the index or, for
// an artifact without one, of the manifest.
//
// The skill is checked as by [Inspect]: index, manifests and configurations before the
// layer is fetched, the layer as it arrives. Content that dst has is not fetched; such a
// layer is read from dst, or not at all if dst is a registry.
//
// Errors are as of [Registry.Push], with dst in the place of src, [ErrCorrupt] for
// content that arrived complete and does not match its digest or size, and
// [errdef.ErrNotFound] for what the registry does not have.
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
	if err != nil {
		return "", fmt.Errorf("pull %w", remote.ExplainResolve(err, src, ref))
	}
	err = checkPin(reference, root)
	if wanted := digest.Digest(tag); err == nil && wanted.Validate() == nil && wanted != root.Digest {
		err = fmt.Errorf("%w: %s can't be the tag of %s; give a tag that is no digest", ErrInvalidReference, tag, root.Digest)
	}
	if err == nil {
		err = transfer(ctx, src, root, dst, tag, opts)
	}
	if err != nil {
		return "", fmt.Errorf("pull %s: %w", ref, remote.Explain(err, ref))
	}
	return root.Digest, nil
}

// PushDir packs the directory skillDir straight into the repository that ref names and
// tags it as ref says, which takes the place of opts.Tag. The artifact stays in memory or
// a temporary file until it is sent.
//
// opts.Progress is called as the artifact is sent, not as files are read: with the bytes
// of its layer, configurations, manifests and index that the network took, and those of
// all. Content that the registry has counts as sent; content sent again does not count
// twice. Calls do not overlap.
//
// Errors are those of [Packager.Package] and [Registry.Push], and an
// [*skilldir.InvalidError] that wraps [skilldir.ErrSecret] for what looks like a
// private key or an access token at the beginning of a text file, unless opts.Allow
// lists the rule "secret". Nothing is sent then.
func (r *Registry) PushDir(ctx context.Context, skillDir, ref string, opts PackageOptions) (*PackageResult, error) {
	repository, tag, err := r.tagged(ref)
	if err != nil {
		return nil, err
	}
	dst := sendingStore{repository, newTransferProgress(opts.Progress)}
	opts.Tag, opts.Progress = tag, nil
	packager := NewPackager(dst)
	packager.refuse = refusedByPush
	result, err := packager.Package(ctx, skillDir, opts)
	if err != nil {
		return nil, fmt.Errorf("push %s to %s: %w", skillDir, ref, remote.Explain(err, ref))
	}
	return result, nil
}

// tagged is Repository for a reference that must have a tag.
func (r *Registry) tagged(ref string) (*orasremote.Repository, string, error) {
	repository, tag, err := r.repository(ref, "tag")
	if err == nil && strings.Contains(tag, ":") {
		err = fmt.Errorf("%w %q: a digest cannot be a tag; name a tag", ErrInvalidReference, ref)
	}
	return repository, tag, err
}
