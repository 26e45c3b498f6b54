// SPDX-FileCopyrightText: Copyright 2026 The skillcask Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package skills_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/skillcask/skillcask/skills"
	ocilayout "github.com/skillcask/skillcask/skills/layout"
)

// foreignSkill is a skill in a registry, for programs that are no kin of ours.
type foreignSkill struct {
	ref    string
	pushed *skills.PackageResult
	want   map[string]string // as of fileTree
}

// onEachSkill pushes every sample to every registry and then runs test.
func onEachSkill(t *testing.T, test func(t *testing.T, s *server, f foreignSkill)) {
	onEachServer(t, func(t *testing.T, s *server) {
		registry, _ := s.registry(t, auth.EmptyCredential)
		for _, skill := range samples(t) {
			t.Run(skill, func(t *testing.T) {
				f := foreignSkill{ref: s.ref(t, "foreign", skill)}
				dir := filepath.Join(sampleDir, skill)
				var err error
				f.pushed, err = registry.PushDir(t.Context(), dir, f.ref, skills.PackageOptions{})
				require.NoError(t, err)
				f.want = sourceTree(t, dir, f.pushed)
				test(t, s, f)
			})
		}
	})
}

// tool runs a program, logged in to the server, and returns its standard output.
func (s *server) tool(t *testing.T, path string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, args...)
	home := t.TempDir()
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME="+home,
		"REGISTRY_AUTH_FILE="+s.authFile(t, home),
		"CONTAINERS_REGISTRIES_CONF="+writeFile(t, home, "registries.conf", ""),
		"TAR_OPTIONS=", "LC_ALL=C")
	var out, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	require.NoError(t, cmd.Run(), "%s %s\n%s", filepath.Base(path), strings.Join(args, " "), diagnostics.String())
	return out.Bytes()
}

func skopeo(t *testing.T) string {
	return program(t, "skopeo", "", "apt-get install skopeo")
}

// TestIntegrationSkopeoCopies copies all platforms into a layout and a plain
// directory; the index comes out with our digest.
func TestIntegrationSkopeoCopies(t *testing.T) {
	path := skopeo(t)
	onEachSkill(t, func(t *testing.T, s *server, f foreignSkill) {
		dir := t.TempDir()
		layoutPath, plain := filepath.Join(dir, "layout"), filepath.Join(dir, "plain")
		for _, dest := range []string{"oci:" + layoutPath + ":copied", "dir:" + plain} {
			s.tool(t, path, "--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", "docker://"+f.ref, dest)
		}
		index, err := os.ReadFile(filepath.Join(plain, "manifest.json"))
		require.NoError(t, err)
		require.Equal(t, f.pushed.IndexDigest, digest.FromBytes(index))

		layout, err := ocilayout.Open(layoutPath)
		require.NoError(t, err)
		verified, err := skills.Verify(t.Context(), layout, "copied", filepath.Join(sampleDir, f.pushed.Config.Name), skills.VerifyOptions{})
		require.NoError(t, err)
		require.True(t, verified.Identical)
		require.Equal(t, f.pushed.IndexDigest, verified.Digest)
	})
}

func TestIntegrationSkopeoInspects(t *testing.T) {
	path := skopeo(t)
	onEachSkill(t, func(t *testing.T, s *server, f foreignSkill) {
		for _, arch := range []string{"amd64", "arm64"} {
			var got struct {
				Digest       digest.Digest
				Os           string
				Architecture string
				Labels       map[string]string
				Layers       []digest.Digest
			}
			out := s.tool(t, path, "--override-os", "linux", "--override-arch", arch, "inspect", "--tls-verify=false", "docker://"+f.ref)
			require.NoError(t, json.Unmarshal(out, &got))
			require.Equal(t, f.pushed.IndexDigest, got.Digest)
			require.Equal(t, "linux/"+arch, got.Os+"/"+got.Architecture)
			require.Equal(t, f.pushed.Config.Name, got.Labels[skills.LabelSkillName])
			require.Equal(t, f.pushed.Config.Description, got.Labels[skills.LabelSkillDescription])
			require.Equal(t, []digest.Digest{f.pushed.LayerDigest}, got.Layers)
		}
		raw := s.tool(t, path, "inspect", "--raw", "--tls-verify=false", "docker://"+f.ref)
		require.Equal(t, f.pushed.IndexDigest, digest.FromBytes(raw))
	})
}

// TestIntegrationUmociUnpacks unpacks one platform, which skopeo copied: umoci
// takes an index for ambiguous.
func TestIntegrationUmociUnpacks(t *testing.T) {
	path, copier := program(t, "umoci", "", "apt-get install umoci"), skopeo(t)
	onEachSkill(t, func(t *testing.T, s *server, f foreignSkill) {
		dir := t.TempDir()
		for _, arch := range []string{"amd64", "arm64"} {
			layout, bundle := filepath.Join(dir, arch), filepath.Join(dir, "bundle-"+arch)
			s.tool(t, copier, "--insecure-policy", "--override-os", "linux", "--override-arch", arch,
				"copy", "--quiet", "--src-tls-verify=false", "docker://"+f.ref, "oci:"+layout+":one")
			s.tool(t, path, "unpack", "--rootless", "--image", layout+":one", bundle)
			require.Equal(t, f.want, fileTree(t, filepath.Join(bundle, "rootfs")))
		}
	})
}

