// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest

import (
	"context"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/skillcask/skillcask/registrytest/internal/chunks"
	"github.com/skillcask/skillcask/registrytest/internal/manifest"
	"github.com/skillcask/skillcask/registrytest/internal/sessions"
)

// Store holds the content of a registry. [NewMemory] and Open of package layout make
// one. To count, refuse, delay or watch single operations, embed a Store in a struct
// that has these methods of its own, and set [Options.Store] to that.
//
// It is sealed: embedding is the one way to implement it in another package, since it
// may get more methods as the specification does, and a wrapper that embeds it goes on
// to work.
//
// Each repository has content of its own. A manifest is content with a media type:
// it can be read as a blob too, and is deleted as a manifest only. Names, tags and
// digests arrive valid: the handler has checked their grammar. All methods may be
// called at the same time. The errors named at each method are matched with
// [errors.Is]; any other error is answered with status 500.
type Store interface {
	sessions.Clocked // is internal

	// OpenBlob opens content, blob or manifest, for reading and returns its size in
	// bytes.
	// Errors: [ErrBlobUnknown].
	OpenBlob(ctx context.Context, repo string, dgst digest.Digest) (io.ReadSeekCloser, int64, error)

	// MountBlob makes a blob of the repository from part of repo. An empty from
	// stands for any repository that has it.
	// Errors: [ErrBlobUnknown] where from does not have it.
	MountBlob(ctx context.Context, repo, from string, dgst digest.Digest) error

	// DeleteBlob removes a blob from repo.
	// Errors: [ErrBlobUnknown]; [ErrUnsupported] if it is a manifest.
	DeleteBlob(ctx context.Context, repo string, dgst digest.Digest) error

	// StartUpload begins an upload session and returns its ID, a UUID. The
	// algorithm is the one that the digest is expected to have; CommitUpload
	// takes others as well, at the price of a second reading.
	StartUpload(ctx context.Context, repo string, algorithm digest.Algorithm) (id string, err error)

	// AppendUpload adds all of r to the session and returns the session's size. An
	// offset below 0 means its end. The bytes that came before r failed stay, so
	// that the client can resume, unless r failed with [ErrSizeInvalid]: then none of
	// them does. It waits for an AppendUpload to the same session
	// that is under way.
	// Errors: [ErrBlobUploadUnknown]; [ErrBlobUploadInvalid] if offset is not the
	// session's size, with nothing read; r's own.
	AppendUpload(ctx context.Context, repo, id string, offset int64, r io.Reader) (size int64, err error)

	// UploadSize returns how many bytes a session has received. It does not wait for
	// an AppendUpload that is under way.
	// Errors: [ErrBlobUploadUnknown].
	UploadSize(ctx context.Context, repo, id string) (int64, error)

	// CommitUpload ends a session and makes its content a blob of repo. Once it has
	// returned nil the blob stays, even if the process is killed, as far as the
	// store outlives it.
	// Errors: [ErrBlobUploadUnknown]; [ErrDigestInvalid] if the content has
	// another digest, which ends the session too.
	CommitUpload(ctx context.Context, repo, id string, dgst digest.Digest) error

	// CancelUpload ends a session and discards its content. An AppendUpload that is
	// under way fails with its next bytes.
	// Errors: [ErrBlobUploadUnknown].
	CancelUpload(ctx context.Context, repo, id string) error

	// GetManifest returns a manifest.
	// Errors: [ErrManifestUnknown].
	GetManifest(ctx context.Context, repo string, dgst digest.Digest) (Manifest, error)

	// PutManifest stores a manifest and points the tags at it, all or nothing.
	// Errors: [ErrDigestInvalid] if the digest is not that of the bytes.
	PutManifest(ctx context.Context, repo string, m Manifest, tags ...string) error

	// DeleteManifest removes a manifest and all tags that point at it.
	// Errors: [ErrManifestUnknown].
	DeleteManifest(ctx context.Context, repo string, dgst digest.Digest) error

	// ResolveTag returns the digest of the manifest that a tag points at.
	// Errors: [ErrManifestUnknown].
	ResolveTag(ctx context.Context, repo, tag string) (digest.Digest, error)

	// DeleteTag removes a tag and leaves the manifest.
	// Errors: [ErrManifestUnknown].
	DeleteTag(ctx context.Context, repo, tag string) error

	// ListTags returns all tags of repo in the order of their bytes. The handler puts
	// them into that of the specification.
	// Errors: [ErrNameUnknown] if repo never held anything.
	ListTags(ctx context.Context, repo string) ([]string, error)

	// ListReferrers returns the manifests of repo whose subject is the digest,
	// in the order of their digests, with artifactType and annotations set as
	// the specification's "Listing Referrers" says. None is no error.
	ListReferrers(ctx context.Context, repo string, subject digest.Digest) ([]ocispec.Descriptor, error)

	// ListRepositories returns the names of all repositories, sorted.
	ListRepositories(ctx context.Context) ([]string, error)

	// ListContent returns everything in repo, in the order of the digests. The
	// descriptor of a manifest has its media type, that of a blob has
	// application/octet-stream.
	// Errors: [ErrNameUnknown].
	ListContent(ctx context.Context, repo string) ([]ocispec.Descriptor, error)

	// Close gives back what the store has of the system: the files of a layout, whose
	// unfinished uploads it removes, and none of whose methods works afterwards. One
	// in memory has nothing, and goes on. Who opened a store closes it, when no server
	// uses it any more. A second call does nothing.
	Close() error
}

// Manifest is a manifest as it was pushed.
type Manifest struct {
	MediaType string        // the Content-Type that it was pushed with
	Digest    digest.Digest // of Content
	Content   []byte        // must not be changed

	view     *manifest.View // Content parsed, if it already was
	verified bool           // the handler has computed the digest
}

// verify returns [ErrDigestInvalid] unless the digest is that of the content.
func (m Manifest) verify() error {
	if !m.verified && chunks.Sum(m.Digest.Algorithm(), m.Content) != m.Digest {
		return errorf(ErrDigestInvalid, "the manifest is not %s", m.Digest)
	}
	return nil
}

func (m Manifest) descriptor() ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: m.MediaType, Digest: m.Digest, Size: int64(len(m.Content))}
}
