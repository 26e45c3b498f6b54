// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"context"

	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/skills/internal/remote"
)

// CredentialFunc returns the credential for a repository. The host is as a
// reference has it, with its port: "docker.io", "localhost:5000". The
// repository is what follows it, without tag and digest. A zero Credential
// stands for none: the request then goes out without one.
//
// It is called when a registry asks for a credential, not before, and may be
// called by many goroutines.
type CredentialFunc func(ctx context.Context, host, repository string) (auth.Credential, error)

// DefaultCredentials returns the lookup that a [Registry] has if no option sets
// another. Give [WithCredentials] a function that calls it to add to it.
//
// It reads Docker's config.json (in DOCKER_CONFIG or ~/.docker) and then the auth.json
// files of Podman: REGISTRY_AUTH_FILE if set, else those in XDG_RUNTIME_DIR (on Linux
// /run/containers/UID if that is unset) and in XDG_CONFIG_HOME or ~/.config. The login
// for the longest prefix of the repository wins, then the login for the host; the first
// file wins where two have the same. Helpers that a file names (credHelpers, credsStore)
// are asked for a host only, before the logins in that file.
//
// The environment is read now, the files at each lookup. A file that can't be
// read and a helper that is not installed or fails are passed over; the error
// of a registry that then refuses the request names them. The only error is
// that of ctx.
func DefaultCredentials() CredentialFunc {
	return remote.DefaultLogins()
}