// TestIntegrationPodmanPulls pulls with podman and looks at the files that its
// storage driver vfs keeps.
func TestIntegrationPodmanPulls(t *testing.T) {
	path := program(t, "podman", "", "apt-get install podman")
	onEachSkill(t, func(t *testing.T, s *server, f foreignSkill) {
		root := t.TempDir()
		run, err := os.MkdirTemp("", "run-") // podman takes no path of over 50 characters
		require.NoError(t, err)
		t.Cleanup(func() { os.RemoveAll(run) })
		podman := func(args ...string) []byte {
			t.Helper()
			return s.tool(t, path, append([]string{"--root", root, "--runroot", run, "--storage-driver", "vfs"}, args...)...)
		}
		policy := writeFile(t, t.TempDir(), "policy.json", `{"default":[{"type":"insecureAcceptAnything"}]}`)
		podman("pull", "--quiet", "--tls-verify=false", "--signature-policy", policy, f.ref)

		var images []struct {
			RepoTags []string
			Labels   map[string]string
			RootFS   struct{ Layers []digest.Digest }
		}
		require.NoError(t, json.Unmarshal(podman("image", "inspect", f.ref), &images))
		require.Len(t, images, 1)
		require.Equal(t, []string{f.ref}, images[0].RepoTags)
		require.Equal(t, f.pushed.Config.Name, images[0].Labels[skills.LabelSkillName])
		require.Len(t, images[0].RootFS.Layers, 1)

		layers, err := filepath.Glob(filepath.Join(root, "vfs", "dir", "*"))
		require.NoError(t, err)
		require.Len(t, layers, 1)
		require.Equal(t, f.want, fileTree(t, layers[0]))
		podman("rmi", f.ref)
	})
}

// TestIntegrationTarReads reads the layer, as the registry gives it, with the
// tar program.
func TestIntegrationTarReads(t *testing.T) {
	path := program(t, "tar", "", "apt-get install tar")
	onEachSkill(t, func(t *testing.T, s *server, f foreignSkill) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.blobURL(f.ref, f.pushed.LayerDigest), nil)
		require.NoError(t, err)
		response, err := s.authClient(t).Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode)
		dir := t.TempDir()
		layer, err := os.Create(filepath.Join(dir, "layer.tar.gz"))
		require.NoError(t, err)
		_, err = layer.ReadFrom(response.Body)
		require.NoError(t, err)
		require.NoError(t, layer.Close())

		modes := map[string]string{}
		listing := s.tool(t, path, "--quoting-style=literal", "--numeric-owner", "-tvzf", layer.Name())
		line := regexp.MustCompile(`^(\S+) 0/0 +\d+ 1970-01-01 00:00 (.+)$`)
		for _, text := range strings.Split(strings.TrimSuffix(string(listing), "\n"), "\n") {
			match := line.FindStringSubmatch(text)
			require.NotNil(t, match, text)
			modes[match[2]] = match[1]
		}
		want := map[string]string{}
		for name, file := range f.want {
			want[name] = "-rw-r--r--"
			if strings.HasPrefix(file, "executable=true") {
				want[name] = "-rwxr-xr-x"
			}
		}
		require.Equal(t, want, modes)

		out := filepath.Join(dir, "out")
		require.NoError(t, os.Mkdir(out, 0o755))
		s.tool(t, path, "-xzf", layer.Name(), "-C", out)
		require.Equal(t, f.want, fileTree(t, out))
	})
}

// blobURL returns the address of a blob in the repository of ref.
func (s *server) blobURL(ref string, blob digest.Digest) string {
	repository := strings.TrimSuffix(strings.TrimPrefix(ref, s.host+"/"), ":1.0.0")
	return fmt.Sprintf("%s/v2/%s/blobs/%s", s.url(), repository, blob)
}

// TestIntegrationOrasCopies copies with oras.Copy and its own client alone, from
// each kind of store, and back into a layout of oras-go.
func TestIntegrationOrasCopies(t *testing.T) {
	onEachServer(t, func(t *testing.T, s *server) {
		for _, skill := range samples(t) {
			t.Run(skill, func(t *testing.T) {
				ctx := t.Context()
				path := filepath.Join(t.TempDir(), "layout")
				layout, err := ocilayout.Open(path)
				require.NoError(t, err)
				inMemory := memory.New()
				var packed *skills.PackageResult
				for _, store := range []oras.Target{layout, inMemory} {
					packed, err = skills.NewPackager(store).Package(ctx, filepath.Join(sampleDir, skill), skills.PackageOptions{Tag: "1.0.0"})
					require.NoError(t, err)
				}
				theirs, err := oci.New(path)
				require.NoError(t, err)
				for kind, store := range map[string]oras.ReadOnlyTarget{"layout": layout, "memory": inMemory, "oras-layout": theirs} {
					repository, err := remote.NewRepository(strings.TrimSuffix(s.ref(t, kind, skill), ":1.0.0"))
					require.NoError(t, err)
					repository.PlainHTTP = !s.tls
					repository.Client = s.authClient(t)
					copied, err := oras.Copy(ctx, store, "1.0.0", repository, "1.0.0", oras.DefaultCopyOptions)
					require.NoError(t, err)
					require.Equal(t, packed.IndexDigest, copied.Digest)

					back, err := oci.New(filepath.Join(t.TempDir(), "back"))
					require.NoError(t, err)
					copied, err = oras.Copy(ctx, repository, "1.0.0", back, "1.0.0", oras.DefaultCopyOptions)
					require.NoError(t, err)
					require.Equal(t, packed.IndexDigest, copied.Digest)
					verified, err := skills.Verify(ctx, back, "1.0.0", filepath.Join(sampleDir, skill), skills.VerifyOptions{})
					require.NoError(t, err)
					require.True(t, verified.Identical)
				}
			})
		}
	})
}
