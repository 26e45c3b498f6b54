// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
)

// logins are the credentials that a person has on this machine. As a store
// they are those for whole registries; Podman has some for namespaces too.
type logins struct {
	credentials.Store
	podman []*podmanFile // in Podman's order
}

// defaultCredentials looks into Docker's configuration and its helpers, then
// into Podman's auth.json. Nothing is written.
func defaultCredentials(getenv func(string) string) (*logins, error) {
	docker, err := dockerCredentials(getenv)
	if err != nil {
		return nil, fmt.Errorf("docker's configuration file: %w; mend it or set DOCKER_CONFIG", err)
	}
	l := &logins{}
	var others []credentials.Store
	for _, name := range podmanAuthFiles(getenv) {
		if _, err := os.Stat(name); err != nil {
			continue
		}
		file, err := openPodmanFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w; mend it or set REGISTRY_AUTH_FILE", name, err)
		}
		l.podman = append(l.podman, file)
		others = append(others, file)
	}
	l.Store = credentials.NewStoreWithFallbacks(docker, others...)
	return l, nil
}

// namespaced returns the key and the credential for the repository, or for the
// longest namespace around it that has one. The key is "" if there is none: then
// those for the whole registry are meant. A key that says more comes before one
// that says less, whatever file it is in.
func (l *logins) namespaced(host, repository string) (string, auth.CredentialFunc) {
	for key := path.Join(host, repository); key != host && key != "."; key = path.Dir(key) {
		for _, file := range l.podman {
			credential, err := file.lookUp(key)
			if err == nil && credential == auth.EmptyCredential {
				continue
			}
			return key, func(_ context.Context, hostport string) (auth.Credential, error) {
				if hostport != host {
					return auth.EmptyCredential, nil
				}
				return credential, err
			}
		}
	}
	return "", nil
}

// podmanFile is an auth.json of Podman (containers-auth.json(5)). The store of
// oras-go knows no namespaces: it would take one's password for all of a host.
type podmanFile struct {
	*credentials.FileStore
	keys    map[string]string // as in the file, by how podmanKey writes them
	helpers map[string]string // for hosts, likewise
	helper  string            // for all other hosts
}

func openPodmanFile(name string) (*podmanFile, error) {
	store, err := credentials.NewFileStore(name)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var content struct {
		Auths       map[string]json.RawMessage
		CredHelpers map[string]string
		CredsStore  string
	}
	if len(bytes.TrimSpace(data)) > 0 { // it may have been made and not filled
		if err := json.Unmarshal(data, &content); err != nil {
			return nil, err
		}
	}
	f := &podmanFile{FileStore: store, keys: map[string]string{}, helpers: map[string]string{}, helper: content.CredsStore}
	for _, key := range slices.Sorted(maps.Keys(content.Auths)) {
		f.keys[podmanKey(key)] = key
	}
	for host, helper := range content.CredHelpers {
		f.helpers[podmanKey(host)] = helper
	}
	return f, nil
}

// Get returns the credential for a whole registry, which a helper may have.
func (f *podmanFile) Get(ctx context.Context, server string) (auth.Credential, error) {
	key := podmanKey(server)
	helper, ok := f.helpers[key]
	if !ok {
		helper = f.helper
	}
	if helper != "" {
		return credentials.NewNativeStore(helper).Get(ctx, server)
	}
	return f.lookUp(key)
}

// lookUp returns the credential that the file itself has for exactly that key.
func (f *podmanFile) lookUp(key string) (auth.Credential, error) {
	original, ok := f.keys[key]
	if !ok {
		return auth.EmptyCredential, nil
	}
	credential, err := f.FileStore.Get(context.Background(), original)
	if err != nil {
		err = fmt.Errorf("the login for %s in Podman's auth.json: %w; log in again", original, err)
	}
	return credential, err
}

// podmanKey writes a key in the one way in which a repository names its host:
// old keys are URLs, and Docker's registry has several names.
func podmanKey(key string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(key, "https://"), "http://")
	host, rest, ok := strings.Cut(name, "/")
	if host == "docker.io" || host == "index.docker.io" {
		host = "registry-1.docker.io"
	}
	if !ok || name != key {
		return host
	}
	return host + "/" + rest
}

// dockerCredentials returns those of Docker's configuration, or none where no
// place for one is known: who has no home has not logged in.
func dockerCredentials(getenv func(string) string) (credentials.Store, error) {
	if _, err := os.UserHomeDir(); err != nil && getenv("DOCKER_CONFIG") == "" {
		return credentials.NewMemoryStore(), nil
	}
	return credentials.NewStoreFromDocker(credentials.StoreOptions{})
}

// podmanAuthFiles returns the files that Podman looks into, in its order.
func podmanAuthFiles(getenv func(string) string) []string {
	if path := getenv("REGISTRY_AUTH_FILE"); path != "" {
		return []string{path}
	}
	var files []string
	if dir := getenv("XDG_RUNTIME_DIR"); dir != "" {
		files = append(files, filepath.Join(dir, "containers", "auth.json"))
	} else {
		files = append(files, filepath.Join("/run/containers", strconv.Itoa(os.Getuid()), "auth.json"))
	}
	if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
		files = append(files, filepath.Join(dir, "containers", "auth.json"))
	} else if home := getenv("HOME"); home != "" {
		files = append(files, filepath.Join(home, ".config", "containers", "auth.json"))
	}
	return files
}
