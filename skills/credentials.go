// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"oras.land/oras-go/v2/registry/remote/credentials"
)

// defaultCredentials looks into Docker's configuration and its helpers, then
// into Podman's auth.json (containers-auth.json(5)). Nothing is written.
func defaultCredentials(getenv func(string) string) (credentials.Store, error) {
	docker, err := dockerCredentials(getenv)
	if err != nil {
		return nil, fmt.Errorf("docker's configuration file: %w; mend it or set DOCKER_CONFIG", err)
	}
	var others []credentials.Store
	for _, path := range podmanAuthFiles(getenv) {
		if _, err := os.Stat(path); err != nil {
			continue
		}
		store, err := credentials.NewStore(path, credentials.StoreOptions{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w; mend it or set REGISTRY_AUTH_FILE", path, err)
		}
		others = append(others, store)
	}
	return credentials.NewStoreWithFallbacks(docker, others...), nil
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
