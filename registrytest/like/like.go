// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

// Package like has options that make a registry of package registrytest behave like one
// that people meet. They are a beginning, to be changed:
//
//	opts := like.DockerHub()
//	opts.Auth.Users = map[string]string{"ann": "secret"}
//	srv := registrytest.New(t, opts)
//
// Each line of them cites where the behaviour is written down; [SOURCES.md] has these
// and what else is known. What differs:
//
//	                     Distribution2   DockerHub       GHCR            ECR
//	referrers API        no              yes             no              yes
//	page of tags         all, n ignored  all             100             100, absolute Link
//	POST with the blob   202             as specified    as specified    as specified
//	mount                201             201             201             202
//	DELETE by digest     405             202             405             202
//	DELETE of a tag      405             405             405             202
//	GET of a blob        200             307, elsewhere  307, elsewhere  307, elsewhere
//	digest of a GET      yes             yes             yes             not of manifests
//	Accept must list it  yes             no              yes             no
//	upload Location      with a state    as specified    as specified    as specified
//	too many requests    never           100 in 6 h      never           never
//	login                none            bearer          bearer          basic
//	a new repository     is made         is made         is made         404
//
// "As specified" also stands where nothing is written down.
//
// [SOURCES.md]: https://github.com/skillcask/skillcask/blob/main/registrytest/like/SOURCES.md
package like

import (
	"net/http"
	"time"

	"github.com/skillcask/skillcask/registrytest"
)

// Distribution2 is distribution/distribution 2.8 with a file system for storage and its
// default configuration: no login, nothing can be deleted.
//
// It lacks the conversion of Docker's manifests for clients that do not list them, which
// get 404 here, and takes heed of Content-Range, which 2.8 ignores.
func Distribution2() registrytest.Options {
	return registrytest.Options{
		NoReferrers:  true, // dist@v2.8.3:registry/api/v2/routes.go has no such route
		IgnoreN:      true, // registry/handlers/tags.go:35-61 reads no query
		NoSinglePost: true, // registry/handlers/blobupload.go:107-144 reads from and mount only
		NoDelete:     true, // docs/configuration.md:455, storage.delete.enabled
		NoTagDelete:  true, // registry/handlers/manifests.go:497-503
		StrictAccept: true, // registry/handlers/manifests.go:168-175
		Strict:       true, // registry/handlers/manifests.go:306-312,356-380
		UploadState:  true, // registry/handlers/blobupload.go:44-100
		OnError: func(op registrytest.Operation, e *registrytest.ErrorAnswer) {
			switch {
			case op == registrytest.OpReferrersList: // the router's own answer
				e.Body = []byte("404 page not found\n")
				e.Header.Set("Content-Type", "text/plain; charset=utf-8")
			case e.Code == registrytest.ErrBlobUploadInvalid && e.Status == http.StatusBadRequest:
				e.Status = http.StatusNotFound // registry/api/v2/errors.go:10-143
			case e.Status == http.StatusRequestEntityTooLarge:
				e.Status = http.StatusBadRequest // registry/handlers/manifests.go:300-304
			}
		},
	}
}

// DockerHub is Docker Hub as an anonymous user meets it, who may pull 100 manifests in
// six hours, and any user of Auth.Users, for whom the same limit counts here.
//
// It lacks the other host of the token endpoint, for which there is
// [registrytest.Auth.TokenServer], and answers 404 for a repository that is not there:
// Docker Hub says 401.
func DockerHub() registrytest.Options {
	return registrytest.Options{
		NoTagDelete:   true, // Registry API, DeleteImageManifest: by tag 405
		RedirectBlobs: true, // distribution-spec issue 299
		RateLimit: &registrytest.RateLimit{ // docs.docker.com/docker-hub/usage/pulls
			Requests: 100, Window: 6 * time.Hour,
			Operations: []registrytest.Operation{registrytest.OpManifestGet},
		},
		Auth: &registrytest.Auth{
			Bearer: true, AnonymousPull: true, // docs.docker.com/reference/api/registry/auth
			Service: "registry.docker.io", // distribution issue 4354
		},
		OnError: func(_ registrytest.Operation, e *registrytest.ErrorAnswer) {
			if e.Code == registrytest.ErrTooManyRequests { // docs.docker.com/docker-hub/usage/pulls
				e.Message = "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limits"
			}
		},
	}
}

// GHCR is GitHub's container registry with packages that all may read.
//
// It lacks the limit of 4 MiB on chunks and the order of tags by age.
func GHCR() registrytest.Options {
	return registrytest.Options{
		NoReferrers:   true, // GitHub community discussion 208530
		PageSize:      100,  // smg-project/smg pull request 2348
		NoDelete:      true, // skopeo issue 1880
		NoTagDelete:   true, // the same
		RedirectBlobs: true, // scarf-sh/gateway issue 35
		StrictAccept:  true, // seantis/roots pull request 4
		Auth: &registrytest.Auth{
			Bearer: true, AnonymousPull: true,
			Service:     "ghcr.io",         // cosign issue 3434
			TokenFields: []string{"token"}, // toddysm.com/2024/02/12: no expires_in
		},
		OnError: func(_ registrytest.Operation, e *registrytest.ErrorAnswer) {
			switch e.Code {
			case registrytest.ErrUnsupported: // skopeo issue 1880
				e.Message = "The operation is unsupported."
			case registrytest.ErrUnauthorized: // cosign issue 3434
				e.Message = "authentication required"
			}
		},
	}
}

// ECR is a private registry of Amazon's with its default settings: Auth.Users should have
// the user AWS, and a repository must be made before a push.
//
// It lacks tags in no order, pages after a token that is no tag, and the 201 for a chunk.
func ECR() registrytest.Options {
	return registrytest.Options{
		PageSize:      100,                                                  // docker-archive/migrator issue 96
		AbsoluteLinks: true,                                                 // docker_registry2 issue 34
		NoMount:       true,                                                 // ECR user guide, blob mounting: off by default
		NoDigest:      []registrytest.Operation{registrytest.OpManifestGet}, // containers-roadmap issue 1931
		RedirectBlobs: true,                                                 // kube-image-keeper issue 142
		MustExist:     true,                                                 // regclient issue 869
		Auth:          &registrytest.Auth{},                                 // ECR user guide, registry authentication: basic
		OnError: func(_ registrytest.Operation, e *registrytest.ErrorAnswer) {
			if e.Code == registrytest.ErrTooManyRequests { // ECR user guide, common errors
				e.Message = "Rate exceeded"
			}
		},
	}
}
