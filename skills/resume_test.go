// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package skills_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skillcask/skillcask/registrytest"
	"github.com/skillcask/skillcask/skills"
)

// TestDownloadsGoOn breaks the connection in the midst of each part, once and more often.
// The rest of a blob is asked for, where the registry takes that for what it is.
func TestDownloadsGoOn(t *testing.T) {
	t.Parallel()
	// Of more platforms one would be read, which depends on this machine.
	oneOf := skills.PackageOptions{Platforms: platforms("linux/amd64")}
	for name, c := range map[string]struct {
		ignoreRange bool
		fault       registrytest.Fault
	}{
		"once":                      {fault: registrytest.Fault{Effect: registrytest.DropBody, At: 20, Count: 1}},
		"again and again":           {fault: registrytest.Fault{Effect: registrytest.DropBody, At: 20, Count: 3}},
		"no answer":                 {fault: registrytest.Fault{Effect: registrytest.DropResponse, Count: 1}},
		"a registry without ranges": {ignoreRange: true, fault: registrytest.Fault{Effect: registrytest.DropBody, At: 20, Count: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for part := range newFailing(t).parts() {
				if part == "index" && c.fault.Effect == registrytest.DropResponse {
					continue // it is resolved with it, which is not tried again
				}
				srv := registrytest.New(t, registrytest.Options{IgnoreRange: c.ignoreRange})
				registry := newRegistry(t, srv)
				dir, ref := tree(t, smallSkill()), srv.Host()+"/a/demo:1"
				packed, err := registry.PushDir(context.Background(), dir, ref, oneOf)
				require.NoError(t, err)
				f := &failing{Server: srv, packed: packed}
				fault := c.fault
				fault.Match = f.fetching(part)
				srv.ResetRequests()
				srv.Inject(fault)
				repository, tag, err := registry.Repository(ref)
				require.NoError(t, err)
				dest := filepath.Join(t.TempDir(), "out")
				_, err = skills.Unpack(context.Background(), repository, tag, dest, skills.UnpackOptions{})
				require.NoError(t, err, part)
				_, again := packDir(t, dest, oneOf)
				require.Equal(t, packed.IndexDigest, again.IndexDigest)
				var ranges []string
				for _, r := range srv.Requests() {
					if r.Method == http.MethodGet && r.Header.Get("Range") != "" {
						ranges = append(ranges, r.Header.Get("Range"))
					}
				}
				if part == "layer" && c.fault.Effect == registrytest.DropBody {
					require.Contains(t, ranges[0], "bytes=20-", part)
				}
			}
		})
	}
}
