// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
)

// DefaultLogins returns a lookup in the files of Docker and Podman on this machine,
// as package skills describes it.
func DefaultLogins() func(ctx context.Context, host, repository string) (auth.Credential, error) {
	return newLoginSources(os.Getenv).find
}

// login is what a lookup has found, for the message if it does not do.
type login struct {
	credential auth.Credential
	source     string   // where the credential is from; "" if that is not known
	places     []string // what was looked into
	faults     []error  // what could not be
	err        error    // of the lookup
}

// loginKey is the key of a *login in the context of a lookup, to be filled.
// In that way it gets through the functions of others that wrap the default.
type loginKey struct{}

// loginSources are the files that have the logins of a person on this machine,
// those that come first before the others.
type loginSources []string

// newLoginSources knows where Docker and Podman keep theirs.
func newLoginSources(getenv func(string) string) loginSources {
	home := getenv("HOME")
	if runtime.GOOS == "windows" {
		home = getenv("USERPROFILE")
	}
	var files loginSources
	if dir := getenv("DOCKER_CONFIG"); dir != "" {
		files = append(files, filepath.Join(dir, "config.json"))
	} else if home != "" { // who has none has not logged in
		files = append(files, filepath.Join(home, ".docker", "config.json"))
	}
	if file := getenv("REGISTRY_AUTH_FILE"); file != "" {
		return append(files, file)
	}
	if dir := getenv("XDG_RUNTIME_DIR"); dir != "" {
		files = append(files, filepath.Join(dir, "containers", "auth.json"))
	} else if runtime.GOOS == "linux" {
		files = append(files, filepath.Join("/run/containers", strconv.Itoa(os.Getuid()), "auth.json"))
	}
	if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
		files = append(files, filepath.Join(dir, "containers", "auth.json"))
	} else if home != "" {
		files = append(files, filepath.Join(home, ".config", "containers", "auth.json"))
	}
	return files
}

// find is a [CredentialFunc].
func (s loginSources) find(ctx context.Context, host, repository string) (auth.Credential, error) {
	found, ok := ctx.Value(loginKey{}).(*login)
	if !ok {
		found = new(login)
	}
	*found = login{places: s}
	var files []*loginFile
	for _, name := range s {
		file, err := readLoginFile(name)
		if err != nil {
			found.faults = append(found.faults, err)
		} else if file != nil {
			files = append(files, file)
		}
	}
	host = loginHost(host)
	for key := path.Join(host, repository); ; key = path.Dir(key) {
		for _, file := range files {
			if file.find(ctx, host, key, found) {
				return found.credential, nil
			}
			if err := ctx.Err(); err != nil {
				return auth.EmptyCredential, err
			}
		}
		if key == host || key == "." || key == "/" {
			return auth.EmptyCredential, nil
		}
	}
}

// find reports whether the file has a credential for the key, which is host or
// begins with it, and puts it or what is wrong with it into found.
func (f *loginFile) find(ctx context.Context, host, key string, found *login) bool {
	lookups := []func() (auth.Credential, string, error){func() (auth.Credential, string, error) { return f.lookUp(key) }}
	if key == host { // a helper knows no repositories
		lookups = slices.Insert(lookups, 0, func() (auth.Credential, string, error) { return f.ask(ctx, host) })
	}
	for _, lookup := range lookups {
		credential, source, err := lookup()
		if err != nil {
			found.faults = append(found.faults, err)
		} else if credential != auth.EmptyCredential {
			found.credential, found.source = credential, source
			return true
		}
	}
	return false
}

// ask asks the helper that the file names for host, if there is one.
func (f *loginFile) ask(ctx context.Context, host string) (auth.Credential, string, error) {
	helper, ok := f.helpers[host]
	if !ok {
		helper = f.helper
	}
	if helper == "" {
		return auth.EmptyCredential, "", nil
	}
	source := fmt.Sprintf("the helper docker-credential-%s of %s", helper, f.name)
	if strings.ContainsAny(helper, `/\`) {
		return auth.EmptyCredential, "", fmt.Errorf("%s: a helper's name has no slashes", source)
	}
	// Docker Hub goes by an old name there.
	credential, err := credentials.NewNativeStore(helper).Get(ctx, credentials.ServerAddressFromHostname(host))
	if err != nil {
		err = fmt.Errorf("%s: %w", source, err)
	}
	return credential, source, err
}

// loginHost writes a host in the one way in which keys are compared: Docker's
// registry has several names.
func loginHost(host string) string {
	if host == "docker.io" || host == "index.docker.io" {
		return "registry-1.docker.io"
	}
	return host
}
