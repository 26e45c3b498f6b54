// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

package registrytest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"

	"github.com/skillcask/skillcask/registrytest"
)

// run runs a program of another project. Where it is missing the test is skipped,
// or fails with CI=true, as the integration tests do.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed; apt-get install %[1]s", program)
		}
		t.Skipf("%s is not installed", program)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	require.NoError(t, err, "%s %q: %s", program, args, out)
	return string(out)
}

// pushImage pushes an image whose one layer holds the file hello.
func pushImage(t *testing.T, dst oras.Target) {
	t.Helper()
	ctx := t.Context()
	var layer bytes.Buffer
	gz := gzip.NewWriter(&layer)
	tw := tar.NewWriter(gz)
	require.NoError(t, tw.WriteHeader(&tar.Header{Name: "hello", Mode: 0o644, Size: 5, Typeflag: tar.TypeReg}))
	_, err := tw.Write([]byte("world"))
	require.NoError(t, err)
	require.NoError(t, tw.Close())
	diffID := digest.FromBytes(gunzip(t, gz, &layer))

	config, err := json.Marshal(ocispec.Image{
		Platform: ocispec.Platform{OS: "linux", Architecture: "amd64"},
		RootFS:   ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{diffID}},
		History:  []ocispec.History{{CreatedBy: "registrytest"}},
	})
	require.NoError(t, err)
	configDesc, err := oras.PushBytes(ctx, dst, ocispec.MediaTypeImageConfig, config)
	require.NoError(t, err)
	layerDesc, err := oras.PushBytes(ctx, dst, ocispec.MediaTypeImageLayerGzip, layer.Bytes())
	require.NoError(t, err)
	manifest, err := json.Marshal(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: configDesc, Layers: []ocispec.Descriptor{layerDesc},
	})
	require.NoError(t, err)
	_, err = oras.TagBytes(ctx, dst, ocispec.MediaTypeImageManifest, manifest, "v1")
	require.NoError(t, err)
}

// gunzip closes gz and returns what it was given.
func gunzip(t *testing.T, gz *gzip.Writer, b *bytes.Buffer) []byte {
	t.Helper()
	require.NoError(t, gz.Close())
	r, err := gzip.NewReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	var plain bytes.Buffer
	_, err = plain.ReadFrom(r)
	require.NoError(t, err)
	return plain.Bytes()
}

// TestOtherClients lets programs that are no kin of ours push and pull.
func TestOtherClients(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]registrytest.Options{
		"open":       {Strict: true},
		"bearer-tls": {Strict: true, TLS: true, Auth: &registrytest.Auth{Users: users, Bearer: true}},
		"layout":     {Strict: true, Store: openLayout(t)},
	} {
		srv := registrytest.New(t, opts)
		pushImage(t, newRepo(t, srv, "demo/app", "user", "pass"))
		ref := srv.Host() + "/demo/app:v1"
		tls, creds := "tls-verify=false", []string{}
		if cert := srv.Certificate(); cert != nil {
			dir := t.TempDir()
			block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
			require.NoError(t, os.WriteFile(filepath.Join(dir, "ca.crt"), block, 0o600))
			tls, creds = "cert-dir="+dir, []string{"--creds", "user:pass"}
		}
		t.Run("skopeo and umoci/"+name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, run(t, "skopeo", append([]string{"inspect", "--" + tls, "docker://" + ref}, creds...)...), `"Architecture": "amd64"`)
			layout := filepath.Join(t.TempDir(), "image")
			args := []string{"copy", "--src-" + tls}
			if len(creds) > 0 {
				args = append(args, "--src-creds", "user:pass")
			}
			run(t, "skopeo", append(args, "docker://"+ref, "oci:"+layout+":v1")...)
			args = []string{"copy", "--dest-" + tls}
			if len(creds) > 0 {
				args = append(args, "--dest-creds", "user:pass")
			}
			run(t, "skopeo", append(args, "oci:"+layout+":v1", "docker://"+srv.Host()+"/demo/copy:v2")...)
			_, err := srv.Store.ResolveTag(t.Context(), "demo/copy", "v2")
			require.NoError(t, err)
			bundle := filepath.Join(t.TempDir(), "bundle")
			run(t, "umoci", "unpack", "--rootless", "--image", layout+":v1", bundle)
			b, err := os.ReadFile(filepath.Join(bundle, "rootfs", "hello"))
			require.NoError(t, err)
			require.Equal(t, "world", string(b))
		})
		t.Run("podman/"+name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "pod") // its path may have 50 characters at most
			require.NoError(t, err)
			defer os.RemoveAll(dir)
			args := []string{"--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "vfs",
				"pull", "--quiet", "--" + tls}
			require.NotEmpty(t, run(t, "podman", append(append(args, creds...), ref)...))
		})
	}
}

// TestSkopeoAgainstAnonymousPull: it logs in with the right password only, pushes
// with it, and reads without.
func TestSkopeoAgainstAnonymousPull(t *testing.T) {
	t.Parallel()
	for name, bearer := range map[string]bool{"basic": false, "bearer": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := registrytest.New(t, registrytest.Options{
				Auth: &registrytest.Auth{Users: users, AnonymousPull: true, Bearer: bearer},
			})
			pushImage(t, newRepo(t, srv, "demo/app", "user", "pass"))
			ref, authfile := "docker://"+srv.Host()+"/demo/", filepath.Join(t.TempDir(), "auth.json")
			// No credentials of whoever runs the test.
			write(t, authfile, "{}")
			require.Contains(t, run(t, "skopeo", "inspect", "--authfile", authfile, "--tls-verify=false", ref+"app:v1"), `"amd64"`)
			login := func(password string) error {
				return exec.CommandContext(t.Context(), "skopeo", "login", "--authfile", authfile, "--tls-verify=false",
					"--username", "user", "--password", password, srv.Host()).Run()
			}
			require.Error(t, login("wrong"))
			require.NoError(t, login("pass"))
			run(t, "skopeo", "copy", "--authfile", authfile, "--src-tls-verify=false", "--dest-tls-verify=false", ref+"app:v1", ref+"copy:v1")
			_, err := srv.Store.ResolveTag(t.Context(), "demo/copy", "v1")
			require.NoError(t, err)
		})
	}
}
