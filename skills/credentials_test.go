// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2/content/memory"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// TestNamespacesOfOneHost has two users, each of whom may use one namespace,
// and a third for the rest of the host. One client serves all, at the same time
// and in turn; none must get another's token.
func TestNamespacesOfOneHost(t *testing.T) {
	for _, bearer := range []bool{false, true} {
		t.Run(fmt.Sprintf("bearer=%t", bearer), func(t *testing.T) {
			srv := registrytest.New(t, registrytest.Options{CheckStore: true, Auth: &registrytest.Auth{
				Users:  map[string]string{"ann": "a", "bob": "b", "eve": "e"},
				Bearer: bearer,
				Allow: func(user, repository, _ string) bool {
					owner, _, _ := strings.Cut(repository, "/")
					return owner == user
				},
			}})
			entry := func(key, user, password string) string {
				return fmt.Sprintf(`%q:{"auth":%q}`, key, base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
			}
			file := filepath.Join(t.TempDir(), "auth.json")
			require.NoError(t, os.WriteFile(file, []byte(`{"auths":{`+strings.Join([]string{
				entry(srv.Host()+"/ann", "ann", "a"),
				entry(srv.Host()+"/bob/demo", "bob", "b"),
				entry(srv.Host(), "eve", "e"),
			}, ",")+`}}`), 0o600))
			t.Setenv("REGISTRY_AUTH_FILE", file)
			t.Setenv("DOCKER_CONFIG", t.TempDir())
			registry, err := skills.NewRegistry(skills.WithHTTPClient(srv.Client()))
			require.NoError(t, err)

			ctx := context.Background()
			dir := tree(t, smallSkill())
			push := func(repository string) error {
				_, err := registry.PushDir(ctx, dir, srv.Host()+"/"+repository+":1.0", skills.PackageOptions{})
				return err
			}
			repositories := []string{"ann/demo", "bob/demo", "eve/demo", "ann/other/demo"}
			var wg sync.WaitGroup
			errs := make([]error, len(repositories))
			for i, repository := range repositories {
				wg.Go(func() { errs[i] = push(repository) })
			}
			wg.Wait()
			for i, err := range errs {
				require.NoError(t, err, repositories[i])
			}
			for range 2 {
				for _, repository := range repositories {
					_, err := registry.Pull(ctx, memory.New(), srv.Host()+"/"+repository+":1.0", skills.TransferOptions{})
					require.NoError(t, err, repository)
				}
			}
			require.Error(t, push("bob/other"), "bob's login is for one repository, and eve may not")
			require.Error(t, push("carol/demo"))
		})
	}
}
